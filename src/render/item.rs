//! One story as every format shows it: cleaned, bounded, its content put together once.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use url::Url;

use super::{
    Content, FeedFacts,
    finds::Finds,
    language,
    plain::{clean, cut, escape, legal, mark_each, web, without_mail},
};
use crate::model::{Evidence, Field, Match, Outlet, StoryItem};

/// Characters of a title; portals have been seen to put whole articles there.
pub(super) const TITLE_CHARS_MAX: usize = 300;
/// Characters of the excerpt that stands for an article.
const EXCERPT_CHARS_MAX: usize = 300;
/// Characters of a name: author, outlet, origin, term.
const NAME_CHARS_MAX: usize = 120;
/// Characters of an excerpt of evidence.
pub(super) const EVIDENCE_CHARS_MAX: usize = 240;
/// Topics whose evidence an item shows.
const MATCHES_MAX: usize = 8;
/// Pieces of evidence shown of a topic.
const EVIDENCE_MAX: usize = 6;
/// Excerpts shown of a topic.
const EXCERPTS_MAX: usize = 2;
/// Other outlets that an item names.
const OUTLETS_MAX: usize = 20;
/// Categories of an item.
const CATEGORIES_MAX: usize = 32;
/// Bytes of full content in one feed; items beyond carry the excerpt.
const CONTENT_BYTES_MAX: usize = 3 << 20;

/// A story, ready to be written.
pub(super) struct Item<'a> {
    pub(super) story: &'a StoryItem,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) link: Url,
    pub(super) published: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) author: Option<String>,
    pub(super) origin: Option<String>,
    /// Name of the lead's outlet.
    pub(super) outlet: String,
    /// Where the lead's outlet is at home.
    pub(super) outlet_home: Url,
    pub(super) others: Vec<Other>,
    pub(super) topics: Vec<String>,
    /// What stands in the articles for the topics' terms.
    pub(super) terms: Vec<String>,
    pub(super) excerpt: Option<Excerpt>,
    /// HTML.
    pub(super) content: Option<String>,
    pub(super) image: Option<Url>,
    pub(super) language: Option<String>,
}

/// The first sentences.
pub(super) struct Excerpt {
    pub(super) plain: String,
    /// The same with what was found marked, and where that stands elsewhere, the text around it.
    pub(super) html: String,
}

/// Another outlet that ran the story.
pub(super) struct Other {
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) title: String,
}

/// The identifier of a story (RFC 4151): the same in every feed and format, and through every edit.
#[must_use]
pub fn item_id(authority: &str, story: i64) -> String {
    clean(&format!("tag:{authority}:story/{story}"))
}

/// The headline as shown: one bounded line, and never empty.
#[must_use]
pub fn title(story: &StoryItem) -> String {
    let draft = &story.lead.draft;
    [draft.title.as_str(), draft.text.as_str(), draft.url.as_str()]
        .iter()
        .map(|text| cut(&clean(text), TITLE_CHARS_MAX))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The outlets that ran the story besides the lead's own page.
fn outlets_besides(story: &StoryItem) -> impl Iterator<Item = &Outlet> {
    let lead = &story.lead;
    story.outlets.iter().filter(move |o| !(o.source == lead.source && o.url == lead.draft.url.as_str()))
}

/// The stories, ready to be written.
pub(super) fn items<'a>(facts: &FeedFacts, stories: &'a [StoryItem]) -> Vec<Item<'a>> {
    let mut room = if facts.content == Content::Full { CONTENT_BYTES_MAX } else { 0 };
    stories
        .iter()
        .map(|story| {
            let whole = whole(story).filter(|html| html.len() <= room);
            room -= whole.as_ref().map_or(0, String::len);
            let item = item(&facts.authority, story, whole);
            if facts.content == Content::None { Item { excerpt: None, content: None, ..item } } else { item }
        })
        .collect()
}

