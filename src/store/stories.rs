//! Stories by pages and one by one, counts of topics, and the log from its oldest change on.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use crate::model::{Change, ChangeKind, Evidence, Match, Outlet};

use super::{STORIES_MAX, Store, StoreError, feed::ChangeRow, feed::change, kept, on_pool, sql, tx::on_tx};

/// Articles of a story that are shown.
const PARTS_MAX: i64 = 500;
/// Matches of a story that are shown.
const MATCHES_MAX: i64 = 2000;

/// A story in a list: what its lead says, who ran it, and which topics matched it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryRow {
    /// Its lead.
    pub lead: StoryLead,
    /// Every outlet, in order of first sight.
    pub outlets: Vec<Outlet>,
    /// Topics that matched any of its articles, with evidence.
    pub matches: Vec<Match>,
}

/// The article of a story that was seen first.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoryLead {
    /// Number of the change that brought the story into the list.
    pub number: i64,
    /// Number of the story.
    pub story_id: i64,
    /// Number of the article.
    pub id: i64,
    /// Identifier of its source.
    pub source_id: String,
    /// Its address.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// The paper that it is from, if it says so.
    pub origin: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// When it says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When its present state was first seen.
    pub revised_at: DateTime<Utc>,
}

/// An article of a story.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct StoryPart {
    /// Number of the article.
    pub id: i64,
    /// Identifier of its source.
    pub source_id: String,
    /// Name of its source.
    pub outlet: String,
    /// Its address.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// How it came to the story: `new`, `equal`, `copy …`, `split`.
    pub joined: Option<String>,
    /// Its author.
    pub author: Option<String>,
    /// The paper that it is from, if it says so.
    pub origin: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// When it says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When its present state was first seen.
    pub revised_at: DateTime<Utc>,
    /// Its revision, from 1.
    pub revision: i64,
    /// When it was taken down.
    pub gone_at: Option<DateTime<Utc>>,
    /// Topics that matched it, with evidence.
    #[sqlx(skip)]
    pub matches: Vec<Match>,
}

