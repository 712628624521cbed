//! One change as every chat tells it: cleaned and bounded, whatever stood on the page.

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Change, ChangeKind, StoryItem};
use crate::publish::scope::Scope;
use crate::render::{self, clean, cut, web};

/// Characters of a title.
const TITLE_CHARS_MAX: usize = 250;
/// Characters of a title where there is hardly any room.
const BARE_TITLE_CHARS_MAX: usize = 80;
/// Characters of the excerpt.
const EXCERPT_CHARS_MAX: usize = 300;
/// Characters of a name.
const NAME_CHARS_MAX: usize = 60;
/// Bytes of a link; a longer one is left out, as some services would refuse the whole message.
const LINK_BYTES_MAX: usize = 1000;
/// Bytes of a link where there is hardly any room.
const BARE_LINK_BYTES_MAX: usize = 120;
/// Topics that are named.
const TOPICS_MAX: usize = 4;
/// Finds that are named of each.
const FINDS_MAX: usize = 4;

/// How much of an item is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// All.
    Whole,
    /// Without the excerpt.
    Brief,
    /// A shortened title and, if it is short, the link: ten of them fit into a message of every service.
    Bare,
}

impl Level {
    pub(super) const ALL: [Self; 3] = [Self::Whole, Self::Brief, Self::Bare];
}

/// One change, in plain text of one line each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// What happened, if it is not simply new.
    pub(super) label: Option<&'static str>,
    /// Never empty.
    pub(super) title: String,
    /// Leads to the web.
    pub(super) link: Option<Url>,
    /// Outlet, origin, when: may be empty.
    pub(super) byline: String,
    /// Topics with what was found for them: may be empty.
    pub(super) why: String,
    /// May be empty.
    pub(super) excerpt: String,
    /// When it was published, or recorded.
    pub(super) at: DateTime<Utc>,
}

/// What happened, where a headline alone does not say it.
const fn label(kind: ChangeKind) -> Option<&'static str> {
    match kind {
        ChangeKind::StoryNew => None,
        ChangeKind::StoryJoined => Some("Also reported"),
        ChangeKind::ArticleRevised => Some("Revised"),
        ChangeKind::ArticleGone => Some("Taken down"),
    }
}

impl Item {
    /// What `scope` is told of `change`, whose article is `stored` if it still is.
    pub(super) fn of(scope: Scope<'_>, change: &Change, stored: Option<&StoryItem>) -> Self {
        let title = stored.map_or_else(|| clean(&change.title), render::title);
        let title = if title.is_empty() { clean(&change.url) } else { title };
        let address = stored.map_or(change.url.as_str(), |s| s.lead.draft.url.as_str());
        let at = stored.and_then(|s| s.lead.draft.published).unwrap_or(change.at);
        let topics: Vec<&String> = change.topics.iter().filter(|t| scope.wants(t)).take(TOPICS_MAX).collect();
        let why: Vec<String> = topics.iter().map(|topic| why(topic, stored)).collect();
        Self {
            label: label(change.kind),
            title: cut(if title.is_empty() { "(no title)" } else { &title }, TITLE_CHARS_MAX),
            link: web(address).filter(|url| url.as_str().len() <= LINK_BYTES_MAX),
            byline: byline(change, stored, at),
            why: why.join("; "),
            excerpt: stored.map(|s| cut(&clean(&s.lead.draft.text), EXCERPT_CHARS_MAX)).unwrap_or_default(),
            at,
        }
    }

    /// As much of it as `level` tells.
    pub(super) fn at(&self, level: Level) -> Self {
        let item = self.clone();
        match level {
            Level::Whole => item,
            Level::Brief => Self { excerpt: String::new(), ..item },
            Level::Bare => Self {
                title: cut(&item.title, BARE_TITLE_CHARS_MAX),
                link: item.link.filter(|url| url.as_str().len() <= BARE_LINK_BYTES_MAX),
                byline: String::new(),
                why: String::new(),
                excerpt: String::new(),
                ..item
            },
        }
    }

    /// The title after what happened.
    pub(super) fn headline(&self) -> String {
        self.label.map_or_else(|| self.title.clone(), |label| format!("{label}: {}", self.title))
    }

    /// Its lines of plain text below the headline.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        [&self.excerpt, &self.byline, &self.why].into_iter().map(String::as_str).filter(|line| !line.is_empty())
    }
}

/// What a message is called as a whole.
pub(super) fn subject(items: &[Item]) -> String {
    match items {
        [item] => item.headline(),
        items => format!("{} changes", items.len()),
    }
}

fn name(text: &str) -> String {
    cut(&clean(text), NAME_CHARS_MAX)
}

/// `Harbor Daily, from 晨报 +2 · 2026-11-24 08:10 UTC`
fn byline(change: &Change, stored: Option<&StoryItem>, at: DateTime<Utc>) -> String {
    let outlets = stored.map(|s| s.outlets.as_slice()).unwrap_or_default();
    let outlet = outlets.iter().find(|o| o.source == change.source);
    let mut line = name(outlet.map_or(change.source.as_str(), |o| &o.name));
    let origin = stored.and_then(|s| s.lead.draft.origin.as_deref()).map(name);
    if let Some(origin) = origin.filter(|o| !o.is_empty() && *o != line) {
        line = format!("{line}, from {origin}");
    }
    if outlets.len() > 1 {
        line = format!("{line} +{}", outlets.len() - 1);
    }
    format!("{line} · {}", at.format("%F %H:%M UTC"))
}

/// `chips: 出口管制, 芯片`
fn why(topic: &str, stored: Option<&StoryItem>) -> String {
    let matched = stored.and_then(|s| s.matches.iter().find(|m| m.topic == topic));
    let mut found: Vec<String> = vec![];
    for term in matched.iter().flat_map(|m| &m.evidence).map(|e| name(&e.found)) {
        if found.len() < FINDS_MAX && !term.is_empty() && !found.contains(&term) {
            found.push(term);
        }
    }
    if found.is_empty() { topic.to_owned() } else { format!("{topic}: {}", found.join(", ")) }
}
