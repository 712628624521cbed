//! A search: candidates from the store a window at a time, ranked here, so that both databases give one order.
//!
//! First what holds every term in its headline, then the rest. In each, windows of the newest candidates, then older ones;
//! within a window by score, and among equals the newest first. What a query finds is mostly one window. A place in it stays
//! where it is while articles arrive and go: it begins below the newest article of its first page, ends where it ended then, and
//! goes on after the result that was given last.

use std::cmp::Reverse;
use std::collections::HashMap;

use tokio::task::spawn_blocking;

use crate::search::{Lookup, Query, Span, Weight};
use crate::store::{Found, Store, StoreError, Wanted};

/// Candidates that are ranked together.
const WINDOW: i64 = 1000;
/// Windows that one page looks through; then it is given as it is, and the next goes on.
const WINDOWS_MAX: usize = 4;
/// Texts that are in memory at once.
const COMPARED: usize = 100;

/// How far a reader of the results is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Only articles numbered below are looked at.
    pub(super) top: i64,
    /// What holds every term in its headline was given.
    pub(super) past_titles: bool,
    /// Where the window begins.
    pub(super) below: i64,
    /// The oldest article of the window, once that is known; 0: not yet, or it has no end.
    pub(super) bottom: i64,
    /// Score and number of the result of the window that was given last; number 0: none was.
    pub(super) last: (u32, i64),
}

/// An article that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The article.
    pub found: Found,
    /// How well it answers.
    pub weight: Weight,
    /// Its headline, with what was found marked.
    pub title: Vec<Span>,
    /// The part of its text that tells most of what was asked for.
    pub excerpt: Vec<Span>,
}

/// The next `limit` articles that hold all terms of `query` and are as `wanted` (whose tokens are not looked at), from `place`
/// on, or from the first; and where the next ones begin, if there may be more. Fewer, or none, may come with a next place.
///
/// # Errors
/// When the database fails.
pub async fn seek(
    store: &Store,
    query: &Query,
    wanted: &Wanted,
    place: Option<Place>,
    limit: usize,
) -> Result<(Vec<Hit>, Option<Place>), StoreError> {
    let mut at = match place {
        Some(place) => place,
        None => {
            let top = store.newest_article().await?.saturating_add(1);
            Place { top, past_titles: false, below: top, bottom: 0, last: (0, 0) }
        }
    };
    let tokens = query.lookups();
    let mut best: Vec<(Weight, i64)> = vec![];
    let mut next = None;
    for window in 0.. {
        if window == WINDOWS_MAX || best.len() >= limit {
            next = Some(at);
            break;
        }
        let tokens = if at.past_titles { tokens.clone() } else { tokens.iter().map(Lookup::in_title).collect() };
        let mut ids = store.search(&Wanted { tokens, ..wanted.clone() }, at.below.min(at.top), WINDOW).await?;
        if at.bottom == 0 && i64::try_from(ids.len()).is_ok_and(|n| n >= WINDOW) {
            at.bottom = ids.last().copied().unwrap_or_default();
        }
        ids.retain(|id| *id >= at.bottom);
        let mut ranked = ranked(store, query, &ids, !at.past_titles).await?;
        ranked.retain(|(weight, id)| at.last.1 == 0 || (weight.score, *id) < at.last);
        let taken = ranked.len().min(limit - best.len());
        best.extend(&ranked[..taken]);
        if let Some((weight, id)) = ranked[..taken].last().filter(|_| taken < ranked.len()) {
            next = Some(Place { last: (weight.score, *id), ..at });
            break;
        }
        at = match at.bottom {
            0 if at.past_titles => break,
            0 => Place { past_titles: true, below: at.top, last: (0, 0), ..at },
            bottom => Place { below: bottom, bottom: 0, last: (0, 0), ..at },
        };
    }
    Ok((shown(store, query, &best).await?, next))
}

/// Which of the candidates hold what is asked for, the best first: in the headline, or otherwise.
async fn ranked(store: &Store, query: &Query, ids: &[i64], in_title: bool) -> Result<Vec<(Weight, i64)>, StoreError> {
    let mut ranked = Vec::with_capacity(ids.len());
    for ids in ids.chunks(COMPARED) {
        let texts = store.search_compared(ids).await?;
        let query = query.clone();
        let weigh = move || {
            let weighed = texts.iter().filter_map(|(id, title, text)| Some((query.weigh(title, text)?, *id)));
            weighed.filter(|(w, _)| w.in_title == in_title).collect::<Vec<_>>()
        };
        ranked.extend(spawn_blocking(weigh).await.unwrap_or_default());
    }
    ranked.sort_by_key(|(w, id)| Reverse((w.score, *id)));
    Ok(ranked)
}

async fn shown(store: &Store, query: &Query, best: &[(Weight, i64)]) -> Result<Vec<Hit>, StoreError> {
    let ids: Vec<i64> = best.iter().map(|(_, id)| *id).collect();
    let mut found: HashMap<i64, Found> = store.search_shown(&ids).await?.into_iter().map(|f| (f.id, f)).collect();
    let (query, best) = (query.clone(), best.to_vec());
    let hits = spawn_blocking(move || {
        let hit = |(weight, id): (Weight, i64)| {
            let found = found.remove(&id)?;
            let (title, excerpt) = (query.mark_title(&found.title), query.excerpt(&found.text));
            Some(Hit { found, weight, title, excerpt })
        };
        best.into_iter().filter_map(hit).collect()
    });
    Ok(hits.await.unwrap_or_default())
}
