//! Archive pages of feeds (RFC 5005, section 4): where each ends is decided when it is full, what it says when it is first read.
//!
//! Until somebody has read a page nobody can tell whether it changed, so nothing is kept of it; from then on it says the same for
//! good, whatever becomes of its stories. A feed names a page only when the one after it is full as well: by then it has settled
//! what its stories say, which is often known from a list first and from their pages later. Only retention ends it, as a whole: a page is gone as soon as anything in it is older than
//! what is kept.

use std::io::{Read, Write};

use chrono::{DateTime, Utc};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};

use super::{Place, STORIES_MAX, Scope, Span, Store, StoreError, json, kept, on_pool, sql};
use crate::model::StoryItem;

/// Pages that are found to be full at one look.
const PAGES_AT_ONCE: i64 = 1_000;
/// Bytes of what a page says, unpacked.
const KEPT_BYTES_MAX: u64 = 256 << 20;
/// Bytes of a query's digest by which archives of a topic are told apart from those of its earlier queries.
const DIGEST_BYTES: usize = 4;

/// Which archive is meant: that of a feed, as long as the feed asks for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// `all`, `source/ID`, or `topic/ID/DIGEST`.
    feed: String,
    /// What tells its pages from those of an earlier query, in addresses; empty: there was none.
    pub mark: String,
    /// The newest page, from 1, that is there and after which there is a full one.
    pub newest: Option<i64>,
    /// Number of the newest story on that page, 0 where there is none.
    pub upto: i64,
}

/// What an archive page says for good.
#[derive(Serialize, Deserialize)]
struct Kept {
    stories: Vec<StoryItem>,
    before: Option<i64>,
    after: Option<i64>,
}

/// What stands on an archive page, and which pages are beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchivePage {
    /// Its stories, the newest first.
    pub stories: Vec<StoryItem>,
    /// The page with older ones.
    pub before: Option<i64>,
    /// The page with newer ones.
    pub after: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct PageRow {
    page: i64,
    last_number: i64,
    stories: i64,
    gone: bool,
}

