//! Edits and takedowns as a feed of their own (Atom).

use atom_syndication::{Content, Entry, Link};
use chrono::{DateTime, Utc};

use super::{
    FeedFacts, GENERATOR,
    atom::{notices, person, text},
    diff::{Fate, Piece},
    item::{TITLE_CHARS_MAX, apart, name},
    plain::{clean, cut, escape, legal, strict, web},
};
use crate::model::{Change, ChangeKind};

/// Characters that are shown around a change.
const CONTEXT_CHARS: usize = 80;

/// Characters taken away and put in that are shown of one edit.
const CHANGED_CHARS_MAX: usize = 20_000;

/// An edit or takedown, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct EditItem {
    /// The change.
    pub change: Change,
    /// Name of the outlet.
    pub outlet: String,
    /// What became of the headline; empty when that is not known any more.
    pub title: Vec<Piece>,
    /// What became of the text; empty when that is not known any more.
    pub text: Vec<Piece>,
    /// A correction of a few characters.
    pub minor: bool,
}

/// The feed of `items`, the newest first.
#[must_use]
pub fn edits_atom(facts: &FeedFacts, items: &[EditItem]) -> String {
    let title = format!("{}: edits and takedowns", facts.title);
    let updated = items.iter().map(|i| apart(i.change.at, i.change.number)).max();
    notices(facts, &title, format!("{}/changes", facts.tag()), updated, items.iter().map(|i| entry(facts, i)).collect())
}

fn entry(facts: &FeedFacts, i: &EditItem) -> Entry {
    let c = &i.change;
    let word = match (c.kind, i.minor) {
        (ChangeKind::ArticleGone, _) => "taken down",
        (_, true) => "corrected",
        _ => "edited",
    };
    // One instant for both: what is published after it was updated is no date to readers.
    let at: DateTime<Utc> = apart(c.at, c.number);
    // An address that cannot be one in a feed is left out; the entry stands without.
    let link = web(&c.url).map(|url| Link { rel: "alternate".into(), href: strict(&url), ..Link::default() });
    Entry {
        title: text(&cut(&clean(&format!("{word}: {}", c.title)), TITLE_CHARS_MAX)),
        id: clean(&format!("tag:{}:change/{}", facts.authority, c.number)),
        updated: at.fixed_offset(),
        published: Some(at.fixed_offset()),
        authors: vec![person(&name(&i.outlet).unwrap_or_else(|| GENERATOR.into()))],
        links: link.into_iter().collect(),
        content: Some(Content { value: Some(content(i)), content_type: Some("html".into()), ..Content::default() }),
        ..Entry::default()
    }
}

fn content(i: &EditItem) -> String {
    if i.change.kind == ChangeKind::ArticleGone {
        return "<p>The outlet has taken the article down.</p>".into();
    }
    if i.title.is_empty() && i.text.is_empty() {
        return "<p>What the edit changed is not known any more.</p>".into();
    }
    let mut out = String::new();
    if i.title.iter().any(|p| p.fate != Fate::Kept) {
        out.push_str(&format!("<h3>{}</h3>", marked(&i.title, CONTEXT_CHARS)));
    }
    out.push_str(&format!("<p>{}</p>", marked(&i.text, CONTEXT_CHARS)));
    out
}

/// Pieces as HTML: what was taken away and put in, and of what was kept the `context` characters beside a change.
#[must_use]
pub fn marked(pieces: &[Piece], context: usize) -> String {
    let mut out = String::new();
    for (n, piece) in pieces.iter().enumerate() {
        let text = |s: &str| escape(&blanks(s)).replace('\n', "<br>");
        match piece.fate {
            Fate::Deleted => out.push_str(&format!("<del>{}</del>", text(&piece.text))),
            Fate::Inserted => out.push_str(&format!("<ins>{}</ins>", text(&piece.text))),
            Fate::Kept => {
                let chars = piece.text.chars().count();
                let head = if n == 0 { 0 } else { context };
                let tail = if n + 1 == pieces.len() { 0 } else { context };
                if chars <= head + tail {
                    out.push_str(&text(&piece.text));
                    continue;
                }
                let first: String = piece.text.chars().take(head).collect();
                let last: String = piece.text.chars().skip(chars - tail).collect();
                out.push_str(&format!("{} … {}", text(&first), text(&last)));
            }
        }
    }
    out
}

