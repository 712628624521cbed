//! What feeds and the change log show.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use url::Url;

use crate::model::{ArticleRow, Change, ChangeKind, Draft, Evidence, Match, Outlet, StoryItem};

use super::{Store, StoreError, StoredText, json, kept, on_pool, sql};

/// Most stories or changes that one read gives.
pub const STORIES_MAX: i64 = 500;

/// Characters of an article's text that feeds are given: more than any reader shows.
const TEXT_CHARS: i64 = 200_000;
/// Characters of content beyond which it is left out, and the text stands for it.
const HTML_CHARS: i64 = 1_000_000;
/// Bytes of content and text of all articles of one read; of those beyond only the beginning is given.
const CONTENT_BYTES_MAX: usize = 32 << 20;
/// Characters of that beginning.
const OPENING_CHARS: usize = 2_000;
/// Articles that are read from the database at once.
const LEADS_AT_ONCE: usize = 50;

/// Whose stories are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// Everybody's.
    All,
    /// Those that a topic matches.
    Topic(&'a str),
    /// Those that a source ran, by when it was first seen to.
    Source(&'a str),
}

/// Which of the stories of a scope are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// Only those that a change after this number brought in.
    pub after: i64,
    /// Only those that this change or one before it brought in.
    pub upto: i64,
    /// Only those first seen at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Only those that this source ran as well.
    pub source: Option<&'a str>,
    /// The newest so many.
    pub limit: i64,
}

impl Default for Span<'_> {
    fn default() -> Self {
        Self { after: 0, upto: i64::MAX, since: None, source: None, limit: STORIES_MAX }
    }
}

/// A story's place in a feed, and which state of it there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Place {
    /// Number of the story.
    pub story: i64,
    /// Number of the change that brought it in.
    pub number: i64,
    /// Moves with everything that feeds show of the story.
    pub version: i64,
    /// When it last did, by the database's clock.
    pub changed_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct LeadRow {
    number: i64,
    id: i64,
    story_id: i64,
    source_id: String,
    url: String,
    title: String,
    text: String,
    html: String,
    published_at: Option<DateTime<Utc>>,
    modified_at: Option<DateTime<Utc>>,
    author: Option<String>,
    origin: Option<String>,
    language: Option<String>,
    image: Option<String>,
    first_seen_at: DateTime<Utc>,
    revised_at: DateTime<Utc>,
    revision: i64,
    facts: Option<Json<Facts>>,
}

/// What an article tells of itself beside its text, as it is stored.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) canonical: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) section: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comments: Option<u64>,
}

#[derive(sqlx::FromRow)]
pub(super) struct ChangeRow {
    pub(super) number: i64,
    kind: String,
    story_id: i64,
    article_id: i64,
    source_id: String,
    title: String,
    url: String,
    at: DateTime<Utc>,
}

