//! Words that a user calls equal, on top of those that are equal for everybody.

use std::collections::{BTreeMap, HashMap};

use super::{Folded, fold, is_han, phrases::Phrases};

/// Words altogether.
const WORDS_MAX: usize = 10_000;

/// Folding in which further Han words are one, each list of them: 晶圓代工 and 芯片代工.
///
/// For matching only. Identity is told from [`fold`] alone, since what a text *is* must not depend on a setting.
#[derive(Debug, Default)]
pub struct Words(Option<Phrases>);

/// A word that cannot be called equal to others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WordError {
    /// Index of the list.
    pub list: usize,
    /// Index of the word in it; `None`: the list as a whole.
    pub word: Option<usize>,
    /// Why.
    pub reason: String,
}

impl Words {
    /// The words of each of `lists` become the first of it.
    ///
    /// # Errors
    /// Every word that is not of Han characters alone, or stands in two lists; every list of fewer than two words.
    pub fn new(lists: &[Vec<String>]) -> Result<Self, Vec<WordError>> {
        let (mut errors, mut seen) = (vec![], HashMap::new());
        let mut all: BTreeMap<String, Option<String>> = BTreeMap::new();
        for (list, words) in lists.iter().enumerate() {
            let mut wrong = |word, reason: &str| errors.push(WordError { list, word, reason: reason.into() });
            if words.len() < 2 {
                wrong(None, "a list of equal words needs at least two");
            }
            let folded: Vec<String> = words.iter().map(|w| fold(w).into_string()).collect();
            for (i, word) in folded.iter().enumerate() {
                if word.is_empty() || !word.chars().all(is_han) {
                    wrong(Some(i), "only words of Han characters can be called equal; an alias holds any words");
                } else if *seen.entry(word.clone()).or_insert(list) != list {
                    wrong(Some(i), "this word stands in an earlier list");
                }
            }
            let Some(first) = folded.first() else { continue };
            all.insert(first.clone(), None);
            all.extend(folded.iter().filter(|w| *w != first).map(|w| (w.clone(), Some(first.clone()))));
        }
        if seen.len() > WORDS_MAX {
            let reason = format!("more than {WORDS_MAX} words");
            errors.push(WordError { list: lists.len() - 1, word: None, reason });
        }
        match errors.is_empty() {
            true => Ok(Self((!all.is_empty()).then(|| Phrases::new(all)))),
            false => Err(errors),
        }
    }

    /// Folds `s`, and makes the words one.
    #[must_use]
    pub fn fold(&self, s: &str) -> Folded {
        let folded = fold(s);
        let Some(phrases) = &self.0 else { return folded };
        let (text, runs) = phrases.replace(folded.text, folded.runs);
        Folded { text, runs, original_bytes: folded.original_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(lists: &[&[&str]]) -> Vec<Vec<String>> {
        lists.iter().map(|l| l.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn words_of_a_list_are_one_and_the_original_is_kept() {
        let words = Words::new(&lists(&[&["晶圆代工", "芯片代工", "矽圓代工"]])).unwrap();
        assert_eq!(words.fold("晶圓代工").as_str(), "晶圆代工");
        assert_eq!(words.fold("晶片代工").as_str(), "晶圆代工");
        let folded = words.fold("台積電的矽圓代工業務");
        assert_eq!(folded.as_str(), "台积电的晶圆代工业务");
        let at = folded.as_str().find("晶圆代工").unwrap();
        assert_eq!(&"台積電的矽圓代工業務"[folded.original(at..at + "晶圆代工".len())], "矽圓代工");
        let twice = words.fold(folded.as_str());
        assert_eq!(twice.as_str(), folded.as_str());
    }

    #[test]
    fn no_lists_change_nothing() {
        let words = Words::new(&[]).unwrap();
        assert_eq!(words.fold("芯片代工").as_str(), fold("芯片代工").as_str());
    }

    #[test]
    fn everything_wrong_is_said() {
        let wrong = Words::new(&lists(&[&["芯片"], &["台积电", "TSMC"], &["台積電", "护国神山"]])).unwrap_err();
        let places: Vec<_> = wrong.iter().map(|e| (e.list, e.word)).collect();
        assert_eq!(places, [(0, None), (1, Some(1)), (2, Some(0))]);
    }
}