/// A story, ready to be written; with the whole content if that is given, else with the excerpt.
pub(super) fn item<'a>(authority: &str, story: &'a StoryItem, whole: Option<String>) -> Item<'a> {
    let (lead, draft) = (&story.lead, &story.lead.draft);
    let own = story.outlets.iter().find(|o| o.source == lead.source).map_or(lead.source.as_str(), |o| &o.name);
    let outlet = name(own).or_else(|| name(&lead.source)).unwrap_or_default();
    let others: Vec<Other> = outlets_besides(story)
        .filter_map(|o| {
            let name = name(&o.name).or_else(|| name(&o.source))?;
            Some(Other { name, url: web(&o.url)?, title: cut(&clean(&o.title), TITLE_CHARS_MAX) })
        })
        .collect();
    let excerpt = cut(&clean(&draft.text), EXCERPT_CHARS_MAX);
    let origin = draft.origin.as_deref().and_then(name);
    let body = whole.unwrap_or_else(|| format!("<p>{}</p>", escape(&excerpt)));
    let terms = terms(&story.matches);
    Item {
        id: item_id(authority, lead.story),
        title: title(story),
        link: draft.url.clone(),
        // An article cannot be younger than its first sight; a misread zone would pin it to the top of every reader.
        published: sane(draft.published.filter(plausible).map_or(lead.first_seen_at, |p| p.min(lead.first_seen_at))),
        updated: updated(story),
        author: draft.author.as_deref().and_then(|author| name(&without_mail(author))),
        content: Some([evidence(&story.matches), body, provenance(&outlet, origin.as_deref(), &others)].concat()),
        outlet_home: draft.url.join("/").unwrap_or_else(|_| draft.url.clone()),
        topics: story.matches.iter().filter_map(|m| name(&m.topic)).take(CATEGORIES_MAX).collect(),
        image: draft.image.clone().filter(|u| web(u.as_str()).is_some()),
        language: draft.language.as_deref().and_then(language::tag),
        excerpt: Some(Excerpt { html: marked(&excerpt, &terms, &story.matches), plain: excerpt }),
        terms,
        origin,
        outlet,
        others,
        story,
    }
}

/// The excerpt with `terms` marked; when none is in it, followed by where they stand.
fn marked(excerpt: &str, terms: &[String], matches: &[Match]) -> String {
    let html = mark_each(excerpt, terms);
    if terms.iter().any(|t| excerpt.contains(t.as_str())) {
        return html;
    }
    let elsewhere: Vec<String> = matches.iter().flat_map(|m| excerpts(&m.evidence)).take(EXCERPTS_MAX).collect();
    [&[html][..], &elsewhere].concat().join("<br>")
}

/// The newest instant that the stories carry, by which a reader can tell that something is new.
pub(super) fn newest(stories: &[StoryItem]) -> Option<DateTime<Utc>> {
    stories.iter().map(updated).max()
}

/// When a story was last updated.
fn updated(story: &StoryItem) -> DateTime<Utc> {
    apart(story.lead.revised_at.max(story.lead.first_seen_at), story.lead.story)
}

/// The second of `at`, with a fraction by which things numbered `number` are told apart: many are stored in one moment, and readers
/// that order by it want no two alike (RFC 4287 leaves that open, validators warn of it).
pub(super) fn apart(at: DateTime<Utc>, number: i64) -> DateTime<Utc> {
    const MICROSECONDS: i64 = 1_000_000;
    sane(at) + TimeDelta::microseconds(number.rem_euclid(MICROSECONDS))
}

/// Before there were sites, no article was published: what says so was misread.
fn plausible(at: &DateTime<Utc>) -> bool {
    const FIRST_YEAR: i32 = 1990;
    at.year() >= FIRST_YEAR
}

/// A name cleaned and cut; `None` when nothing is left.
pub(super) fn name(text: &str) -> Option<String> {
    Some(cut(&clean(text), NAME_CHARS_MAX)).filter(|n| !n.is_empty())
}

