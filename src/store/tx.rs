//! Several writes as one: all of them, or none.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Sqlite, Transaction, types::Json};

use crate::model::{Change, ChangeKind, Digest, Draft, Entry, Match, TargetKind};

use super::{Dialects, Store, StoreError, feed::Facts, kept, sql};

/// A transaction on whichever database is there. Dropped without [`Tx::commit`], it leaves nothing behind.
#[derive(Debug)]
pub enum Tx {
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
    /// On SQLite; it is the one writer from its first moment.
    Sqlite(Transaction<'static, Sqlite>),
}

/// Runs one body on whichever transaction is there.
macro_rules! on_tx {
    ($tx:expr, $c:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Postgres($c) => $body,
            $crate::store::Tx::Sqlite($c) => $body,
        }
    };
}
pub(super) use on_tx;

/// An article to be stored for the first time, or in a new state.
#[derive(Clone, Copy, Debug)]
pub struct NewArticle<'a> {
    /// Identifier of the source.
    pub source: &'a str,
    /// The page it was read from; `None`: carried by a listing's entry.
    pub target: Option<i64>,
    /// What identifies it, see [`crate::model::address::canonical`].
    pub key: &'a str,
    /// Its content.
    pub draft: &'a Draft,
    /// Its exact identity.
    pub digest: Digest,
}

/// What is stored of an article, as far as decisions need it.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Stored {
    /// Its number.
    pub id: i64,
    /// Its story.
    pub story_id: i64,
    /// Its source.
    pub source_id: String,
    /// Whether it was read from its own page.
    pub from_page: bool,
    /// Its headline.
    pub title: String,
    /// Its digest.
    pub digest: Vec<u8>,
    /// Its revision.
    pub revision: i64,
}

/// `s` without U+0000, which PostgreSQL cannot keep in a text.
pub(super) fn plain(s: &str) -> Cow<'_, str> {
    if s.contains('\0') { Cow::Owned(s.replace('\0', "")) } else { Cow::Borrowed(s) }
}

/// `value` as JSON without U+0000, which PostgreSQL cannot keep in JSON either.
pub(super) fn storable(value: &impl serde::Serialize) -> Json<serde_json::Value> {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    strip(&mut value);
    Json(value)
}

/// What a draft tells of itself beside its text; `None`: nothing.
fn facts(draft: &Draft) -> Option<Json<serde_json::Value>> {
    let (canonical, section) = (draft.canonical.clone(), draft.section.clone());
    let facts = Facts { canonical, section, tags: draft.tags.clone(), comments: draft.comments };
    (facts != Facts::default()).then(|| storable(&facts))
}

fn strip(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(s) if s.contains('\0') => *s = s.replace('\0', ""),
        serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(strip),
        _ => {}
    }
}

impl Store {
    /// Begins a transaction.
    ///
    /// # Errors
    /// When the database is unreachable, or SQLite's writer stays busy.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
            // Not deferred: a reader that turns writer midway is refused at once when another writes.
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
        })
    }
}

