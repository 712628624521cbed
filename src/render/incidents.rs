//! The daemon's own troubles as a feed: how the states of sources and sinks changed.

use atom_syndication::{Content, Entry, Link};
use chrono::{DateTime, Utc};

use super::{
    FeedFacts,
    atom::{notices, text},
    clean, cut, escape,
    item::apart,
};

/// Characters of a title.
const TITLE_CHARS_MAX: usize = 200;

/// One change of state, for people.
#[derive(Clone, Debug)]
pub struct IncidentItem {
    /// Its number; those of sinks and of sources are counted apart.
    pub number: i64,
    /// What its identifier ends with: no other one's does.
    pub tag: String,
    /// Name of the source, or of the sink.
    pub about: String,
    /// When it was seen.
    pub at: DateTime<Utc>,
    /// The state before, empty where it is not known, and from then on.
    pub states: (String, String),
    /// Why, in a sentence.
    pub why: String,
    /// What can be done about it.
    pub advice: Option<&'static str>,
}

/// The feed of `items`, the newest first.
#[must_use]
pub fn incidents_atom(facts: &FeedFacts, items: &[IncidentItem]) -> String {
    let updated = items.iter().map(|i| apart(i.at, i.number)).max();
    notices(facts, &facts.title, facts.tag(), updated, items.iter().map(|i| entry(facts, i)).collect())
}

fn entry(facts: &FeedFacts, i: &IncidentItem) -> Entry {
    let (was, state) = (&i.states.0, &i.states.1);
    let advice = i.advice.map_or_else(String::new, |a| format!("<p>What can be done: {}</p>", escape(a)));
    let was = if was.is_empty() { String::new() } else { format!("<p>It was {} before.</p>", escape(&clean(was))) };
    let content = format!("<p>{}</p>{was}{advice}", escape(&clean(&i.why)));
    let at = apart(i.at, i.number);
    Entry {
        title: text(&cut(&clean(&format!("{} is {state}", i.about)), TITLE_CHARS_MAX)),
        id: clean(&format!("tag:{}:incident/{}", facts.authority, i.tag)),
        updated: at.fixed_offset(),
        published: Some(at.fixed_offset()),
        links: vec![Link { rel: "alternate".into(), href: facts.home.to_string(), ..Link::default() }],
        content: Some(Content { value: Some(content), content_type: Some("html".into()), ..Content::default() }),
        ..Entry::default()
    }
}
