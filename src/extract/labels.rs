//! Fields that a page labels in its text: who wrote it, which paper it is from.
//!
//! `2026-11-21 22:18 | 原作者: 甲 | 来自: 乙報` and the like, in both scripts and in English.

use scraper::ElementRef;

use super::dom::{Next, Step, walk_some};
use super::imprint::counter_in;

/// Longest author or origin, in characters; longer text is a sentence that happens to follow a label.
const VALUE_CHARS_MAX: usize = 60;
/// Longest line that says where an article was first published, in characters.
const REPRINT_CHARS_MAX: usize = 200;
/// Longest text that is read for labels, in bytes.
const TEXT_BYTES_MAX: usize = 4096;

/// Labels of the paper a story is from, the more telling first.
const ORIGIN: &[&str] = &[
    "文章来源",
    "文章來源",
    "稿件来源",
    "稿件來源",
    "新闻来源",
    "新聞來源",
    "信息来源",
    "消息来源",
    "消息來源",
    "内容来源",
    "本文来源",
    "本文來源",
    "来源于",
    "來源於",
    "来源",
    "來源",
    "来 源",
    "稿源",
    "本文转载自",
    "本文轉載自",
    "本文转自",
    "本文轉自",
    "转载自",
    "轉載自",
    "转自",
    "轉自",
    "来自",
    "來自",
    "出处",
    "出處",
    "原载",
    "原載",
    "source",
    "via",
    "originally published by",
    "originally published in",
];
/// Labels of the author, the more telling first.
const AUTHOR: &[&str] = &[
    "原作者",
    "文章作者",
    "本文作者",
    "作者",
    "作 者",
    "撰文",
    "撰稿",
    "文字记者",
    "記者",
    "记者",
    "author",
    "written by",
    "by",
];
/// Openings of a text that need no colon before the paper.
const ORIGIN_BARE: &[&str] = &["via "];
/// Openings of lines that say where an article was first published; the paper follows.
const REPRINTS: &[&str] = &[
    "originally published by ",
    "originally published in ",
    "originally published on ",
    "originally appeared in ",
    "originally appeared on ",
    "first published by ",
    "first published in ",
    "republished from ",
    "reprinted from ",
    "first appeared in ",
    "first appeared on ",
];
/// Openings of a text that need no colon before the author.
const AUTHOR_BARE: &[&str] = &[
    "文/",
    "文／",
    "文 /",
    "文 ／",
    "文|",
    "by ",
    "撰文/",
    "撰文／",
    "作者/",
    "作者／",
    "记者/",
    "記者/",
    "記者／",
    "本报记者 ",
    "本報記者 ",
];
/// What ends a value.
const SEPARATORS: &[char] = &[
    '|', '｜', '丨', '│', '【', '】', '（', '）', '(', ')', '[', ']', '\n', '▪', '•', '→', '>', '<', ';', '；',
    '\u{3000}', '。',
];
/// What parts a label from its value.
const COLONS: &[char] = &[':', '：', '︰', '﹕'];
/// What is not part of a value at its ends.
const TRIMMED: &[char] = &['“', '”', '"', '《', '》', '「', '」', '-', '—', '·', ',', '，', ':', '：', '/', ' '];

/// What a text labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// The paper that the story is from.
    pub(super) origin: Option<String>,
    /// Who wrote it.
    pub(super) author: Option<String>,
}

impl Fields {
    /// `self`, with what it lacks from `other`.
    pub(super) fn or(self, other: Self) -> Self {
        Self { origin: self.origin.or(other.origin), author: self.author.or(other.author) }
    }
}

/// The text of `element` for reading labels, if it is of `chars_max` characters at most.
pub(super) fn text_within(element: ElementRef<'_>, chars_max: usize) -> Option<String> {
    let text = text_to(element, chars_max.saturating_mul(char::MAX.len_utf8()));
    (text.chars().count() <= chars_max).then_some(text)
}

/// The text of `element` for reading labels: pieces of different elements, and pieces that runs of no-break spaces
/// part, are two spaces from each other.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    text_to(element, TEXT_BYTES_MAX)
}

/// The same, up to the piece that makes it longer than `bytes_max`.
fn text_to(element: ElementRef<'_>, bytes_max: usize) -> String {
    let mut out = String::new();
    walk_some(element, |step| {
        let Step::Text(text) = step else {
            out.push_str("  ");
            return if out.len() <= bytes_max { Next::Into } else { Next::Stop };
        };
        let mut wide = false;
        for c in text.chars() {
            if matches!(c, '\u{a0}' | '\u{3000}') && wide {
                out.push_str("  ");
            } else if !c.is_whitespace() {
                out.push(c);
            } else if !out.ends_with(' ') {
                out.push(' ');
            }
            wide = matches!(c, '\u{a0}' | '\u{3000}');
        }
        Next::Into
    });
    out
}

