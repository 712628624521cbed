//! A mail of stories in two forms that say the same: plain text and HTML.
//!
//! Mail programs know little of HTML and less of style: paragraphs, links, `<b>`, `<mark>` and `<small>` will do.

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::{
    finds::Finds,
    item::{self, Item, TITLE_CHARS_MAX},
    plain::{clean, cut, escape, web},
};
use crate::model::{Change, ChangeKind, StoryItem};

/// Pieces of evidence shown of a topic in plain text.
const EVIDENCE_MAX: usize = 3;

/// A topic and what is told of it.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// Identifier of the topic.
    pub id: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// Newest first.
    pub stories: Vec<Told<'a>>,
}

/// A story as a mail tells it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The newest change of it.
    pub change: &'a Change,
    /// What is stored of it, if it still is.
    pub item: Option<&'a StoryItem>,
    /// Whether the mail is the first to tell of it.
    pub is_new: bool,
    /// Topics whose evidence is shown.
    pub wanted: &'a [String],
}

/// The two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

/// The mail called `title` that tells what stands in the sections, with times in `zone`.
#[must_use]
pub fn letter(title: &str, sections: &[Section<'_>], zone: Tz) -> Letter {
    let title = cut(&clean(title), TITLE_CHARS_MAX);
    let mut text = String::new();
    let mut html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{0}</title></head>\n<body><h1>{0}</h1>\n",
        escape(&title)
    );
    for section in sections {
        let name = cut(&clean(section.title), TITLE_CHARS_MAX);
        let _ = writeln!(text, "== {name} ==\n");
        let _ = writeln!(html, "<h2>{}</h2>", escape(&name));
        for told in &section.stories {
            story(told, zone, &mut text, &mut html);
        }
    }
    html.push_str("</body></html>\n");
    Letter { text, html }
}

