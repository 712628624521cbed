//! Topics as feeds, in three formats, and the list of them.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;
use url::Url;

use super::{App, Feed, conditional, problem::Problem, query::Query, query::shown, router::Shared};
use crate::model::StoryItem;
use crate::render::{self, FeedFacts};

/// The feed of every story, matching or not.
pub(super) const ALL: &str = "all";
/// Its title.
pub(super) const ALL_TITLE: &str = "All stories";
/// Title of the list of feeds.
const LIST_TITLE: &str = "tidings";
/// Bytes of an identifier.
const ID_BYTES_MAX: usize = 64;

/// A format that feeds come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    pub(super) const EACH: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    fn render(self, facts: &FeedFacts, stories: &[StoryItem]) -> String {
        match self {
            Self::Rss => render::rss(facts, stories),
            Self::Atom => render::atom(facts, stories),
            Self::Json => render::json(facts, stories),
        }
    }
}

/// `/feeds/{topic}.{format}`.
pub(super) async fn feed(
    State(shared): State<Arc<Shared>>,
    file: Result<Path<String>, PathRejection>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, now) = (&shared.app, Utc::now());
    let Path(file) = file.map_err(|_| Problem::absent("No feed has a name that is not UTF-8."))?;
    let (feed, format) = asked(&file, &shared.topics())?;
    let query = Query::of(raw.as_deref());
    let limit = query.limit(app.settings.items)?;
    let source = query.get("source");
    if let Some(source) = source.filter(|s| !is_id(s)) {
        return Err(Problem::bad(format!("`{}` is no identifier of a source.", shown(source))));
    }
    let topic = Some(feed.id.as_str()).filter(|id| *id != ALL);
    let stories = app.store.feed(topic, source, limit).await.map_err(|e| Problem::store("feed", &e))?;
    if let Some(source) = source.filter(|_| stories.is_empty()) {
        known(app, source).await?;
    }
    let (facts, newest) = (facts(app, &feed, source), newest(&stories));
    // Megabytes of text are put together here, which would keep the other requests of this thread waiting.
    let body = spawn_blocking(move || format.render(&facts, &stories)).await.map_err(|e| {
        tracing::error!(error = %e, "a feed could not be rendered");
        Problem::defect()
    })?;
    Ok(conditional::answer(&headers, format.content_type(), body, newest, now))
}

/// `/feeds.opml`.
pub(super) async fn opml(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let feeds: Vec<(String, Url)> = list(&shared.topics())
        .into_iter()
        .map(|f| (f.title, shared.app.feed(&f.id, Format::Atom.extension())))
        .collect();
    let body = render::opml(LIST_TITLE, &feeds);
    conditional::answer(&headers, "text/x-opml; charset=utf-8", body, None, Utc::now())
}

/// Every feed: the topics, then all.
pub(super) fn list(topics: &[Feed]) -> Vec<Feed> {
    topics.iter().cloned().chain([Feed { id: ALL.into(), title: ALL_TITLE.into() }]).collect()
}

/// The feed and format that `file` names.
fn asked(file: &str, topics: &[Feed]) -> Result<(Feed, Format), Problem> {
    let (id, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let feed = named(id, topics)?;
    let Some(format) = Format::EACH.into_iter().find(|f| f.extension() == extension) else {
        let problem = Problem::absent(format!("The feed `{id}` comes as .rss, .atom and .json."));
        return Err(problem.known(Format::EACH.map(|f| format!("{id}.{}", f.extension()))));
    };
    Ok((feed, format))
}

/// The feed called `id`.
pub(super) fn named(id: &str, topics: &[Feed]) -> Result<Feed, Problem> {
    let mut feeds = list(topics);
    let Some(place) = feeds.iter().position(|f| f.id == id) else {
        let problem = Problem::absent(format!("No topic is called `{}`.", shown(id)));
        return Err(problem.known(feeds.into_iter().map(|f| f.id)));
    };
    Ok(feeds.swap_remove(place))
}

/// What the feed says of itself; one narrowed to a source is another feed.
fn facts(app: &App, feed: &Feed, source: Option<&str>) -> FeedFacts {
    let mut base = app.address(&["feeds", &feed.id]);
    let (mut id, mut title) = (feed.id.clone(), feed.title.clone());
    if let Some(source) = source {
        base.query_pairs_mut().append_pair("source", source);
        id = format!("{id}/{source}");
        title = format!("{title}: {source}");
    }
    FeedFacts {
        id,
        title,
        base,
        home: app.address(&[""]),
        authority: app.authority.clone(),
        full_content: app.settings.full_content,
    }
}

/// An empty feed of a source that nobody configured is a mistyped one.
pub(super) async fn known(app: &App, source: &str) -> Result<(), Problem> {
    let rows = app.store.sources().await.map_err(|e| Problem::store("sources", &e))?;
    if rows.iter().any(|r| r.id == source) {
        return Ok(());
    }
    Err(Problem::absent(format!("No source is called `{source}`.")).known(rows.into_iter().map(|r| r.id)))
}

pub(super) fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The newest instant that the stories show.
fn newest(stories: &[StoryItem]) -> Option<DateTime<Utc>> {
    let outlets = stories.iter().flat_map(|s| s.outlets.iter().map(|o| o.first_seen_at));
    stories.iter().flat_map(|s| [s.lead.revised_at, s.lead.first_seen_at]).chain(outlets).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::{app, topics};

    #[test]
    fn a_file_names_a_topic_and_a_format() {
        let (feed, format) = asked("chip.atom", &topics()).unwrap();
        assert_eq!((feed.title.as_str(), format), ("Chips & controls", Format::Atom));
        assert_eq!(asked("all.json", &topics()).unwrap().0.id, ALL);
        for absent in ["chips.rss", "chip", ".rss", "chip.xml", "chip.rss.rss", ""] {
            assert_eq!(asked(absent, &topics()).unwrap_err().status, 404, "{absent}");
        }
        let said = serde_json::to_value(asked("chips.rss", &topics()).unwrap_err()).unwrap();
        assert_eq!(said["known"], serde_json::json!(["chip", "port", "all"]));
    }

    #[tokio::test]
    async fn a_narrowed_feed_is_another_feed() {
        let mut app = app();
        app.base = "https://news.example.org/tidings".parse().unwrap();
        let (whole, narrow) = (facts(&app, &topics()[0], None), facts(&app, &topics()[0], Some("delta")));
        assert_eq!(whole.base.as_str(), "https://news.example.org/tidings/feeds/chip");
        assert_eq!(whole.home.as_str(), "https://news.example.org/tidings/");
        assert_eq!(narrow.base.as_str(), "https://news.example.org/tidings/feeds/chip?source=delta");
        assert_ne!(whole.id, narrow.id);
    }

    #[test]
    fn source_identifiers_have_a_shape() {
        assert!(is_id("backchina-us2"));
        assert!(!is_id("") && !is_id("A") && !is_id("a b") && !is_id(&"a".repeat(65)));
    }
}