impl Store {
    /// Newest stories first, by the number of the change that brought them in: of one topic or of all, and with an article of
    /// one source if asked. At most [`STORIES_MAX`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(
        &self,
        topic: Option<&str>,
        source: Option<&str>,
        limit: i64,
    ) -> Result<Vec<StoryItem>, StoreError> {
        let scope = topic.map_or(Scope::All, Scope::Topic);
        let places = self.places(scope, &Span { source, limit, ..Span::default() }).await?;
        self.stories(scope, &places).await
    }

    /// Which stories of `scope` the span has, the newest first, and in which version each. No article is read for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn places(&self, scope: Scope<'_>, span: &Span<'_>) -> Result<Vec<Place>, StoreError> {
        let (text, id) = match scope {
            Scope::All => (sql::PLACES_ALL, None),
            Scope::Topic(id) => (sql::PLACES_TOPIC, Some(id)),
            Scope::Source(id) => (sql::PLACES_SOURCE, Some(id)),
        };
        let since = kept(span.since.unwrap_or(DateTime::UNIX_EPOCH));
        Ok(on_pool!(self, pool => sqlx::query_as(text).bind(span.after).bind(span.upto).bind(span.source).bind(since)
            .bind(span.limit.max(0)).bind(id).fetch_all(pool).await?))
    }

    /// The stories of `places`, in their order, as `scope` shows them: in the feed of a source, its own article is the lead. Those
    /// of which no article is left are not among them. At most [`STORIES_MAX`]. Of very long articles less is given, and of those
    /// beyond a bound for all together only the beginning.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stories(&self, scope: Scope<'_>, places: &[Place]) -> Result<Vec<StoryItem>, StoreError> {
        let places = places.get(..places.len().min(STORIES_MAX as usize)).unwrap_or_default();
        let ids: Vec<i64> = places.iter().map(|p| p.story).collect();
        let mut leads = self.leads(scope, &ids).await?;
        let mut outlets = self.outlets(&ids).await?;
        let topic = if let Scope::Topic(id) = scope { Some(id) } else { None };
        let mut matches = self.matches(&ids, topic).await?;
        let item = |place: &Place| {
            Some(StoryItem {
                number: place.number,
                lead: article(leads.remove(&place.story)?)?,
                outlets: outlets.remove(&place.story).unwrap_or_default(),
                matches: matches.remove(&place.story).unwrap_or_default(),
            })
        };
        Ok(places.iter().filter_map(item).collect())
    }

    /// The articles that tell the stories, in no more memory than is bounded, whatever their sources sent.
    async fn leads(&self, scope: Scope<'_>, stories: &[i64]) -> Result<HashMap<i64, LeadRow>, StoreError> {
        let own = if let Scope::Source(id) = scope { Some(id) } else { None };
        let (mut leads, mut room) = (HashMap::new(), CONTENT_BYTES_MAX);
        for some in stories.chunks(LEADS_AT_ONCE) {
            let list = json(some)?;
            let rows: Vec<LeadRow> = on_pool!(self, pool => sqlx::query_as(self.pick(sql::LEADS)).bind(&list).bind(own)
                .bind(TEXT_CHARS).bind(HTML_CHARS).fetch_all(pool).await?);
            let mut rows: HashMap<i64, LeadRow> = rows.into_iter().map(|row| (row.story_id, row)).collect();
            // In their order, so that the same ones are given whole every time.
            for mut row in some.iter().filter_map(|story| rows.remove(story)) {
                let bytes = row.text.len() + row.html.len();
                match room.checked_sub(bytes) {
                    Some(left) => room = left,
                    None => {
                        row.html = String::new();
                        row.text = row.text.chars().take(OPENING_CHARS).collect();
                    }
                }
                leads.insert(row.story_id, row);
            }
        }
        Ok(leads)
    }

    /// The texts by which queries are tried on the stories of `places`, as `scope` shows them, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story_texts(&self, scope: Scope<'_>, places: &[Place]) -> Result<Vec<StoredText>, StoreError> {
        let ids: Vec<i64> = places.iter().map(|p| p.story).collect();
        let list = json(&ids)?;
        let own = if let Scope::Source(id) = scope { Some(id) } else { None };
        let rows: Vec<StoredText> = on_pool!(self, pool =>
            sqlx::query_as(self.pick(sql::LEAD_TEXTS)).bind(&list).bind(own).bind(TEXT_CHARS).fetch_all(pool).await?);
        let mut texts: HashMap<i64, StoredText> = rows.into_iter().map(|row| (row.story_id, row)).collect();
        Ok(ids.iter().filter_map(|story| texts.remove(story)).collect())
    }

    /// The article numbered `id`, with the outlets of its story and the story's matches; `None`: there is none, or no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article(&self, id: i64) -> Result<Option<StoryItem>, StoreError> {
        let row: Option<LeadRow> =
            on_pool!(self, pool => sqlx::query_as(sql::ARTICLE_ROW).bind(id).fetch_optional(pool).await?);
        let Some(row) = row else { return Ok(None) };
        let (number, story) = (row.number, row.story_id);
        let outlets = self.outlets(&[story]).await?.remove(&story).unwrap_or_default();
        let matches = self.matches(&[story], None).await?.remove(&story).unwrap_or_default();
        Ok(article(row).map(|lead| StoryItem { number, lead, outlets, matches }))
    }

    /// Every outlet of the stories, one line for each, in order of first sight.
    pub(super) async fn outlets(&self, stories: &[i64]) -> Result<HashMap<i64, Vec<Outlet>>, StoreError> {
        let list = json(stories)?;
        let rows: Vec<(i64, String, String, String, String, DateTime<Utc>)> = on_pool!(self, pool =>
            sqlx::query_as(self.pick(sql::OUTLETS)).bind(&list).fetch_all(pool).await?);
        let mut by_story: HashMap<i64, Vec<Outlet>> = HashMap::new();
        for (story, source, name, url, title, first_seen_at) in rows {
            let outlets = by_story.entry(story).or_default();
            if outlets.iter().all(|o| o.source != source) {
                outlets.push(Outlet { source, name, url, title, first_seen_at });
            }
        }
        Ok(by_story)
    }

    /// Every topic's match of the stories, the lead article's where it matched; only `topic`'s when one is asked for.
    pub(super) async fn matches(
        &self,
        stories: &[i64],
        topic: Option<&str>,
    ) -> Result<HashMap<i64, Vec<Match>>, StoreError> {
        let list = json(stories)?;
        let rows: Vec<(i64, String, f64, Json<Vec<Evidence>>)> = on_pool!(self, pool =>
            sqlx::query_as(self.pick(sql::STORY_MATCHES)).bind(&list).fetch_all(pool).await?);
        let mut by_story: HashMap<i64, Vec<Match>> = HashMap::new();
        for (story, id, score, Json(evidence)) in rows {
            let matches = by_story.entry(story).or_default();
            if topic.is_none_or(|t| t == id) && matches.iter().all(|m| m.topic != id) {
                matches.push(Match { topic: id, score, evidence });
            }
        }
        Ok(by_story)
    }

    /// Changes numbered above `since`, oldest first, of one topic if asked; at most [`STORIES_MAX`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes(&self, since: i64, topic: Option<&str>, limit: i64) -> Result<Vec<Change>, StoreError> {
        let limit = limit.clamp(0, STORIES_MAX);
        let rows: Vec<ChangeRow> = on_pool!(self, pool => match topic {
            Some(topic) => {
                sqlx::query_as(sql::CHANGES_TOPIC).bind(since).bind(limit).bind(topic).fetch_all(pool).await?
            }
            None => sqlx::query_as(sql::CHANGES).bind(since).bind(limit).fetch_all(pool).await?,
        });
        let last = rows.last().map_or(since, |r| r.number);
        let mut by_number = self.change_topics(since, last).await?;
        rows.into_iter().map(|r| change(r, &mut by_number)).collect()
    }

    /// Whom the changes numbered above `since` and up to `last` concern.
    pub(super) async fn change_topics(&self, since: i64, last: i64) -> Result<HashMap<i64, Vec<String>>, StoreError> {
        let topics: Vec<(i64, String)> = on_pool!(self, pool =>
            sqlx::query_as(sql::CHANGE_TOPICS).bind(since).bind(last).fetch_all(pool).await?);
        let mut by_number: HashMap<i64, Vec<String>> = HashMap::new();
        for (number, topic) in topics {
            by_number.entry(number).or_default().push(topic);
        }
        Ok(by_number)
    }

    /// Edits and takedowns, the newest first, of one topic if asked; at most [`STORIES_MAX`]. Their `topics` are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn edits(&self, topic: Option<&str>, limit: i64) -> Result<Vec<Change>, StoreError> {
        let limit = limit.clamp(0, STORIES_MAX);
        let rows: Vec<ChangeRow> = on_pool!(self, pool => match topic {
            Some(topic) => sqlx::query_as(sql::EDITS_TOPIC).bind(limit).bind(topic).fetch_all(pool).await?,
            None => sqlx::query_as(sql::EDITS).bind(limit).fetch_all(pool).await?,
        });
        rows.into_iter().map(|r| change(r, &mut HashMap::new())).collect()
    }

    /// Number of the newest change, 0 when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<i64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::HEAD).fetch_one(pool).await?))
    }
}

