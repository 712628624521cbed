//! The name that was probably meant.

/// Characters of a name beyond which no near name is looked for.
const NAME_CHARS_MAX: usize = 64;

/// The one of `known` that `name` was probably meant to be, if any is within a third of its length.
pub(super) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let chars = name.chars().count();
    if chars > NAME_CHARS_MAX {
        return None;
    }
    let (name, typos_max) = (name.to_lowercase(), (chars / 3).max(1));
    let distances = known.into_iter().map(|k| (distance(&name, &k.to_lowercase()), k));
    distances.filter(|(d, _)| *d <= typos_max).min().map(|(_, k)| k)
}

/// Levenshtein distance in characters, two neighbours swapped counting as one slip.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = vec![];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let change = above[j] + usize::from(a[i] != b[j]);
            let mut least = change.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let known = ["timeout", "body_max", "url"];
        assert_eq!(nearest("tiemout", known), Some("timeout"));
        assert_eq!(nearest("URL", known), Some("url"));
        assert_eq!(nearest("bodymax", known), Some("body_max"));
        assert_eq!(nearest("concurrency", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("ulr", known), Some("url"));
    }
}
