//! Lines in a body that are none of the article: links to other articles, captions, appeals to subscribe.
//!
//! In: the lines of a body that no recipe found. Out: which of them stay. A page that is links throughout is left as it is.

use crate::text::is_han;

use super::parts::Around;
use super::phrases::{APPEALS, APPEALS_AT_ENDS, CREDIT_ENDS, CREDITS, ENDINGS, LEADS, STARTERS};
use super::plain::Line;

/// Longest line that is judged by its wording, in characters.
const CHARS_MAX: usize = 320;
/// Longest heading of a list of links, in characters.
const HEADING_CHARS_MAX: usize = 60;
/// Share of a line that is links from which it is a link, in percent.
const LINKED_PERCENT: usize = 80;
/// Longest credit at the end of a caption, in characters.
const CREDIT_CHARS_MAX: usize = 60;
/// Lines at the start of a body that may come before its first paragraph.
const HEAD_LINES_MAX: usize = 8;
/// Lines of a disclaimer at the end.
const DECLARATION_LINES_MAX: usize = 3;
/// Words of a disclaimer.
const DECLARATIONS: &[&str] = &["特别声明：", "特別聲明：", "免责声明", "免責聲明", "版权声明", "版權聲明"];
/// Words of such a line that is no sentence.
const HEAD_WORDS_MAX: usize = 3;
/// Weight of a paragraph; a Han character weighs three, about half a word.
const PARAGRAPH_WEIGHT_MIN: usize = 60;
const HAN_WEIGHT: usize = 3;
/// A page where one line in so many is a link is made of links.
const LINKS_SHARE: usize = 4;
/// Lines back from a line where it is not to be found again.
const REPEATED_LINES_MAX: usize = 2;
/// Lines that are looked up in a declared text.
const JUDGED_LINES_MAX: usize = 500;
/// Bytes of a declared text that lines are looked up in.
const JUDGED_BYTES_MAX: usize = 200_000;
/// Lines at each end of Han text where an appeal is one.
const APPEAL_LINES_MAX: usize = 4;
/// Longest appeal in Han text, in characters.
const HAN_APPEAL_CHARS_MAX: usize = 100;
/// Shortest line that is not said twice, in characters.
const REPEATED_CHARS_MIN: usize = 20;

/// Which of `lines` are the article's.
pub(super) fn kept(lines: &[Line], around: &Around, title: Option<&str>) -> Vec<bool> {
    // In Han text a caption is a line of the article as often as not.
    let (chars, han) =
        lines.iter().flat_map(|l| l.text.chars()).fold((0, 0), |(c, h), x| (c + 1, h + usize::from(is_han(x))));
    let is_latin = han * 10 < chars;
    let is_caption = |l: &Line| is_latin && (around.captions(&l.text) || is_credited(&l.text));
    let mut kept: Vec<bool> = lines.iter().map(|l| !is_caption(l) && !is_aside(l)).collect();
    drop_repeated(lines, &mut kept);
    drop_links(lines, &mut kept);
    if is_latin {
        drop_head(lines, &mut kept, title);
    } else {
        drop_appeals(lines, &mut kept);
    }
    drop_ending(lines, &mut kept);
    if let Some(declared) = &around.declared {
        drop_undeclared(lines, &mut kept, declared);
    }
    kept
}

/// Whether the wording of `line` alone says that it is none of the article.
fn is_aside(line: &Line) -> bool {
    let chars = line.text.chars().count();
    if chars > CHARS_MAX {
        return false;
    }
    let lower = line.text.to_lowercase();
    let bare = lower.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©');
    let leads = LEADS.iter().any(|l| bare.starts_with(l));
    let bare_lead = chars <= HEADING_CHARS_MAX / 2 && (bare.ends_with(':') || !ends_sentence(bare));
    let starts = STARTERS.iter().any(|s| bare.starts_with(s));
    starts || appeals(APPEALS, bare) || (leads && (line.linked * 3 >= chars || bare_lead))
}

fn appeals(pairs: &[(&str, &str)], lower: &str) -> bool {
    pairs.iter().any(|(one, other)| lower.contains(one) && lower.contains(other))
}

/// Drops appeals near both ends of Han text.
fn drop_appeals(lines: &[Line], kept: &mut [bool]) {
    let is_end = |n: usize| n < APPEAL_LINES_MAX || n + APPEAL_LINES_MAX >= lines.len();
    for (n, line) in lines.iter().enumerate().filter(|(n, _)| is_end(*n)) {
        let short = line.text.chars().count() <= HAN_APPEAL_CHARS_MAX;
        kept[n] &= !(short && appeals(APPEALS_AT_ENDS, &line.text.to_lowercase()));
    }
}

/// Whether `text` ends by saying whose picture it describes.
fn is_credited(text: &str) -> bool {
    let chars = text.chars().count();
    if chars > CHARS_MAX || text.ends_with(['.', '。', '!', '?', '”']) {
        return false;
    }
    let tail: String = text.to_lowercase().chars().skip(chars.saturating_sub(CREDIT_CHARS_MAX)).collect();
    CREDITS.iter().any(|c| tail.contains(c)) || CREDIT_ENDS.iter().any(|c| tail.trim_end().ends_with(c))
}

/// Drops what is said twice in a row, or nearly.
fn drop_repeated(lines: &[Line], kept: &mut [bool]) {
    for (at, line) in lines.iter().enumerate().filter(|(_, l)| l.text.chars().count() >= REPEATED_CHARS_MIN) {
        let said = lines[at.saturating_sub(REPEATED_LINES_MAX)..at].iter().any(|l| l.text == line.text);
        kept[at] &= !said;
    }
}

