//! Search, as JSON.

use std::sync::Arc;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, asked, changes,
    problem::{Problem, Refusals},
    query::{Query as Pairs, instant, shown},
    router::Shared,
    seek::{Hit, Place, seek},
    status,
};
use crate::search::{Query, Span};
use crate::store::{Filled, Wanted, words_version};

/// Results in one answer, if the reader does not ask for another number.
pub(super) const LIMIT: i64 = 20;
/// Most of them.
const LIMIT_MAX: i64 = 100;

/// What a search finds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Results {
    /// The best first.
    results: Vec<Article>,
    /// `cursor` of the next request; null: that was all. A page can be short, or empty, and have a next one.
    next: Option<String>,
    /// How far what is stored is indexed.
    index: Index,
}

/// An article that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundArticle)]
struct Article {
    id: i64,
    story: i64,
    source: String,
    /// Name of the outlet.
    outlet: String,
    url: String,
    title: String,
    /// The headline, with what was found marked.
    marked_title: Vec<Span>,
    /// The part of the text that tells most of what was asked for, with what was found marked.
    excerpt: Vec<Span>,
    author: Option<String>,
    origin: Option<String>,
    language: Option<String>,
    published_at: Option<DateTime<Utc>>,
    first_seen_at: DateTime<Utc>,
    /// When its present state was first seen.
    revised_at: DateTime<Utc>,
    /// When it was taken down; null: it was not.
    gone_at: Option<DateTime<Utc>>,
    /// The headline holds every term; those come first.
    in_title: bool,
    /// How well it answers; more is better. For comparison within one answer.
    score: f64,
}

/// How far what is stored is indexed for search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchIndex)]
pub(super) struct Index {
    /// Everything stored is found. If not, what is new is, and older articles as they are indexed.
    pub(super) complete: bool,
    /// Articles with this number and greater are found; null: all, or none yet that an older version stored.
    pub(super) from: Option<i64>,
}

/// Search everything stored.
///
/// Words, `"phrases"` and `prefix*`, of which an article must hold all, in its headline or text. Either script of Chinese
/// finds the other; Han words stand anywhere, others are whole words.
#[utoipa::path(get, path = "/api/v1/search", tag = "read", params(
    ("q" = String, Query, description = "What is looked for, up to 200 characters and 16 terms.", min_length = 1),
    ("topic" = Option<String>, Query, description = "Only articles that this topic matched."),
    ("source" = Option<String>, Query, description = "Only articles of this source."),
    ("since" = Option<String>, Query, description = "Only articles first seen then or later: a date, or an instant (RFC 3339)."),
    ("until" = Option<String>, Query, description = "Only articles first seen before."),
    ("limit" = Option<i64>, Query, description = "Results in one answer; 20 if absent.", minimum = 1, maximum = 100),
    ("cursor" = Option<String>, Query, description = "`next` of the answer before, for the same search."),
), responses(
    (status = 200, description = "What was found, the best first.", body = Results),
    Refusals,
))]
pub(super) async fn search(
    State(shared): State<Arc<Shared>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Results>, Problem> {
    let asked = Asked::read(&shared, raw.as_deref())?;
    let (hits, next) = find(&shared, &asked).await?;
    let index = index(&shared.app).await?;
    Ok(Json(Results { results: hits.into_iter().map(article).collect(), next, index }))
}

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Asked {
    query: Query,
    wanted: Wanted,
    limit: usize,
    place: Option<Place>,
    /// What tells a cursor of this search from another's.
    mark: String,
}

impl Asked {
    pub(super) fn read(shared: &Shared, raw: Option<&str>) -> Result<Self, Problem> {
        let pairs = Pairs::of(raw);
        let q = pairs.get("q").ok_or_else(|| Problem::bad("`q` says what is looked for, and is missing."))?;
        let query = Query::parse(q).map_err(|e| Problem::bad(format!("`q` cannot be searched for: {e}.")))?;
        let source = pairs.get("source");
        if let Some(source) = source.filter(|s| !asked::is_id(s)) {
            return Err(Problem::bad(format!("`{}` is no identifier of a source.", shown(source))));
        }
        let wanted = Wanted {
            tokens: vec![],
            source: source.map(str::to_owned),
            topic: pairs.get("topic").map(|topic| changes::known(shared, topic)).transpose()?,
            since: bound(&pairs, "since")?,
            until: bound(&pairs, "until")?,
        };
        let mark = mark(q, &wanted);
        let place = pairs.get("cursor").map(|cursor| place(cursor, &mark)).transpose()?;
        let limit = pairs.limit_to(LIMIT, LIMIT_MAX)?;
        Ok(Self { query, wanted, limit: usize::try_from(limit).unwrap_or_default(), place, mark })
    }
}

/// What was found, and the cursor of the next page.
pub(super) async fn find(shared: &Shared, asked: &Asked) -> Result<(Vec<Hit>, Option<String>), Problem> {
    let store = &shared.app.store;
    let found = seek(store, &asked.query, &asked.wanted, asked.place, asked.limit).await;
    let (hits, next) = found.map_err(|e| Problem::store("search", &e))?;
    if let Some(source) = asked.wanted.source.as_deref().filter(|_| hits.is_empty() && next.is_none()) {
        status::name(&shared.app, source).await?;
    }
    Ok((hits, next.map(|n| cursor(n, &asked.mark))))
}

/// How far what is stored is indexed.
pub(super) async fn index(app: &App) -> Result<Index, Problem> {
    let filled = app.store.search_filled(&words_version()).await.map_err(|e| Problem::store("search index", &e))?;
    Ok(match filled {
        Filled::All => Index { complete: true, from: None },
        Filled::From(from) => Index { complete: false, from: Some(from) },
        Filled::No => Index { complete: false, from: None },
    })
}

fn article(hit: Hit) -> Article {
    const TENTHS: f64 = 10.0;
    let f = hit.found;
    Article {
        id: f.id,
        story: f.story_id,
        source: f.source_id,
        outlet: f.source_name,
        url: f.url,
        title: f.title,
        marked_title: hit.title,
        excerpt: hit.excerpt,
        author: f.author,
        origin: f.origin,
        language: f.language,
        published_at: f.published_at,
        first_seen_at: f.first_seen_at,
        revised_at: f.revised_at,
        gone_at: f.gone_at,
        in_title: hit.weight.in_title,
        score: f64::from(hit.weight.score) / TENTHS,
    }
}

/// The instant that bounds when articles were first seen, if `key` says one.
fn bound(pairs: &Pairs, key: &str) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(value) = pairs.get(key) else { return Ok(None) };
    instant(value).map(Some).ok_or_else(|| {
        let form = "a date such as 2026-11-24, or an instant such as 2026-11-24T08:00:00Z";
        Problem::bad(format!("`{key}` must be {form}, not `{}`.", shown(value)))
    })
}