/// `at` within what RFC 2822 and RFC 3339 can write.
fn sane(at: DateTime<Utc>) -> DateTime<Utc> {
    const FIRST: i64 = -2_208_988_800; // 1900-01-01
    const LAST: i64 = 253_402_300_799; // 9999-12-31T23:59:59
    DateTime::from_timestamp(at.timestamp().clamp(FIRST, LAST), 0).unwrap_or(at)
}

/// The article's whole content, if it has any.
fn whole(story: &StoryItem) -> Option<String> {
    let draft = &story.lead.draft;
    let html = legal(&draft.html);
    if !html.trim().is_empty() {
        return Some(html.into_owned());
    }
    let paragraphs: String =
        draft.text.lines().map(clean).filter(|l| !l.is_empty()).map(|l| format!("<p>{}</p>", escape(&l))).collect();
    Some(paragraphs).filter(|p| !p.is_empty())
}

/// Each thing that was found for a term, once.
fn terms(matches: &[Match]) -> Vec<String> {
    let mut terms = Vec::new();
    for found in matches.iter().flat_map(|m| &m.evidence).filter_map(|e| name(&e.found)) {
        if terms.len() < CATEGORIES_MAX && !terms.contains(&found) {
            terms.push(found);
        }
    }
    terms
}

/// Why the topics matched, as HTML: what was found, how often and where, and the text around the most telling finds.
pub(super) fn evidence(matches: &[Match]) -> String {
    let mut out = String::new();
    for m in matches.iter().take(MATCHES_MAX) {
        let found: Vec<String> = m.evidence.iter().take(EVIDENCE_MAX).filter_map(find).collect();
        let _ = write!(out, "<p><small><b>{}</b>", escape(&name(&m.topic).unwrap_or_default()));
        if !found.is_empty() {
            let _ = write!(out, ": {}", found.join(", "));
        }
        for excerpt in excerpts(&m.evidence) {
            let _ = write!(out, "<br>{excerpt}");
        }
        out.push_str("</small></p>");
    }
    out
}

/// `出口管制 ×3 (title)`, as HTML.
fn find(e: &Evidence) -> Option<String> {
    let mut out = format!("<b>{}</b>", escape(&name(&e.found)?));
    if e.count > 1 {
        let _ = write!(out, " ×{}", e.count);
    }
    match e.field {
        Field::Body => {}
        Field::Title => out.push_str(" (title)"),
        Field::Source => out.push_str(" (source)"),
        Field::Origin => out.push_str(" (origin)"),
        Field::Author => out.push_str(" (author)"),
        Field::Lang => out.push_str(" (language)"),
    }
    Some(out)
}

/// The text around the most telling finds of the body: a title's excerpt only repeats the title.
fn excerpts(evidence: &[Evidence]) -> Vec<String> {
    let body = evidence.iter().filter(|e| e.field == Field::Body && !e.excerpt.trim().is_empty());
    Finds::of(body, EXCERPTS_MAX, EVIDENCE_CHARS_MAX).html().collect()
}

/// Who ran it, as HTML.
fn provenance(outlet: &str, origin: Option<&str>, others: &[Other]) -> String {
    let mut out = format!("<p><small>{}", escape(outlet));
    if let Some(origin) = origin.filter(|o| *o != outlet) {
        let _ = write!(out, ", from {}", escape(origin));
    }
    let links: Vec<String> = others
        .iter()
        .take(OUTLETS_MAX)
        .map(|o| format!("<a href=\"{}\">{}</a>", escape(o.url.as_str()), escape(&o.name)))
        .collect();
    if !links.is_empty() {
        let _ = write!(out, ". Also reported by: {}", links.join(", "));
        if others.len() > OUTLETS_MAX {
            let _ = write!(out, " and {} more", others.len() - OUTLETS_MAX);
        }
    }
    out.push_str("</small></p>");
    out
}