/// Drops lines that are links, and headings over them.
fn drop_links(lines: &[Line], kept: &mut [bool]) {
    let links = lines.iter().filter(|l| is_link(l)).count();
    if links * LINKS_SHARE >= lines.len() {
        return;
    }
    let mut at = 0;
    while at < lines.len() {
        if !is_link(&lines[at]) {
            at += 1;
            continue;
        }
        let run = lines[at..].iter().take_while(|l| is_link(l) || is_stamp(&l.text)).count();
        let (last, shouts) = (at + run == lines.len(), !lines[at].text.chars().any(char::is_lowercase));
        let long = weight(&lines[at].text) >= PARAGRAPH_WEIGHT_MIN / 3;
        let ends = ends_sentence(&lines[at].text);
        if run >= 2 || (!last && long && (!ends || shouts)) {
            kept[at..at + run].fill(false);
            if at > 0 && run >= 2 && is_heading(&lines[at - 1]) {
                kept[at - 1] = false;
            }
        }
        at += run;
    }
}

/// Drops what comes before the first paragraph and is no sentence.
fn drop_head(lines: &[Line], kept: &mut [bool], title: Option<&str>) {
    let is_paragraph = |l: &Line| weight(&l.text) >= PARAGRAPH_WEIGHT_MIN && ends_sentence(&l.text);
    let Some(first) = lines.iter().take(HEAD_LINES_MAX).zip(&*kept).position(|(l, k)| *k && is_paragraph(l)) else {
        return;
    };
    for at in 0..first {
        let line = &lines[at];
        let speaks = ends_sentence(&line.text) && !line.heading;
        let short = line.text.split_whitespace().count() <= HEAD_WORDS_MAX || is_stamp(&line.text) || is_byline(line);
        kept[at] &=
            (speaks && !is_byline(line) || !short) && title.is_none_or(|t| !same(&line.text, t)) && !is_link(line);
    }
}

/// Whether `line` says who wrote and when.
fn is_byline(line: &Line) -> bool {
    let digits = line.text.chars().filter(char::is_ascii_digit).count();
    digits >= 4 && line.text.to_lowercase().starts_with("by ") && line.text.chars().count() <= HEADING_CHARS_MAX * 2
}

/// Whether two texts have the same letters.
fn same(a: &str, b: &str) -> bool {
    letters(a) == letters(b)
}

fn letters(s: &str) -> String {
    s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Drops what follows a line that ends articles, when there is no paragraph in it.
fn drop_ending(lines: &[Line], kept: &mut [bool]) {
    let is_end = |l: &Line| {
        let lower = l.text.to_lowercase();
        let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
        is_heading(l) && ENDINGS.iter().any(|e| bare.starts_with(e))
    };
    let text: usize = lines.iter().map(|l| weight(&l.text)).sum();
    let last = lines.iter().rposition(is_prose);
    let mut before = 0;
    for (at, line) in lines.iter().enumerate() {
        let declares = DECLARATIONS.iter().any(|d| line.text.contains(d)) && lines.len() - at <= DECLARATION_LINES_MAX;
        if before * 3 >= text && (declares || (is_end(line) && last.is_none_or(|last| last < at))) {
            kept[at..].fill(false);
            return;
        }
        before += weight(&line.text);
    }
}

/// Drops what is no prose before and behind the text that the page declares, when that is about the text of `lines`.
fn drop_undeclared(lines: &[Line], kept: &mut [bool], declared: &str) {
    if lines.len() > JUDGED_LINES_MAX || declared.len() > JUDGED_BYTES_MAX {
        return;
    }
    let declared = letters(declared);
    let said: Vec<bool> = lines.iter().map(|l| declared.contains(&letters(&l.text))).collect();
    let sum = |of: &dyn Fn(usize) -> bool| {
        (0..lines.len()).filter(|n| kept[*n] && of(*n)).map(|n| weight(&lines[n].text)).sum::<usize>()
    };
    let (common, all) = (sum(&|n| said[n]), sum(&|_| true));
    let (first, last) = (said.iter().position(|s| *s), said.iter().rposition(|s| *s));
    let (Some(first), Some(last)) = (first, last) else { return };
    if common * 3 >= all * 2 && common * 4 >= weight(&declared) * 3 {
        for (n, line) in lines.iter().enumerate().filter(|(n, _)| *n < first || *n > last) {
            kept[n] &= is_prose(line);
        }
    }
}

fn is_prose(line: &Line) -> bool {
    weight(&line.text) >= PARAGRAPH_WEIGHT_MIN * 2 && ends_sentence(&line.text) && !is_link(line) && !is_aside(line)
}

/// Whether `line` is nothing but a link.
fn is_link(line: &Line) -> bool {
    let chars = line.text.chars().filter(|c| !c.is_whitespace()).count();
    chars > 3 && line.linked * 100 >= chars * LINKED_PERCENT
}

/// Whether `line` may head a list.
fn is_heading(line: &Line) -> bool {
    line.text.chars().count() <= HEADING_CHARS_MAX && (line.heading || !ends_sentence(&line.text))
}

/// Whether `text` is a date, a number or a name in a list.
fn is_stamp(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits > 0 && digits * 2 >= text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn ends_sentence(text: &str) -> bool {
    let bare = text.trim_end_matches(['”', '"', '’', '\'', '」', '』', ')', '）', '»', ' ']);
    bare.ends_with(['.', '。', '!', '！', '?', '？', '…', ':', '：', ';', '；', ','])
}

/// Length of `text` as read.
pub(super) fn weight(text: &str) -> usize {
    let of = |c: char| match c {
        c if c.is_ascii() => usize::from(c.is_ascii_alphanumeric()),
        c if is_han(c) => HAN_WEIGHT,
        c => usize::from(c.is_alphanumeric()),
    };
    text.chars().map(of).sum()
}