/// What tells one search from another.
fn mark(q: &str, wanted: &Wanted) -> String {
    const MARK_HEX_CHARS: usize = 8;
    let all = format!("{q}\n{:?}", wanted);
    blake3::hash(all.as_bytes()).to_hex()[..MARK_HEX_CHARS].to_owned()
}

fn cursor(place: Place, mark: &str) -> String {
    let Place { top, past_titles, below, bottom, last: (score, id) } = place;
    format!("{top}.{}.{below}.{bottom}.{score}.{id}.{mark}", u8::from(past_titles))
}

fn place(cursor: &str, mark: &str) -> Result<Place, Problem> {
    let read = || {
        let mut parts = cursor.split('.');
        let mut number = || parts.next()?.parse::<i64>().ok().filter(|n| *n >= 0);
        let (top, past_titles, below, bottom) = (number()?, number()? == 1, number()?, number()?);
        let last = (u32::try_from(number()?).ok()?, number()?);
        let ours = parts.next() == Some(mark) && parts.next().is_none();
        ours.then_some(Place { top, past_titles, below, bottom, last })
    };
    read().ok_or_else(|| Problem::bad("`cursor` is not the `next` of an answer to this search."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_for_the_search_that_gave_it() {
        let (one, other) = (mark("芯片", &Wanted::default()), mark("渡轮", &Wanted::default()));
        let at = Place { top: 90, past_titles: true, below: 40, bottom: 7, last: (31, 12) };
        assert_eq!(place(&cursor(at, &one), &one).unwrap(), at);
        let narrow = mark("芯片", &Wanted { source: Some("a".into()), ..Wanted::default() });
        for (text, mark) in [
            (cursor(at, &one), &other),
            (cursor(at, &one), &narrow),
            ("1.1".into(), &one),
            ("-1.0.0.0.0.0.x".into(), &one),
        ] {
            assert_eq!(place(&text, mark).unwrap_err().status, 400, "{text}");
        }
    }
}
