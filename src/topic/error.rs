//! What is wrong with a query, where, and what was probably meant.

use std::ops::Range;

use thiserror::Error;

/// Characters of a name beyond which no near name is looked for.
const NAME_CHARS_MAX: usize = 64;

/// A query or alias that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}{}", hint.as_ref().map(|h| format!(" ({h})")).unwrap_or_default())]
pub struct QueryError {
    /// Bytes of the query that are wrong.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected, or the nearest known name.
    pub hint: Option<String>,
}

impl QueryError {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: Some(hint.into()) }
    }
}

/// The one of `known` that `name` was probably meant to be.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let length = name.chars().count();
    if length > NAME_CHARS_MAX {
        return None;
    }
    let typos_max = (length / 3).max(1);
    known
        .filter(|k| k.chars().count() <= NAME_CHARS_MAX)
        .map(|k| (distance(&name.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(d, _)| *d <= typos_max)
        .min()
        .map(|(_, k)| k)
}

/// Typing slips between `a` and `b`: characters added, left out, changed, or swapped with the next one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = vec![];
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let change = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("titel", "title"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("晶片", "芯片"), 1);
    }

    #[test]
    fn near_names_only() {
        let known = || ["title", "body", "chip"].into_iter();
        assert_eq!(nearest("chips", known()), Some("chip"));
        assert_eq!(nearest("Title", known()), Some("title"));
        assert_eq!(nearest("weather", known()), None);
        assert_eq!(nearest(&"x".repeat(100), known()), None);
    }
}