impl Store {
    /// The archive of `scope`, in pages of `size` stories; pages that have become full are added. `None`: there is no such feed,
    /// or its topic is still being matched with what is stored, so that its stories have no places yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn archive(&self, scope: Scope<'_>, size: i64) -> Result<Option<Archive>, StoreError> {
        let Some((feed, mark)) = self.archive_name(scope).await? else { return Ok(None) };
        let size = size.clamp(1, STORIES_MAX);
        let newest = self.newest_page(&feed).await?;
        let (page, after) = newest.as_ref().map_or((0, 0), |p| (p.page, p.last_number));
        // A look at as many places as a page has tells whether counting is worth it.
        let open = self.places(scope, &Span { after, limit: size, ..Span::default() }).await?;
        if i64::try_from(open.len()).is_ok_and(|n| n < size) {
            return self.named(feed, mark, page).await.map(Some);
        }
        let (text, id) = match scope {
            Scope::All => (sql::ENDS_ALL, None),
            Scope::Topic(id) => (sql::ENDS_TOPIC, Some(id)),
            Scope::Source(id) => (sql::ENDS_SOURCE, Some(id)),
        };
        let ends: Vec<i64> = on_pool!(self, pool => sqlx::query_scalar(text).bind(after).bind(size)
            .bind(PAGES_AT_ONCE).bind(id).fetch_all(pool).await?);
        let mut tx = self.begin().await?;
        // Two that find the same pages full say the same, unless something was stored in between.
        tx.lock_log().await?;
        super::tx::on_tx!(&mut tx, c => for (number, end) in (page + 1..).zip(&ends) {
            sqlx::query(sql::ARCHIVE_NEW).bind(&feed).bind(number).bind(end).bind(size).execute(&mut **c).await?;
        });
        tx.commit().await?;
        let page = self.newest_page(&feed).await?.map_or(0, |p| p.page);
        self.named(feed, mark, page).await.map(Some)
    }

    /// The archive whose newest full page is `full`.
    async fn named(&self, feed: String, mark: String, full: i64) -> Result<Archive, StoreError> {
        let newest = self.page(&feed, full - 1).await?.filter(|p| !p.gone);
        let upto = newest.as_ref().map_or(0, |p| p.last_number);
        Ok(Archive { feed, mark, newest: newest.map(|p| p.page), upto })
    }

    /// What page `page` of the archive says; the first call decides that for good. `None`: it is gone, or no feed names it yet,
    /// since the one after it is not full.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn archived(
        &self,
        archive: &Archive,
        scope: Scope<'_>,
        page: i64,
    ) -> Result<Option<ArchivePage>, StoreError> {
        if let Some(kept) = self.kept_page(&archive.feed, page).await? {
            return Ok(Some(kept));
        }
        let Some(row) = self.page(&archive.feed, page).await?.filter(|p| !p.gone) else { return Ok(None) };
        let Some(next) = self.page(&archive.feed, page.saturating_add(1)).await? else { return Ok(None) };
        let before = self.page(&archive.feed, page - 1).await?;
        let after = before.as_ref().map_or(0, |p| p.last_number);
        let span = Span { after, upto: row.last_number, ..Span::default() };
        let places: Vec<Place> = self.places(scope, &span).await?;
        let stories = self.stories(scope, &places).await?;
        let is_less = i64::try_from(stories.len()).is_ok_and(|n| n < row.stories);
        // A story that was taken apart is elsewhere now, and takes nothing with it.
        if is_less && self.has_dead_stories(after, row.last_number).await? {
            // Retention has taken some of it, and takes pages as a whole.
            on_pool!(self, pool => sqlx::query(sql::ARCHIVE_LEAVE).bind(&archive.feed).bind(page).execute(pool).await.map(|_| ())?);
            return Ok(None);
        }
        let oldest: Option<DateTime<Utc>> = stories.iter().map(|s| s.lead.first_seen_at).min();
        let there = |row: Option<PageRow>| row.filter(|p| !p.gone).map(|p| p.page);
        let packed = pack(&Kept { stories, before: there(before), after: there(Some(next)) })?;
        on_pool!(self, pool => sqlx::query(sql::ARCHIVE_KEEP).bind(&archive.feed).bind(page).bind(&packed[..])
            .bind(oldest.map(kept)).execute(pool).await.map(|_| ())?);
        // Of several that read it for the first time at once, one has decided.
        self.kept_page(&archive.feed, page).await
    }

    /// Whether page `page` is there: full, as the one after it is, and not gone; or read by somebody before that was asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_page(&self, archive: &Archive, page: i64) -> Result<bool, StoreError> {
        let is_full = self.page(&archive.feed, page).await?.is_some_and(|p| !p.gone);
        Ok(is_full
            && (self.page(&archive.feed, page.saturating_add(1)).await?.is_some()
                || self.kept_page(&archive.feed, page).await?.is_some()))
    }

    /// Has archive pages be gone of which something was first seen before `before` (`None`: none is too old), and forgets those
    /// of topics whose query is another now. Returns how many are gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_archives(&self, before: Option<DateTime<Utc>>) -> Result<u64, StoreError> {
        let topics: Vec<(String, Vec<u8>)> =
            on_pool!(self, pool => sqlx::query_as(sql::TOPICS_KNOWN).fetch_all(pool).await?);
        let names: Vec<String> = topics.iter().map(|(id, digest)| topic_name(id, digest).0).collect();
        let list = json(&names)?;
        on_pool!(self, pool => sqlx::query(self.pick(sql::ARCHIVES_FORGET)).bind(&list).execute(pool).await.map(|_| ())?);
        let Some(before) = before else { return Ok(0) };
        Ok(on_pool!(self, pool =>
            sqlx::query(sql::ARCHIVES_LEAVE).bind(kept(before)).execute(pool).await?.rows_affected()))
    }

    async fn archive_name(&self, scope: Scope<'_>) -> Result<Option<(String, String)>, StoreError> {
        match scope {
            Scope::All => Ok(Some(("all".into(), String::new()))),
            Scope::Source(id) => Ok(Some((format!("source/{id}"), String::new()))),
            Scope::Topic(id) => {
                let state: Option<(Vec<u8>, Option<i64>)> =
                    on_pool!(self, pool => sqlx::query_as(sql::TOPIC_STATE).bind(id).fetch_optional(pool).await?);
                Ok(state.filter(|(_, behind)| behind.is_none()).map(|(digest, _)| topic_name(id, &digest)))
            }
        }
    }

    /// Whether nothing is left of some story that was new between two changes.
    async fn has_dead_stories(&self, after: i64, upto: i64) -> Result<bool, StoreError> {
        Ok(on_pool!(self, pool =>
            sqlx::query_scalar::<_, i64>(sql::STORY_DEAD).bind(after).bind(upto).fetch_optional(pool).await?.is_some()))
    }

    async fn newest_page(&self, feed: &str) -> Result<Option<PageRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::ARCHIVE_NEWEST).bind(feed).fetch_optional(pool).await?))
    }

    async fn page(&self, feed: &str, page: i64) -> Result<Option<PageRow>, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::ARCHIVE_PAGE).bind(feed).bind(page).fetch_optional(pool).await?))
    }

    async fn kept_page(&self, feed: &str, page: i64) -> Result<Option<ArchivePage>, StoreError> {
        let packed: Option<Option<Vec<u8>>> = on_pool!(self, pool => sqlx::query_scalar(sql::ARCHIVE_KEPT).bind(feed).bind(page).fetch_optional(pool).await?);
        let kept = packed.flatten().map(|packed| unpack(&packed)).transpose()?;
        Ok(kept.map(|Kept { stories, before, after }| ArchivePage { stories, before, after }))
    }
}

/// The name of a topic's archive, and its mark.
fn topic_name(id: &str, digest: &[u8]) -> (String, String) {
    let mark: String = digest.iter().take(DIGEST_BYTES).map(|b| format!("{b:02x}")).collect();
    (format!("topic/{id}/{mark}"), mark)
}

fn corrupt(e: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("an archive page: {e}"))
}

fn pack(page: &Kept) -> Result<Vec<u8>, StoreError> {
    let mut packer = GzEncoder::new(vec![], Compression::default());
    packer.write_all(&serde_json::to_vec(page).map_err(corrupt)?).map_err(corrupt)?;
    packer.finish().map_err(corrupt)
}

fn unpack(packed: &[u8]) -> Result<Kept, StoreError> {
    let mut plain = vec![];
    GzDecoder::new(packed).take(KEPT_BYTES_MAX).read_to_end(&mut plain).map_err(corrupt)?;
    serde_json::from_slice(&plain).map_err(corrupt)
}
