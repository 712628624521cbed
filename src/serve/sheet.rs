//! One article as a page: its text, who else ran it, why it matched, and what edits changed.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use super::article::{self, Edit};
use super::page::{STYLE, evidence, link, provenance, time};
use super::problem::Problem;
use super::router::Shared;
use super::state::ago;
use crate::model::StoryItem;
use crate::render::{self, Fate, clean, cut, escape, marked};

/// Characters of an unchanged stretch that are shown at each end of it.
const AROUND_CHARS: usize = 60;
/// Outlets named.
const OUTLETS_MAX: usize = 100;
/// Characters of another outlet's headline.
const TITLE_CHARS_MAX: usize = 200;

/// `/articles/{id}`.
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Response, Problem> {
    let (found, edits) = article::found(&shared, id).await?;
    Ok(Html(html(&found, &edits, Utc::now())).into_response())
}

/// The page. Of the article's own markup nothing is used: it is text, a paragraph a line.
fn html(story: &StoryItem, edits: &[Edit], now: DateTime<Utc>) -> String {
    let draft = &story.lead.draft;
    let lang = draft.language.as_deref().map_or(String::new(), |l| format!(" lang=\"{}\"", escape(&clean(l))));
    let title = render::title(story);
    let mut out = format!(
        "<!doctype html>\n<html{lang}><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <style>{STYLE}</style></head><body><header><p><a href=\"../\">tidings</a></p>\
         <h1 dir=\"auto\">{}</h1>",
        escape(&title),
        link(draft.url.as_str(), &title)
    );
    for (name, value) in [("By", &draft.author), ("Origin:", &draft.origin)] {
        if let Some(value) = value {
            let _ = write!(out, "<p dir=\"auto\">{name} {}</p>", escape(&clean(value)));
        }
    }
    if let Some(at) = draft.published {
        let _ = write!(out, "<p>Published {}</p>", time(at, &ago(at, now)));
    }
    provenance(&mut out, story, now);
    out.push_str("</header><main>");
    if !story.matches.is_empty() {
        out.push_str("<h2>Why it matched</h2><div class=\"card stories\"><div class=\"pad\">");
        story.matches.iter().for_each(|m| evidence(&mut out, m, "../"));
        out.push_str("</div></div>");
    }
    outlets(&mut out, story, now);
    out.push_str("<h2>Text</h2><article class=\"card pad\" dir=\"auto\">");
    for line in draft.text.lines().filter(|l| !l.trim().is_empty()) {
        let _ = write!(out, "<p>{}</p>", escape(&clean(line)));
    }
    out.push_str("</article>");
    for edit in edits {
        let minor = if edit.minor { " <small>minor</small>" } else { "" };
        let seen = time(edit.seen_at, &ago(edit.seen_at, now));
        let _ = write!(out, "<h2>Edit {} {seen}{minor}</h2><div class=\"card pad\" dir=\"auto\">", edit.revision - 1);
        for pieces in [&edit.title, &edit.text] {
            if pieces.iter().any(|p| p.fate != Fate::Kept) {
                let _ = write!(out, "<p>{}</p>", marked(pieces, AROUND_CHARS));
            }
        }
        out.push_str("</div>");
    }
    let _ = write!(
        out,
        "</main><footer><a href=\"../\">all stories</a> · <a href=\"../api/v1/articles/{}\">as JSON</a></footer></body></html>",
        story.lead.id
    );
    out
}

fn outlets(out: &mut String, story: &StoryItem, now: DateTime<Utc>) {
    if story.outlets.len() < 2 {
        return;
    }
    out.push_str("<h2>The same story</h2><ol class=\"card stories\">");
    for o in story.outlets.iter().take(OUTLETS_MAX) {
        let title = link(&o.url, &cut(&clean(&o.title), TITLE_CHARS_MAX));
        let seen = time(o.first_seen_at, &ago(o.first_seen_at, now));
        let _ = write!(out, "<li dir=\"auto\">{title}<p><small>{} · {seen}</small></p></li>", escape(&clean(&o.name)));
    }
    out.push_str("</ol>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Piece;

    #[test]
    fn nothing_hostile_reaches_the_page_as_markup() {
        let bad = "\"'><script>alert(1)</script>\u{0}";
        let mut s = crate::serve::tests::story(1, bad, &["Harbor", bad]);
        s.outlets[1].url = "javascript:alert(1)".into();
        s.outlets[1].title = bad.into();
        s.lead.draft.text = format!("first\n{bad}");
        s.lead.draft.author = Some(bad.into());
        s.lead.draft.language = Some(bad.into());
        s.matches[0].evidence[0].excerpt = bad.into();
        let pieces = vec![piece(Fate::Deleted, bad), piece(Fate::Inserted, bad)];
        let edit =
            Edit { revision: 2, seen_at: DateTime::UNIX_EPOCH, minor: true, title: pieces.clone(), text: pieces };
        let shown = html(&s, &[edit], DateTime::UNIX_EPOCH);
        assert!(!shown.contains("<script") && !shown.contains("javascript:") && !shown.contains('\u{0}'), "{shown}");
        for part in
            ["Edit 1", "<del>", "<ins>", "minor", "Why it matched", "The same story", "<p>first</p>", "../feeds/"]
        {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
    }

    fn piece(fate: Fate, text: &str) -> Piece {
        Piece { fate, text: text.into() }
    }

    #[test]
    fn changes_are_marked_and_what_stayed_is_shortened() {
        let long = "很长的一段没有变的话".repeat(30);
        let shown = marked(
            &[
                piece(Fate::Kept, &long),
                piece(Fate::Deleted, "周五<b>"),
                piece(Fate::Inserted, "周日"),
                piece(Fate::Kept, &long),
            ],
            AROUND_CHARS,
        );
        assert!(shown.contains("<del>周五&lt;b&gt;</del><ins>周日</ins>"), "{shown}");
        assert!(shown.starts_with(" … ") && shown.ends_with(" … "), "{shown}");
        assert!(shown.chars().count() < 2 * AROUND_CHARS + 60, "{shown}");
        assert_eq!(marked(&[piece(Fate::Kept, "短"), piece(Fate::Inserted, "句")], AROUND_CHARS), "短<ins>句</ins>");
    }
}