/// How much a topic matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopicCounts {
    /// Stories in its feed.
    pub stories: i64,
    /// Articles that it matched.
    pub articles: i64,
    /// When the newest of them was first seen.
    pub newest_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Stories numbered below `below`, the newest first: of one topic or of all, and with an article of one source if asked. At
    /// most [`STORIES_MAX`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story_page(
        &self,
        topic: Option<&str>,
        source: Option<&str>,
        below: i64,
        limit: i64,
    ) -> Result<Vec<StoryRow>, StoreError> {
        let limit = limit.clamp(0, STORIES_MAX);
        let leads: Vec<StoryLead> = on_pool!(self, pool => match topic {
            Some(topic) => sqlx::query_as(sql::STORIES_TOPIC).bind(topic).bind(below).bind(source).bind(limit)
                .fetch_all(pool).await?,
            None => sqlx::query_as(sql::STORIES_ALL).bind(below).bind(source).bind(limit).fetch_all(pool).await?,
        });
        let ids: Vec<i64> = leads.iter().map(|l| l.story_id).collect();
        let mut outlets = self.outlets(&ids).await?;
        let mut matches = self.matches(&ids, None).await?;
        let row = |lead: StoryLead| StoryRow {
            outlets: outlets.remove(&lead.story_id).unwrap_or_default(),
            matches: matches.remove(&lead.story_id).unwrap_or_default(),
            lead,
        };
        Ok(leads.into_iter().map(row).collect())
    }

    /// A story's number in the log, and its articles, first seen first; `None` when it has none (left).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story(&self, story: i64) -> Result<Option<(i64, Vec<StoryPart>)>, StoreError> {
        let number: Option<i64> =
            on_pool!(self, pool => sqlx::query_scalar(sql::STORY_NUMBER).bind(story).fetch_optional(pool).await?);
        let mut parts: Vec<StoryPart> = on_pool!(self, pool =>
            sqlx::query_as(sql::STORY_PARTS).bind(story).bind(PARTS_MAX).fetch_all(pool).await?);
        let rows: Vec<(i64, String, f64, Json<Vec<Evidence>>)> = on_pool!(self, pool =>
            sqlx::query_as(sql::STORY_PART_MATCHES).bind(story).bind(MATCHES_MAX).fetch_all(pool).await?);
        let mut matches: HashMap<i64, Vec<Match>> = HashMap::new();
        for (article, topic, score, Json(evidence)) in rows {
            matches.entry(article).or_default().push(Match { topic, score, evidence });
        }
        for part in &mut parts {
            part.matches = matches.remove(&part.id).unwrap_or_default();
        }
        Ok(number.filter(|_| !parts.is_empty()).map(|number| (number, parts)))
    }

    /// How much each of the topics matched.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topic_counts(&self, topics: &[String]) -> Result<HashMap<String, TopicCounts>, StoreError> {
        let stories: Vec<(String, i64)> =
            on_pool!(self, pool => sqlx::query_as(sql::TOPIC_STORY_COUNTS).fetch_all(pool).await?);
        let articles: Vec<(String, i64)> =
            on_pool!(self, pool => sqlx::query_as(sql::TOPIC_ARTICLE_COUNTS).fetch_all(pool).await?);
        let mut counts: HashMap<String, TopicCounts> =
            topics.iter().map(|t| (t.clone(), TopicCounts::default())).collect();
        for (topic, n) in stories {
            counts.entry(topic).and_modify(|c| c.stories = n);
        }
        for (topic, n) in articles {
            counts.entry(topic).and_modify(|c| c.articles = n);
        }
        for (topic, counts) in counts.iter_mut().filter(|(_, c)| c.articles > 0) {
            counts.newest_at =
                on_pool!(self, pool => sqlx::query_scalar(sql::TOPIC_NEWEST).bind(topic).fetch_one(pool).await?);
        }
        Ok(counts)
    }

    /// Changes numbered above `since`, oldest first, of `kinds` and of one topic if asked; at most [`STORIES_MAX`]. No kinds: of
    /// all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes_of(
        &self,
        since: i64,
        topic: Option<&str>,
        kinds: &[ChangeKind],
        limit: i64,
    ) -> Result<Vec<Change>, StoreError> {
        if kinds.is_empty() {
            return self.changes(since, topic, limit).await;
        }
        let limit = limit.clamp(0, STORIES_MAX);
        let list: String = kinds.iter().map(|k| format!(",{},", k.as_str())).collect();
        let rows: Vec<ChangeRow> = on_pool!(self, pool => match topic {
            Some(topic) => sqlx::query_as(sql::CHANGES_TOPIC_KINDS).bind(since).bind(limit).bind(&list).bind(topic)
                .fetch_all(pool).await?,
            None => sqlx::query_as(sql::CHANGES_KINDS).bind(since).bind(limit).bind(&list).fetch_all(pool).await?,
        });
        let last = rows.last().map_or(since, |r| r.number);
        let mut topics = self.change_topics(rows.first().map_or(since, |r| r.number - 1), last).await?;
        rows.into_iter().map(|r| change(r, &mut topics)).collect()
    }

    /// Number of the oldest change that is kept, 0 when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_change(&self) -> Result<i64, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_scalar(sql::OLDEST_CHANGE).fetch_one(pool).await?))
    }

    /// Forgets changes from before `before`, the oldest first and at most `limit`, but for the newest and for those that a sink
    /// is still to be told of; returns how many.
    ///
    /// # Errors
    /// When the database fails; then nothing was forgotten.
    pub async fn forget_changes(&self, before: DateTime<Utc>, limit: i64) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let forgotten = on_tx!(&mut tx, c => {
            let oldest: i64 = sqlx::query_scalar(sql::OLDEST_CHANGE).fetch_one(&mut **c).await?;
            let kept: i64 = sqlx::query_scalar(sql::CHANGES_KEPT).bind(kept(before)).fetch_one(&mut **c).await?;
            let waited: Option<i64> = sqlx::query_scalar(sql::CHANGES_WAITED_FOR).fetch_one(&mut **c).await?;
            let end = kept.min(waited.map_or(kept, |cursor| cursor + 1)).min(oldest.saturating_add(limit));
            sqlx::query(sql::CHANGE_TOPICS_FORGET).bind(end).execute(&mut **c).await?;
            sqlx::query(sql::CHANGES_FORGET).bind(end).execute(&mut **c).await?.rows_affected()
        });
        tx.commit().await?;
        Ok(forgotten)
    }
}
