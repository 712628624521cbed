//! Which articles may be copies of one another, and the undoing of a join.

use chrono::{DateTime, Days, Utc};

use crate::model::{Change, ChangeKind, Sketch};

use super::{Store, StoreError, Tx, json, kept, on_pool, sql, tx::on_tx};

/// Candidates that are looked at: who shares most bands comes first.
const CANDIDATES_MAX: i64 = 24;

/// An article that may be a copy.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// Its number.
    pub id: i64,
    /// Its story.
    pub story_id: i64,
    /// Its headline.
    pub title: String,
    /// The paper that it is from, if it says so.
    pub origin: Option<String>,
    /// Name of its source.
    pub outlet: String,
    /// The body of its sketch.
    pub sketch: Vec<u8>,
}

/// An article as it stands in its story.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Member {
    /// Its number.
    pub id: i64,
    /// Its source.
    pub source_id: String,
    /// Its address.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// How it came to the story: `new`, `equal`, `copy …`, `split`.
    pub joined: Option<String>,
    /// Its digest.
    pub digest: Vec<u8>,
    /// The body of its sketch.
    pub sketch: Option<Vec<u8>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
}

/// Story, number, digest, source, headline and address of the article that an address names.
type Named = (i64, i64, Vec<u8>, String, String, String);

/// Seconds of a period: few of them are in a window, and each costs a look-up for each band.
const PERIOD_S: i64 = 16 * 86_400;

/// Periods since 1970.
fn period(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(PERIOD_S)
}

impl Tx {
    /// Articles first seen between `since` and `now` that share bands with `sketch`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn candidates(
        &mut self,
        sketch: &Sketch,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Candidate>, StoreError> {
        let periods: Vec<i64> = (period(since)..=period(now)).collect();
        let (bands, periods) = (json(&sketch.bands)?, json(&periods)?);
        let text = self.pick(sql::CANDIDATES);
        Ok(on_tx!(self, c => sqlx::query_as(text).bind(&bands).bind(&periods).bind(CANDIDATES_MAX).bind(kept(since))
            .fetch_all(&mut **c).await?))
    }

    /// Notes how an article came to its story, and what tells its copies from now on; with `is_found`, they find it by this
    /// sketch too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_likeness(
        &mut self,
        article: i64,
        joined: Option<&str>,
        sketch: Option<&Sketch>,
        is_found: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let text = self.pick(sql::BANDS_NEW);
        let bands = sketch.map(|s| json(&s.bands)).transpose()?;
        on_tx!(self, c => {
            sqlx::query(sql::ARTICLE_LIKENESS).bind(article).bind(sketch.map(|s| &s.body[..])).bind(joined)
                .execute(&mut **c).await?;
            if let Some(bands) = bands.as_ref().filter(|_| is_found) {
                sqlx::query(text).bind(period(now)).bind(article).bind(bands).execute(&mut **c).await?;
            }
        });
        Ok(())
    }

    /// Gives the articles with the digest of the one at `address` (its key, or as it is shown) a story of their own, with the
    /// change `number`; the change, or `None` when there is no such article, or nothing else in its story. Only after
    /// [`Tx::lock_log`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn split(
        &mut self,
        address: &str,
        number: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Change>, StoreError> {
        let found: Option<Named> =
            on_tx!(self, c => sqlx::query_as(sql::ARTICLE_AT).bind(address).fetch_optional(&mut **c).await?);
        let Some((old, article, digest, source, title, url)) = found else { return Ok(None) };
        let members: Vec<Member> =
            on_tx!(self, c => sqlx::query_as(sql::STORY_ARTICLES).bind(old).fetch_all(&mut **c).await?);
        if members.iter().all(|m| m.digest == digest) {
            return Ok(None);
        }
        let story = self.add_story(number, now).await?;
        on_tx!(self, c => {
            let moved: Vec<i64> = sqlx::query_scalar(sql::ARTICLES_MOVE).bind(old).bind(&digest).bind(story)
                .fetch_all(&mut **c).await?;
            sqlx::query(sql::DIGEST_MOVE).bind(&digest).bind(old).bind(story).execute(&mut **c).await?;
            for article in moved {
                sqlx::query(sql::MATCHES_MOVE).bind(article).bind(story).execute(&mut **c).await?;
                sqlx::query(sql::DIGESTS_MOVE).bind(article).bind(old).bind(story).execute(&mut **c).await?;
            }
            sqlx::query(sql::TOPIC_STORIES_MATCHED).bind(story).bind(number).execute(&mut **c).await?;
            sqlx::query(sql::TOPIC_STORIES_UNMATCHED).bind(old).execute(&mut **c).await?;
        });
        let topics = on_tx!(self, c => sqlx::query_scalar(sql::STORY_TOPICS).bind(story).fetch_all(&mut **c).await?);
        Ok(Some(Change {
            number,
            kind: ChangeKind::StoryNew,
            story,
            article,
            source,
            title,
            url,
            topics,
            at: kept(now),
        }))
    }
}

impl Store {
    /// The articles of the story of the article at `address` (its key, or as it is shown), first seen first, with the story's
    /// number; `None` when there is no such article.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn story_at(&self, address: &str) -> Result<Option<(i64, Vec<Member>)>, StoreError> {
        let found: Option<Named> =
            on_pool!(self, pool => sqlx::query_as(sql::ARTICLE_AT).bind(address).fetch_optional(pool).await?);
        let Some((story, ..)) = found else { return Ok(None) };
        let members = on_pool!(self, pool => sqlx::query_as(sql::STORY_ARTICLES).bind(story).fetch_all(pool).await?);
        Ok(Some((story, members)))
    }

    /// Forgets by which bands articles first seen before `since` are found; returns how many bands those were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_bands(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        // A day more, so that nothing is forgotten that a clock beside ours still looks for.
        let before = period(since.checked_sub_days(Days::new(1)).unwrap_or(since));
        Ok(on_pool!(self, pool => sqlx::query(sql::BANDS_FORGET).bind(before).execute(pool).await?.rows_affected()))
    }
}