/// The change of a row, with the topics that are known of its number.
pub(super) fn change(r: ChangeRow, topics: &mut HashMap<i64, Vec<String>>) -> Result<Change, StoreError> {
    let kind = ChangeKind::parse(&r.kind)
        .ok_or_else(|| StoreError::Corrupt(format!("change {} is a `{}`", r.number, r.kind)))?;
    Ok(Change {
        number: r.number,
        kind,
        story: r.story_id,
        article: r.article_id,
        source: r.source_id,
        title: r.title,
        url: r.url,
        topics: topics.remove(&r.number).unwrap_or_default(),
        at: r.at,
    })
}

/// `None` when the stored address is none, which no version of this program writes.
fn article(row: LeadRow) -> Option<ArticleRow> {
    let facts = row.facts.map(|Json(facts)| facts).unwrap_or_default();
    Some(ArticleRow {
        id: row.id,
        story: row.story_id,
        source: row.source_id,
        draft: Draft {
            url: Url::parse(&row.url).ok()?,
            title: row.title,
            text: row.text,
            html: row.html,
            published: row.published_at,
            modified: row.modified_at,
            author: row.author,
            origin: row.origin,
            language: row.language,
            image: row.image.and_then(|i| Url::parse(&i).ok()),
            canonical: facts.canonical,
            section: facts.section,
            tags: facts.tags,
            comments: facts.comments,
            next: None,
        },
        first_seen_at: row.first_seen_at,
        revised_at: row.revised_at,
        revision: row.revision,
    })
}