/// Reads the labelled fields of `text`.
pub(super) fn read(text: &str) -> Fields {
    let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    Fields {
        origin: field(text, ORIGIN, ORIGIN_BARE),
        author: field(text, AUTHOR, AUTHOR_BARE).filter(|a| !is_robot(a)),
    }
}

/// The paper of a line like `This article was originally published in The Example Times.`
pub(super) fn reprinted(line: &str) -> Option<String> {
    if line.chars().count() > REPRINT_CHARS_MAX || !line.is_ascii() {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let (at, label) = REPRINTS.iter().find_map(|r| lower.find(r).map(|at| (at, r)))?;
    let rest = &line[at + label.len()..];
    let end = [". ", ", ", " and ", " on ", " under ", " at "]
        .iter()
        .filter_map(|s| rest.find(s))
        .min()
        .unwrap_or(rest.len());
    let named = rest.trim_start().starts_with(|c: char| c.is_ascii_uppercase());
    value(rest[..end].trim_end_matches('.')).filter(|_| named)
}

/// Whether `text` is nothing but labelled fields, dates and counters.
pub(super) fn is_only_fields(text: &str) -> bool {
    let text = text.trim().trim_matches(['(', ')', '（', '）', '[', ']', '【', '】', '「', '」']);
    if text.chars().count() > VALUE_CHARS_MAX {
        return false;
    }
    let starts = |labels: &[&str]| labels.iter().any(|l| after_label(text, l).is_some());
    (starts(ORIGIN) || starts(AUTHOR)) && !text.contains(['。', '！', '？', '!', '?'])
}

/// The value of the first of `labels` that `text` has, or what follows one of `bare` at its start.
fn field(text: &str, labels: &[&str], bare: &[&str]) -> Option<String> {
    let opening = |b: &&str| {
        let text = text.trim_start();
        text.get(..b.len()).filter(|head| same(head, b)).and_then(|head| value(&text[head.len()..]))
    };
    let labelled = || {
        let lower = text.to_ascii_lowercase();
        labels.iter().find_map(|label| labelled(text, &lower, label))
    };
    let is_labelled = text.contains(COLONS);
    is_labelled.then(labelled).flatten().or_else(|| bare.iter().find_map(opening))
}

/// The name in `declared`, which may come with its label; `None` when it names nobody.
pub(super) fn name(declared: &str) -> Option<String> {
    let fields = read(declared);
    let labelled = fields.author.or(fields.origin);
    let value = labelled.unwrap_or_else(|| declared.trim_matches(TRIMMED).trim_matches(['／', '|']).trim().to_owned());
    let names = value.chars().any(char::is_alphabetic)
        && !value.contains('@')
        && !value.starts_with("http")
        && !is_robot(&value);
    names.then_some(value)
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// What follows `label` and its colon at the start of `text`.
fn after_label<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let head = text.get(..label.len())?;
    if !same(head, label) {
        return None;
    }
    text[label.len()..].trim_start().strip_prefix(COLONS)
}

/// The value of `label` anywhere in `text`, in lower case `lower`, where a field may begin.
fn labelled(text: &str, lower: &str, label: &str) -> Option<String> {
    lower.match_indices(label).find_map(|(at, _)| {
        // `圖片來源:` is the label of something else.
        let before = &text[..at];
        let begins = if label.is_ascii() {
            // Nor is `Image source:`.
            before.is_empty()
                || before.ends_with("  ")
                || ends_with_date(before)
                || before.trim_end().ends_with(|c: char| c.is_ascii_punctuation() || SEPARATORS.contains(&c))
        } else {
            before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_')
        };
        if !begins {
            return None;
        }
        after_label(&text[at..], label).and_then(value)
    })
}

/// The value at the start of `rest`, up to a separator, a date or the next label.
fn value(rest: &str) -> Option<String> {
    let rest = rest.trim_start();
    // `某社浏览(12)`: how many looked is no part of the name.
    let rest = &rest[..counter_in(rest).unwrap_or(rest.len())];
    let mut end = rest.find(SEPARATORS).unwrap_or(rest.len());
    end = rest[..end].find("  ").unwrap_or(end);
    for (at, _) in rest[..end].match_indices(' ') {
        let word = rest[at + 1..end].split(' ').next().unwrap_or_default();
        if begins_with_year(word) || names_label(word) {
            end = at;
            break;
        }
    }
    // A dash before a figure begins a date: `Ann Lee - 05/06/26`.
    let figure = |at: usize| rest[at + 3..].starts_with(|c: char| c.is_ascii_digit());
    end = rest[..end].match_indices(" - ").map(|(at, _)| at).find(|at| figure(*at)).unwrap_or(end);
    let value = rest[..end].trim_matches(TRIMMED);
    let (letters, chars) = (value.chars().any(char::is_alphabetic), value.chars().count());
    let fits = letters && chars <= VALUE_CHARS_MAX && !names_label(value) && !value.starts_with("http");
    fits.then(|| value.to_owned())
}

/// Whether the last word of `text` is a date or a time.
fn ends_with_date(text: &str) -> bool {
    let word = text.split_whitespace().next_back().unwrap_or_default();
    let figures = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | ':' | '.'));
    figures && text.ends_with(' ') && word.chars().filter(char::is_ascii_digit).count() >= 3
}