impl Tx {
    pub(super) const fn pick(&self, statement: Dialects) -> &'static str {
        match self {
            Self::Postgres(_) => statement.postgres,
            Self::Sqlite(_) => statement.sqlite,
        }
    }

    /// Makes everything durable and visible.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        on_tx!(self, c => c.commit().await?);
        Ok(())
    }

    /// Waits until nobody else appends changes, and keeps everybody else waiting until the end of the transaction. Must come
    /// before anything is read that decides on changes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_log(&mut self) -> Result<(), StoreError> {
        let text = self.pick(sql::LOG_LOCK);
        on_tx!(self, c => sqlx::query(text).execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }

    /// Number of the newest change; certain not to move only after [`Tx::lock_log`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&mut self) -> Result<i64, StoreError> {
        Ok(on_tx!(self, c => sqlx::query_scalar(sql::HEAD).fetch_one(&mut **c).await?))
    }

    /// Adds an article page to be visited at `due`, or only remembered when that is `None`; `false` when it was known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_target(
        &mut self,
        source: &str,
        key: &str,
        host: &str,
        entry: &Entry,
        now: DateTime<Utc>,
        due: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        let kind = TargetKind::Article.as_str();
        let row: Option<i64> = on_tx!(self, c => sqlx::query_scalar(sql::TARGET_NEW)
            .bind(source).bind(kind).bind(key).bind(entry.link.as_str()).bind(host)
            .bind(due.is_some().then(|| storable(entry))).bind(kept(now)).bind(due.map(kept))
            .fetch_optional(&mut **c).await?);
        Ok(row.is_some())
    }

    /// Adds a page that is known and held back; `false` if it is a target already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_target(
        &mut self,
        source: &str,
        key: &str,
        host: &str,
        entry: &Entry,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (kind, now) = (TargetKind::Article.as_str(), kept(now));
        let row: Option<i64> = on_tx!(self, c => sqlx::query_scalar(sql::TARGET_NEW)
            .bind(source).bind(kind).bind(key).bind(entry.link.as_str()).bind(host)
            .bind(storable(entry)).bind(now).bind(None::<DateTime<Utc>>).fetch_optional(&mut **c).await?);
        if let Some(id) = row {
            on_tx!(self, c => sqlx::query(sql::TARGET_HOLD).bind(id).bind(now).execute(&mut **c).await.map(|_| ())?);
        }
        Ok(row.is_some())
    }

    /// The article with this key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article(&mut self, key: &str) -> Result<Option<Stored>, StoreError> {
        Ok(on_tx!(self, c => sqlx::query_as(sql::ARTICLE_GET).bind(key).fetch_optional(&mut **c).await?))
    }

    /// The text of an article.
    ///
    /// # Errors
    /// When the database fails, or the article is not there.
    pub async fn text(&mut self, article: i64) -> Result<String, StoreError> {
        Ok(on_tx!(self, c => sqlx::query_scalar(sql::ARTICLE_TEXT).bind(article).fetch_one(&mut **c).await?))
    }

    /// Gives an article of `story` another digest, for the same text; whether it had another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn restamp(&mut self, article: i64, story: i64, digest: Digest) -> Result<bool, StoreError> {
        let bytes = digest.as_bytes();
        let changed = on_tx!(self, c => sqlx::query(sql::ARTICLE_RESTAMP).bind(article).bind(bytes).execute(&mut **c)
            .await?.rows_affected())
            > 0;
        if changed {
            self.add_digest(digest, story).await?;
        }
        Ok(changed)
    }

    /// The story that a digest belongs to.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story_of(&mut self, digest: Digest) -> Result<Option<i64>, StoreError> {
        let digest = digest.as_bytes();
        Ok(on_tx!(self, c => sqlx::query_scalar(sql::DIGEST_GET).bind(digest).fetch_optional(&mut **c).await?))
    }

    /// Whether an outlet already has an article in a story.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_outlet(&mut self, story: i64, source: &str) -> Result<bool, StoreError> {
        let n: i64 = on_tx!(self, c => sqlx::query_scalar(sql::OUTLET_COUNT).bind(story).bind(source).fetch_one(&mut **c).await?);
        Ok(n > 0)
    }

    /// Begins a story with the change `number`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_story(&mut self, number: i64, now: DateTime<Utc>) -> Result<i64, StoreError> {
        Ok(
            on_tx!(self, c => sqlx::query_scalar(sql::STORY_NEW).bind(number).bind(kept(now)).fetch_one(&mut **c).await?),
        )
    }

    /// Says which story a digest belongs to, unless another already has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_digest(&mut self, digest: Digest, story: i64) -> Result<(), StoreError> {
        let digest = digest.as_bytes();
        on_tx!(self, c => sqlx::query(sql::DIGEST_NEW).bind(digest).bind(story).execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }

    /// Adds an article to a story.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_article(&mut self, story: i64, a: NewArticle<'_>, now: DateTime<Utc>) -> Result<i64, StoreError> {
        let d = a.draft;
        Ok(on_tx!(self, c => sqlx::query_scalar(sql::ARTICLE_NEW)
            .bind(story).bind(a.source).bind(a.target).bind(a.key).bind(d.url.as_str()).bind(a.target.is_some())
            .bind(plain(&d.title)).bind(plain(&d.text)).bind(plain(&d.html)).bind(d.published.map(kept)).bind(d.modified.map(kept))
            .bind(d.author.as_deref().map(plain)).bind(d.origin.as_deref().map(plain)).bind(d.language.as_deref().map(plain)).bind(d.image.as_ref().map(url::Url::as_str))
            .bind(a.digest.as_bytes()).bind(kept(now)).bind(facts(d))
            .fetch_one(&mut **c).await?))
    }

    /// Replaces an article's content; with `keep`, the state it replaces becomes a revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revise_article(
        &mut self,
        stored: &Stored,
        a: NewArticle<'_>,
        keep: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let d = a.draft;
        if keep {
            on_tx!(self, c => sqlx::query(sql::REVISION_NEW).bind(stored.id).execute(&mut **c).await.map(|_| ())?);
        }
        let revision = stored.revision + i64::from(keep);
        on_tx!(self, c => sqlx::query(sql::ARTICLE_SET)
            .bind(stored.id).bind(a.target).bind(a.target.is_some()).bind(plain(&d.title)).bind(plain(&d.text)).bind(plain(&d.html))
            .bind(d.published.map(kept)).bind(d.modified.map(kept)).bind(d.author.as_deref().map(plain)).bind(d.origin.as_deref().map(plain)).bind(d.language.as_deref().map(plain))
            .bind(d.image.as_ref().map(url::Url::as_str)).bind(a.digest.as_bytes()).bind(kept(now)).bind(revision).bind(facts(d))
            .execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }

    /// Replaces what matched an article, and brings its story into the feeds of those topics at `number`; returns the topics
    /// whose feeds did not have the story before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_matches(
        &mut self,
        article: i64,
        story: i64,
        matches: &[Match],
        number: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let now = kept(now);
        let mut new = vec![];
        on_tx!(self, c => {
            sqlx::query(sql::MATCHES_FORGET).bind(article).execute(&mut **c).await?;
            for m in matches {
                sqlx::query(sql::MATCH_NEW).bind(&m.topic).bind(article).bind(story).bind(m.score)
                    .bind(storable(&m.evidence)).bind(false).bind(now).execute(&mut **c).await?;
                let row: Option<i64> = sqlx::query_scalar(sql::TOPIC_STORY_NEW)
                    .bind(&m.topic).bind(story).bind(number).bind(false).fetch_optional(&mut **c).await?;
                new.extend(row.map(|_| m.topic.clone()));
            }
        });
        Ok(new)
    }

    /// Topics of the configuration, with the digests of their queries; certain not to change only after [`Tx::lock_log`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topics(&mut self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        Ok(on_tx!(self, c => sqlx::query_as(sql::TOPICS).fetch_all(&mut **c).await?))
    }

    /// Has `topic` matched, in the background, with `article` and what was stored after it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_to_backfill(&mut self, topic: &str, article: i64) -> Result<(), StoreError> {
        on_tx!(self, c => sqlx::query(sql::TOPIC_BEHIND).bind(topic).bind(article - 1).execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }

    /// Marks the articles that were read from `target` as taken down; what is known of those for which that was not done before.
    /// The changes' `number` and `topics` are for the caller to fill in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_down(&mut self, target: i64, now: DateTime<Utc>) -> Result<Vec<Change>, StoreError> {
        let rows: Vec<(i64, i64, String, String, String)> = on_tx!(self, c => sqlx::query_as(sql::ARTICLE_GONE)
            .bind(target).bind(kept(now)).fetch_all(&mut **c).await?);
        let gone = rows.into_iter().map(|(article, story, source, title, url)| Change {
            number: 0,
            kind: ChangeKind::ArticleGone,
            story,
            article,
            source,
            title,
            url,
            topics: vec![],
            at: kept(now),
        });
        Ok(gone.collect())
    }

    /// Topics that have a story in their feed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn topics_of(&mut self, article: i64) -> Result<Vec<String>, StoreError> {
        Ok(on_tx!(self, c => sqlx::query_scalar(sql::ARTICLE_TOPICS).bind(article).fetch_all(&mut **c).await?))
    }

    /// Appends a change; only after [`Tx::lock_log`], with the number after [`Tx::head`].
    ///
    /// # Errors
    /// When the database fails, or the number is taken.
    pub async fn append(&mut self, change: &Change) -> Result<(), StoreError> {
        on_tx!(self, c => {
            sqlx::query(sql::CHANGE_NEW).bind(change.number).bind(change.kind.as_str()).bind(change.story)
                .bind(change.article).bind(&change.source).bind(plain(&change.title)).bind(&change.url).bind(kept(change.at))
                .execute(&mut **c).await?;
            for topic in &change.topics {
                sqlx::query(sql::CHANGE_TOPIC_NEW).bind(topic).bind(change.number).execute(&mut **c).await?;
            }
        });
        Ok(())
    }
}