/// The part of `pieces` that the feed shows: of a text that was written anew the beginning, of what was kept no more than stands
/// beside a change. A feed of many edits is held in memory as a whole.
#[must_use]
pub fn bounded(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut room = CHANGED_CHARS_MAX;
    let mut out = vec![];
    for mut piece in pieces {
        let chars = piece.text.chars().count();
        if piece.fate == Fate::Kept {
            if chars > 3 * CONTEXT_CHARS {
                let first: String = piece.text.chars().take(CONTEXT_CHARS + 1).collect();
                let last: String = piece.text.chars().skip(chars - CONTEXT_CHARS - 1).collect();
                piece.text = first + &last;
            }
        } else if room == 0 {
            break;
        } else {
            piece.text = cut(&piece.text, room);
            room = room.saturating_sub(chars);
        }
        out.push(piece);
    }
    out
}

/// `text` with every run of white space as one blank, or as one new line if it holds one; also at the ends, where it parts words of
/// one piece from those of the next.
fn blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in legal(text).chars() {
        match (c.is_whitespace(), out.ends_with([' ', '\n'])) {
            (false, _) => out.push(c),
            (true, false) => out.push(if c == '\n' { c } else { ' ' }),
            (true, true) if c == '\n' => {
                out.pop();
                out.push(c);
            }
            (true, true) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::diff;

    #[test]
    fn words_stay_apart_where_pieces_meet_and_lines_stay_lines() {
        let shown = |old, new| marked(&diff(old, new), 80);
        assert_eq!(
            shown("The ferry sinks at noon", "The ferry sank at noon"),
            "The ferry <del>sinks</del><ins>sank</ins> at noon"
        );
        assert_eq!(shown("one\n\ntwo \t three", "one\n\n2 \t three"), "one<br><del>two</del><ins>2</ins> three");
    }

    fn item(kind: ChangeKind, old: &str, new: &str) -> EditItem {
        EditItem {
            change: Change {
                number: 7,
                kind,
                story: 1,
                article: 1,
                source: "harbor".into(),
                title: "港口 <b> & \u{1}".into(),
                url: "https://harbor.example/1?a=1&b=2|3".into(),
                topics: vec![],
                at: DateTime::from_timestamp(1_780_000_000, 716_605_000).unwrap(),
            },
            outlet: "Harbor".into(),
            title: vec![],
            text: diff(old, new),
            minor: false,
        }
    }

    fn facts() -> FeedFacts {
        let (base, home) = ("https://news.example/feeds/chip/changes", "https://news.example/");
        FeedFacts::new("chip", "Chips", base.parse().unwrap(), home.parse().unwrap(), "news.example,2026")
    }

    #[test]
    fn edits_are_marked_and_long_stretches_left_out() {
        let (long, tail) = ("字".repeat(500), "尾".repeat(300));
        let xml = edits_atom(
            &facts(),
            &[item(ChangeKind::ArticleRevised, &format!("{long}周五<{tail}"), &format!("{long}周日<{tail}"))],
        );
        let feed = feed_rs::parser::parse(xml.as_bytes()).unwrap();
        let entry = &feed.entries[0];
        assert_eq!(entry.id, "tag:news.example,2026:change/7");
        assert_eq!(entry.title.as_ref().unwrap().content, "edited: 港口 <b> &");
        assert_eq!(entry.links[0].href, "https://harbor.example/1?a=1&b=2%7C3");
        assert!(entry.published.is_some() && entry.published == entry.updated);
        let body = entry.content.as_ref().unwrap().body.clone().unwrap();
        assert!(body.contains("<del>五</del><ins>日</ins>&lt;尾") && body.contains('…'), "{body}");
        assert!(body.chars().count() < 300, "{body}");
    }

    #[test]
    fn what_is_held_of_an_edit_is_bounded_and_shows_the_same() {
        let long = "字".repeat(5_000);
        let pieces = diff(&format!("{long}周五{long}"), &format!("{long}周日{long}"));
        let held = bounded(pieces.clone());
        assert_eq!(marked(&held, CONTEXT_CHARS), marked(&pieces, CONTEXT_CHARS));
        assert!(held.iter().map(|p| p.text.chars().count()).sum::<usize>() < 400, "{held:?}");
        let anew = bounded(vec![
            Piece { fate: Fate::Deleted, text: "旧".repeat(15_000) },
            Piece { fate: Fate::Inserted, text: "新".repeat(15_000) },
            Piece { fate: Fate::Deleted, text: "末".into() },
        ]);
        assert_eq!(anew.iter().map(|p| p.text.chars().count()).collect::<Vec<_>>(), [15_000, 5_000]);
    }

    #[test]
    fn takedowns_and_forgotten_edits_say_so() {
        for (kind, says) in
            [(ChangeKind::ArticleGone, "taken the article down"), (ChangeKind::ArticleRevised, "not known any more")]
        {
            let xml = edits_atom(&facts(), &[item(kind, "", "")]);
            assert!(xml.contains(says), "{xml}");
        }
        assert!(feed_rs::parser::parse(edits_atom(&facts(), &[]).as_bytes()).unwrap().entries.is_empty());
    }
}