fn begins_with_year(word: &str) -> bool {
    word.chars().take_while(char::is_ascii_digit).count() == 4
}

/// Whether `word` is a short word and a colon.
fn names_label(word: &str) -> bool {
    word.find([':', '：']).is_some_and(|i| i > 0 && word[..i].chars().count() <= 6)
}

/// Whether an author's name is an account that publishes, not a person or a desk.
fn is_robot(name: &str) -> bool {
    ["admin", "administrator", "root", "webmaster", "管理员", "管理員", "佚名", "匿名", "未知", "unknown", "anonymous"]
        .iter()
        .any(|r| same(name, r))
}

#[cfg(test)]
mod tests {
    use super::super::dom;
    use super::*;

    fn both(text: &str) -> (Option<String>, Option<String>) {
        let f = read(text);
        (f.origin, f.author)
    }

    fn some(o: &str, a: &str) -> (Option<String>, Option<String>) {
        let opt = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        (opt(o), opt(a))
    }

    #[test]
    fn fields_end_where_the_next_begins() {
        assert_eq!(
            both("2026-1-2 03:04 | 发布者: admin | 查看: 1 | 评论: 2 | 原作者: 甲乙 | 来自: 丙報副刊"),
            some("丙報副刊", "甲乙")
        );
        assert_eq!(both("某某臺:2026-01-02 22:42| 來源:丁時報 | 評論( 1 )"), some("丁時報", ""));
        assert_eq!(both("来源：戊网 作者：己庚 2026年1月2日"), some("戊网", "己庚"));
        assert_eq!(both("Source: The Example Times | By: Ann Lee"), some("The Example Times", "Ann Lee"));
        assert_eq!(both("By Ann Lee  March 3"), some("", "Ann Lee"));
        assert_eq!(both("2026-01-02 03:04 Source: Sea Weekly 12 views"), some("Sea Weekly", ""));
        assert_eq!(both("来源：戊网浏览(3) 作者：己庚 4人阅读"), some("戊网", "己庚"));
        assert_eq!(both("文／辛壬"), some("", "辛壬"));
        assert_eq!(both("稿源：《癸報》（編輯：子）"), some("癸報", ""));
    }

    #[test]
    fn what_is_no_field_is_not_read() {
        assert_eq!(both("圖片來源：某社"), some("", ""));
        assert_eq!(both("Image Source: Someone"), some("", ""));
        assert_eq!(both("发布者: admin"), some("", ""));
        assert_eq!(both("作者：佚名 来源："), some("", ""));
        assert_eq!(both("He said by then the source was lost."), some("", ""));
        assert!(!is_only_fields("來源不明的貨物在港口被扣。"));
        assert!(is_only_fields("（来源：戊网 作者：己庚）"));
    }

    #[test]
    fn reprints_name_their_paper() {
        for (line, paper) in [
            ("This article was originally published in The Example Times.", Some("The Example Times")),
            ("Originally published by Harbor Wire on May 5, 2026. All rights reserved.", Some("Harbor Wire")),
            ("(Republished from Sea Weekly)", Some("Sea Weekly")),
            ("The rules were first published in 1998.", None),
            ("The book, first published in many small parts, sold well.", None),
        ] {
            assert_eq!(reprinted(line).as_deref(), paper, "{line}");
        }
    }

    #[test]
    fn declared_names_lose_their_label() {
        assert_eq!(name("By Ann Lee").as_deref(), Some("Ann Lee"));
        assert_eq!(name("来源：甲网").as_deref(), Some("甲网"));
        assert_eq!(name("乙 ／").as_deref(), Some("乙"));
        for nobody in ["104363", "name, a@b.example", "admin", "https://a.example/p", " "] {
            assert_eq!(name(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn elements_part_fields() {
        let doc =
            dom::fragment("<p><span>来源：<a>甲网</a></span><span>2026-01-02</span><b>作者：</b>O'Neil &amp; Co</p>");
        let text = text_of(doc.root_element());
        assert_eq!(both(&text), some("甲网", "O'Neil & Co"));
    }
}