/// What happened, where it is not simply new.
const fn label(told: &Told<'_>) -> Option<&'static str> {
    match told.change.kind {
        ChangeKind::ArticleGone => Some("Taken down"),
        _ if told.is_new => None,
        ChangeKind::StoryNew => None,
        ChangeKind::StoryJoined => Some("Also reported"),
        ChangeKind::ArticleRevised => Some("Revised"),
    }
}

fn story(told: &Told<'_>, zone: Tz, text: &mut String, html: &mut String) {
    let wanted = told.item.map(|item| {
        let matches = item.matches.iter().filter(|m| told.wanted.contains(&m.topic)).cloned().collect();
        StoryItem { matches, ..item.clone() }
    });
    let item = wanted.as_ref().map(|story| item::item("", story, None));
    let title = item.as_ref().map_or_else(|| cut(&clean(&told.change.title), TITLE_CHARS_MAX), |i| i.title.clone());
    let title = label(told).map_or_else(|| title.clone(), |label| format!("{label}: {title}"));
    let link = item.as_ref().map_or_else(|| web(&told.change.url), |i| web(i.link.as_str()));
    let at = item.as_ref().map_or(told.change.at, |i| i.published).with_timezone(&zone).format("%F %H:%M %Z");
    let heading = match &link {
        Some(url) => format!("<a href=\"{}\">{}</a>", escape(url.as_str()), escape(&title)),
        None => escape(&title),
    };
    let _ = writeln!(html, "<h3>{heading}</h3>\n<p><small>{at}</small></p>");
    let _ = writeln!(text, "* {title}");
    if let Some(item) = &item {
        let _ = writeln!(html, "{}", item.content.as_deref().unwrap_or_default());
        lines(item, text);
    }
    if let Some(url) = link {
        let _ = writeln!(text, "  {url}");
    }
    let _ = writeln!(text, "  {at}\n");
}

/// Why and what, in plain text: a find is marked by two asterisks on each side.
fn lines(item: &Item<'_>, text: &mut String) {
    let origin = item.origin.as_ref().filter(|o| **o != item.outlet).map(|o| format!(", from {o}")).unwrap_or_default();
    let others: Vec<&str> = item.others.iter().map(|o| o.name.as_str()).collect();
    let others = if others.is_empty() { String::new() } else { format!("; also {}", others.join(", ")) };
    if let Some(excerpt) = item.excerpt.as_ref().filter(|e| !e.plain.is_empty()) {
        let _ = writeln!(text, "  {}", excerpt.plain);
    }
    for m in &item.story.matches {
        for found in Finds::of(&m.evidence, EVIDENCE_MAX, item::EVIDENCE_CHARS_MAX).text() {
            let _ = writeln!(text, "  [{}] {found}", clean(&m.topic));
        }
    }
    let _ = writeln!(text, "  {}{origin}{others}", item.outlet);
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::{ArticleRow, Draft, Evidence, Field, Match};

    fn stored() -> StoryItem {
        let found = |topic: &str| {
            let excerpt = "清单<b>写入</b>出口管制".into();
            let evidence =
                Evidence {
                    term: "出口*".into(), found: "出口管制".into(), field: Field::Body, excerpt, count: 1
                };
            Match { topic: topic.into(), score: 1.0, evidence: vec![evidence] }
        };
        let at = DateTime::UNIX_EPOCH;
        let draft = Draft {
            url: "https://harbor.example/9".parse().unwrap(),
            title: "港口".into(),
            text: "港口今日公布".into(),
            html: String::new(),
            published: Some(at),
            modified: None,
            author: None,
            origin: None,
            language: None,
            image: None,
            canonical: None,
            section: None,
            tags: vec![],
            comments: None,
            next: None,
        };
        let (source, story) = ("harbor".to_owned(), 4);
        let lead = ArticleRow { id: 9, story, source, draft, first_seen_at: at, revised_at: at, revision: 1 };
        StoryItem { number: 7, lead, outlets: vec![], matches: vec![found("port"), found("other-topic")] }
    }

    fn change(kind: ChangeKind, title: &str) -> Change {
        Change {
            number: 7,
            kind,
            story: 4,
            article: 9,
            source: "harbor".into(),
            title: title.into(),
            url: "javascript:alert(1)".into(),
            topics: vec!["port".into()],
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn nothing_of_a_page_becomes_markup_or_a_line_of_its_own() {
        let hostile = "</h3><script>x</script>\r\n== fake ==\r\nBcc: a@b";
        let change = change(ChangeKind::ArticleRevised, hostile);
        let told = Told { change: &change, item: None, is_new: false, wanted: &[] };
        let section = Section { id: "port", title: "<b>Ports", stories: vec![told] };
        let made = letter("Morning & more", &[section], chrono_tz::Asia::Shanghai);
        assert!(!made.html.contains("<script") && !made.html.contains("javascript:"), "{}", made.html);
        assert!(made.html.contains("<h2>&lt;b&gt;Ports</h2>") && made.html.contains("<h1>Morning &amp; more</h1>"));
        let lines: Vec<&str> = made.text.lines().collect();
        assert_eq!(lines[2], "* Revised: </h3><script>x</script> == fake == Bcc: a@b");
        assert_eq!(lines[3], "  1970-01-01 08:00 CST");
    }

    #[test]
    fn evidence_is_marked_in_both_forms() {
        let (change, item) = (change(ChangeKind::StoryNew, "港口"), stored());
        let wanted = ["port".to_owned()];
        let told = Told { change: &change, item: Some(&item), is_new: true, wanted: &wanted };
        let made = letter("早报", &[Section { id: "port", title: "Ports", stories: vec![told] }], chrono_tz::UTC);
        let found = &item.matches[0].evidence[0].found;
        assert!(made.html.contains(&format!("<mark>{found}</mark>")), "{}", made.html);
        assert!(made.text.contains(&format!("**{found}**")), "{}", made.text);
        assert!(!made.html.contains("other-topic") && !made.text.contains("other-topic"), "{}", made.text);
    }
}
