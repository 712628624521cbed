//! Visits and changes in words, for a person at a terminal.

use std::fmt::Write;

use chrono_tz::Tz;

use crate::model::{Change, ChangeKind, Decided, Evidence, Finding, Listing, ListingKind, Match, Outcome, Visit};
use crate::text::is_han;

/// Entries shown of a listing.
const ENTRIES_SHOWN: usize = 40;
/// Paragraphs shown of an article.
const PARAGRAPHS_SHOWN: usize = 12;
/// Characters shown of a paragraph.
const PARAGRAPH_CHARS: usize = 300;

/// One line for a change.
pub(super) fn change(change: &Change) -> String {
    let mark = if change.topics.is_empty() { ' ' } else { '*' };
    let what = match change.kind {
        ChangeKind::StoryNew => "new",
        ChangeKind::StoryJoined => "also",
        ChangeKind::ArticleRevised => "edited",
        ChangeKind::ArticleGone => "gone",
    };
    let topics = if change.topics.is_empty() { String::new() } else { format!("  [{}]", change.topics.join(", ")) };
    format!(
        "{mark} {:>5}  {what:<6}  story {:<5} {:<8} {}{topics}",
        change.number, change.story, change.source, change.title
    )
}

/// Everything that came of a visit. Writing to a `String` cannot fail, so results of `write!` are dropped.
pub(super) fn visit(visit: &Visit, zone: Tz) -> String {
    let mut out = String::new();
    let o = &mut out;
    let _ = writeln!(o, "{}", visit.target.url);
    if let Some(http) = &visit.http {
        let kind = http.content_type.as_deref().unwrap_or("no content type");
        let _ = writeln!(o, "  HTTP {}, {kind}, {} bytes", http.status, http.body_bytes);
        if let Some(last) = http.final_url.as_ref().filter(|u| **u != visit.target.url) {
            let _ = writeln!(o, "  redirected to {last}");
        }
    }
    if let Some(c) = &visit.charset {
        let why = match c.decided {
            Decided::Setting => "by the source's setting",
            Decided::Bom => "by its byte order mark",
            Decided::Header => "by the HTTP header",
            Decided::Document => "by the document's own declaration",
            Decided::Utf8 => "because the bytes are valid UTF-8",
            Decided::Detector => "by detection",
        };
        let declared = |label: &Option<String>| label.clone().unwrap_or_else(|| "nothing".into());
        let _ = writeln!(
            o,
            "  read as {} {why} (header says {}, document says {}; {:.2}% unreadable)",
            c.used,
            declared(&c.header),
            declared(&c.document),
            c.garbled * 100.0
        );
    }
    if let Outcome::Failed(failure) = &visit.outcome {
        let _ = writeln!(o, "  no document: {}", failure.reason);
    }
    if let Outcome::NotArticle { reason } = &visit.outcome {
        let _ = writeln!(o, "  no article: {reason}");
    }
    if let Some(found) = &visit.listing {
        listing(o, found, zone);
    }
    for finding in &visit.findings {
        if visit.listing.is_none() {
            article(o, finding, zone);
        }
        matches(o, finding);
    }
    for problem in &visit.problems {
        let _ = writeln!(o, "  problem ({}): {}", problem.stage, problem.message);
    }
    out
}

fn listing(o: &mut String, listing: &Listing, zone: Tz) {
    let what = match listing.kind {
        ListingKind::Feed => "a feed",
        ListingKind::JsonFeed => "a JSON Feed",
        ListingKind::Recipe => "a list page, read by selectors",
        ListingKind::Portal => "a list page, its list found without selectors",
        ListingKind::Sitemap => "a sitemap",
        ListingKind::Opml => "an outline of feeds",
    };
    let title = listing.title.as_deref().unwrap_or("without a title");
    let _ = writeln!(o, "\nIt is {what}: {title}, {} entries", listing.entries.len());
    for entry in listing.entries.iter().take(ENTRIES_SHOWN) {
        let date =
            entry.published.map_or_else(|| " ".repeat(16), |d| d.with_timezone(&zone).format("%F %H:%M").to_string());
        let _ = writeln!(o, "  {date}  {}", entry.title.as_deref().unwrap_or("(no title)"));
        let _ = writeln!(o, "                    {}", entry.link);
    }
    if listing.entries.len() > ENTRIES_SHOWN {
        let _ = writeln!(o, "  and {} more", listing.entries.len() - ENTRIES_SHOWN);
    }
    if let Some(next) = &listing.next {
        let _ = writeln!(o, "  next page: {next}");
    }
    for feed in &listing.feeds {
        let _ = writeln!(o, "  it announces a feed: {feed}");
    }
}

fn article(o: &mut String, finding: &Finding, zone: Tz) {
    let d = &finding.draft;
    let _ = writeln!(o, "\nIt is an article: {}", d.title);
    let date = d.published.map(|p| p.with_timezone(&zone).format("%F %H:%M %Z").to_string());
    for (name, value) in [
        ("published", &date),
        ("author", &d.author),
        ("origin", &d.origin),
        ("language", &d.language),
        ("image", &d.image.as_ref().map(ToString::to_string)),
    ] {
        let _ = writeln!(o, "  {name:<10} {}", value.as_deref().unwrap_or("-"));
    }
    let _ = writeln!(o, "  {:<10} {} characters, digest {}\n", "text", d.text.chars().count(), finding.digest);
    for paragraph in d.text.lines().take(PARAGRAPHS_SHOWN) {
        let cut: String = paragraph.chars().take(PARAGRAPH_CHARS).collect();
        let more = if cut.len() < paragraph.len() { " …" } else { "" };
        let _ = writeln!(o, "    {cut}{more}");
    }
    let more = d.text.lines().count().saturating_sub(PARAGRAPHS_SHOWN);
    if more > 0 {
        let _ = writeln!(o, "    … and {more} more paragraphs");
    }
}

fn matches(o: &mut String, finding: &Finding) {
    for Match { topic, score, evidence } in &finding.matches {
        let _ = writeln!(o, "\nIt matches {topic} (score {score:.1}): {}", finding.draft.title);
        for e in evidence {
            let _ = writeln!(o, "    {}", self::evidence(e));
        }
    }
}

/// One line for a piece of evidence.
pub(super) fn evidence(e: &Evidence) -> String {
    let field = format!("{:?}", e.field).to_lowercase();
    let times = if e.count == 1 { String::new() } else { format!(", {} times", e.count) };
    format!("{} in {field}{times}: {}", e.found, e.excerpt)
}

/// One line for an article.
pub(super) fn headline(source: &str, title: &str, url: &str) -> String {
    format!("{source}  {title}\n      {url}")
}

/// Columns that `text` takes in a terminal: Han and other wide characters take two.
pub(super) fn width(text: &str) -> usize {
    text.chars()
        .map(|c| if is_han(c) || matches!(c, '\u{3000}'..='\u{30FF}' | '\u{FF01}'..='\u{FF60}') { 2 } else { 1 })
        .sum()
}
