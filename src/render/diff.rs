//! What an edit changed: words for Latin, characters for Han.

use std::time::{Duration, Instant};

use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};
use utoipa::ToSchema;

use crate::text::is_han;

/// Tokens of one side that are compared; the rest of a longer text is one piece.
const TOKENS_MAX: usize = 20_000;
/// A comparison that takes longer is finished roughly.
const TIME_MAX: Duration = Duration::from_millis(200);
/// An edit of at most so many characters is minor.
const MINOR_CHARS_MAX: usize = 12;

/// What became of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It stands in both.
    Kept,
    /// It stands in the older one only.
    Deleted,
    /// It stands in the newer one only.
    Inserted,
}

/// A piece of text and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    /// What became of it.
    pub fate: Fate,
    /// The text.
    pub text: String,
}

/// How `new` came from `old`, in order: kept and deleted pieces make up the one, kept and inserted ones the other.
#[must_use]
pub fn diff(old: &str, new: &str) -> Vec<Piece> {
    let (a, b) = (tokens(old), tokens(new));
    let deadline = Instant::now().checked_add(TIME_MAX);
    let mut pieces: Vec<Piece> = vec![];
    let mut push = |fate, tokens: &[&str]| {
        let text = tokens.concat();
        match pieces.last_mut().filter(|p| p.fate == fate) {
            _ if text.is_empty() => {}
            Some(last) => last.text.push_str(&text),
            None => pieces.push(Piece { fate, text }),
        }
    };
    for op in capture_diff_slices_deadline(Algorithm::Myers, &a, &b, deadline) {
        let (tag, old, new) = op.as_tag_tuple();
        match tag {
            DiffTag::Equal => push(Fate::Kept, &a[old]),
            _ => {
                push(Fate::Deleted, &a[old]);
                push(Fate::Inserted, &b[new]);
            }
        }
    }
    pieces
}

/// Whether an edit is a correction of a few characters.
#[must_use]
pub fn is_minor(pieces: &[Piece]) -> bool {
    let count = |fate| -> usize { pieces.iter().filter(|p| p.fate == fate).map(|p| p.text.chars().count()).sum() };
    count(Fate::Deleted).max(count(Fate::Inserted)) <= MINOR_CHARS_MAX
}

/// Han characters alone, other words whole, everything between them by the character.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = vec![];
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let in_word = c.is_alphanumeric() && !is_han(c);
        if !in_word {
            out.extend(Some(&text[start..at]).filter(|w| !w.is_empty()));
            out.push(&text[at..end]);
            start = end;
        }
        if out.len() >= TOKENS_MAX {
            break;
        }
    }
    out.extend(Some(&text[start..]).filter(|w| !w.is_empty()));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|p| match p.fate {
                Fate::Kept => p.text.clone(),
                Fate::Deleted => format!("[-{}-]", p.text),
                Fate::Inserted => format!("[+{}+]", p.text),
            })
            .collect()
    }

    #[test]
    fn words_change_as_a_whole_and_han_characters_alone() {
        assert_eq!(
            shown(&diff("The ferry sinks at noon", "The ferry sank at noon")),
            "The ferry [-sinks-][+sank+] at noon"
        );
        assert_eq!(shown(&diff("渡轮周五恢复运营", "渡轮周日恢复运营。")), "渡轮周[-五-][+日+]恢复运营[+。+]");
        assert_eq!(shown(&diff("same", "same")), "same");
        assert_eq!(shown(&diff("", "new")), "[+new+]");
        assert!(diff("", "").is_empty());
    }

    #[test]
    fn a_correction_of_a_few_characters_is_minor() {
        assert!(is_minor(&diff("渡轮周五恢复运营", "渡轮周日恢复运营")));
        assert!(!is_minor(&diff("渡轮周五恢复运营", "渡轮周五恢复运营，票价上涨，老人不受影响，学生照旧")));
        assert!(is_minor(&[]));
    }

    #[test]
    fn a_text_of_megabytes_ends_too() {
        let long = "字句".repeat(200_000);
        let pieces = diff(&long, &format!("新{long}"));
        assert_eq!(pieces.iter().filter(|p| p.fate != Fate::Inserted).map(|p| p.text.len()).sum::<usize>(), long.len());
    }

    proptest! {
        #[test]
        fn both_texts_are_in_it(a in "[a-c新旧 ，\n]{0,40}", b in "[a-c新旧 ，\n]{0,40}") {
            let pieces = diff(&a, &b);
            let side = |gone: Fate| pieces.iter().filter(|p| p.fate != gone).map(|p| p.text.as_str()).collect::<String>();
            prop_assert_eq!(side(Fate::Inserted), a);
            prop_assert_eq!(side(Fate::Deleted), b);
        }
    }
}
