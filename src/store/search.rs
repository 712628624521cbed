//! The index of tokens, and the articles that it finds.

use chrono::{DateTime, Utc};

use crate::fingerprint;
use crate::search::{self, Lookup, TEXT_CHARS_MAX};

use super::{Store, StoreError, Tx, json, kept, on_pool, sql, tx::on_tx};

/// Under which it is kept how far what older versions stored is indexed: the version, and the number before which nothing is.
const FILLED: &str = "search_filled";
/// Characters of a text that are read for search.
const TEXT_CHARS: i64 = TEXT_CHARS_MAX as i64;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Tokens that an article must have, at least one.
    pub tokens: Vec<Lookup>,
    /// Only articles of this source.
    pub source: Option<String>,
    /// Only articles that this topic matched.
    pub topic: Option<String>,
    /// Only articles first seen then or later.
    pub since: Option<DateTime<Utc>>,
    /// Only articles first seen before.
    pub until: Option<DateTime<Utc>>,
}

/// An article as a search shows it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Found {
    /// Its number.
    pub id: i64,
    /// Its story.
    pub story_id: i64,
    /// Identifier of its source.
    pub source_id: String,
    /// Name of its source.
    pub source_name: String,
    /// Its address.
    pub url: String,
    /// Its headline.
    pub title: String,
    /// Its text, as far as it is searched.
    pub text: String,
    /// Its author.
    pub author: Option<String>,
    /// The paper it is from, if it says so.
    pub origin: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// When it says it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When its present state was first seen.
    pub revised_at: DateTime<Utc>,
    /// When it was taken down.
    pub gone_at: Option<DateTime<Utc>>,
}

/// Number, headline and text of articles, as far as they are searched.
type Page = Vec<(i64, String, String)>;

/// Of which version tokens are: of theirs, and of folding's.
#[must_use]
pub fn words_version() -> String {
    format!("{}.{}", search::VERSION, fingerprint::VERSION)
}

/// How far what is stored is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// Not at all for this version.
    No,
    /// All articles with this number and greater.
    From(i64),
    /// All of it.
    All,
}

impl Tx {
    /// Sets the tokens by which an article is found.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_words(&mut self, article: i64, words: &str) -> Result<(), StoreError> {
        let text = self.pick(sql::WORDS_SET);
        on_tx!(self, c => sqlx::query(text).bind(article).bind(words).execute(&mut **c).await.map(|_| ())?);
        Ok(())
    }
}

impl Store {
    /// Articles numbered below `below` that have all tokens, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self, wanted: &Wanted, below: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        if wanted.tokens.is_empty() {
            return Ok(vec![]);
        }
        let tokens = self.expression(&wanted.tokens);
        Ok(on_pool!(self, pool => {
            // Dropped at the end, with what it sets. SQLite reads without keeping anybody waiting.
            let mut tx = pool.begin().await?;
            sqlx::query(self.pick(sql::SEARCH_PLAN)).execute(&mut *tx).await?;
            sqlx::query_scalar(self.pick(sql::SEARCH)).bind(&tokens).bind(below).bind(&wanted.source)
                .bind(wanted.since.map(kept)).bind(wanted.until.map(kept)).bind(&wanted.topic).bind(limit)
                .fetch_all(&mut *tx).await?
        }))
    }

    /// Sorts new tokens into the index, if the database leaves that to us; until then they are found, but slowly.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_words(&self) -> Result<(), StoreError> {
        on_pool!(self, pool => sqlx::query(self.pick(sql::WORDS_SETTLE)).execute(pool).await.map(|_| ())?);
        Ok(())
    }

    /// Headline and text of some articles, in any order; those that are gone by now are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_compared(&self, articles: &[i64]) -> Result<Page, StoreError> {
        let list = json(articles)?;
        Ok(on_pool!(self, pool => sqlx::query_as(self.pick(sql::SEARCH_COMPARED)).bind(&list).bind(TEXT_CHARS)
            .fetch_all(pool).await?))
    }

    /// What is shown of some articles, in any order; those that are gone by now are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_shown(&self, articles: &[i64]) -> Result<Vec<Found>, StoreError> {
        let list = json(articles)?;
        Ok(on_pool!(self, pool => sqlx::query_as(self.pick(sql::SEARCH_SHOWN)).bind(&list).bind(TEXT_CHARS)
            .fetch_all(pool).await?))
    }

    /// How far what is stored is indexed by `version`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_filled(&self, version: &str) -> Result<Filled, StoreError> {
        let known: Option<String> =
            on_pool!(self, pool => sqlx::query_scalar(sql::FACT_GET).bind(FILLED).fetch_optional(pool).await?);
        let known = known.as_deref().and_then(|k| k.split_once('/')).filter(|(v, _)| *v == version);
        Ok(match known.map(|(_, from)| from.parse()) {
            None | Some(Err(_)) => Filled::No,
            Some(Ok(0)) => Filled::All,
            Some(Ok(from)) => Filled::From(from),
        })
    }

    /// Forgets all tokens, so that they are made anew by `version` from the newest article on.
    ///
    /// # Errors
    /// When the database fails; then nothing was forgotten.
    pub async fn clear_words(&self, version: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // Whoever stores an article sets its tokens.
        tx.lock_log().await?;
        let text = tx.pick(sql::WORDS_CLEAR);
        on_tx!(&mut tx, c => {
            sqlx::query(text).execute(&mut **c).await?;
            let newest: i64 = sqlx::query_scalar(sql::NEWEST_ARTICLE).fetch_one(&mut **c).await?;
            let from = if newest == 0 { 0 } else { newest + 1 };
            sqlx::query(sql::FACT_PUT).bind(FILLED).bind(format!("{version}/{from}")).execute(&mut **c).await?;
        });
        tx.commit().await
    }

    /// The newest articles numbered below `below`, as they are indexed, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_texts(&self, below: i64, limit: i64) -> Result<Page, StoreError> {
        Ok(on_pool!(self, pool => sqlx::query_as(sql::SEARCH_TEXTS).bind(below).bind(limit).bind(TEXT_CHARS)
            .fetch_all(pool).await?))
    }

    /// Sets tokens that were never set, as (article, tokens), and notes that all from `from` on are indexed by `version`; 0:
    /// all. What is stored or edited meanwhile has its own already, and keeps them.
    ///
    /// # Errors
    /// When the database fails; then nothing was set.
    pub async fn fill_words(&self, version: &str, words: &[(i64, String)], from: i64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        // Two that set tokens of the same articles in another order would wait for each other.
        tx.lock_log().await?;
        let text = tx.pick(sql::WORDS_FILL);
        on_tx!(&mut tx, c => {
            for (article, words) in words {
                sqlx::query(text).bind(article).bind(words).execute(&mut **c).await?;
            }
            sqlx::query(sql::FACT_PUT).bind(FILLED).bind(format!("{version}/{from}")).execute(&mut **c).await?;
        });
        tx.commit().await
    }

    /// `tokens` as the database in use is asked for all of them.
    fn expression(&self, tokens: &[Lookup]) -> String {
        // What would end a quotation is no letter or digit, and so in no token.
        let (quote, star, and) = match self {
            Self::Postgres(_) => ('\'', ":*", " & "),
            Self::Sqlite(_) => ('"', " *", " AND "),
        };
        let one = |l: &Lookup| {
            let token: String = l.token.chars().filter(|c| !matches!(c, '\'' | '"' | '\\' | '\0')).collect();
            format!("{quote}{token}{quote}{}", if l.prefix { star } else { "" })
        };
        tokens.iter().map(one).collect::<Vec<_>>().join(and)
    }
}
