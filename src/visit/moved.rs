//! Addresses that are left for good: where a permanent redirect has led often enough, the next visit goes straight there.

use url::Url;

use crate::model::{Failure, HttpFacts, Moved, Problem, Target, TargetKind, Visit};

use super::page::Got;

/// Permanent redirects in a row after which they are believed: sites under repair send people away for a day, "permanently".
const TIMES_MIN: u32 = 3;

/// Where `target` is to be asked for.
pub(super) fn address(target: &Target) -> &Url {
    // The password of an address goes to no other.
    let open = target.url.username().is_empty() && target.url.password().is_none();
    target.past.pace.moved.as_ref().filter(|m| open && m.times >= TIMES_MIN).map_or(&target.url, |m| &m.to)
}

/// Remembers what `got`, which came from [`address`], says of where the target is.
pub(super) fn remember(visit: &mut Visit, got: &Result<Got, Failure>) {
    let direct = *address(&visit.target) != visit.target.url;
    let http: &HttpFacts = match got {
        Ok(Got::Document(document)) => &document.http,
        Ok(Got::NotModified(http)) => http,
        Err(_) => {
            // The old address is asked again: it knows where to go from there, or has everything back.
            visit.pace.moved = visit.pace.moved.take().filter(|_| !direct);
            return;
        }
    };
    match (&http.moved_to, &mut visit.pace.moved) {
        (None, moved) if !direct => *moved = None,
        (None, _) => {}
        (Some(to), Some(moved)) if *to == moved.to => moved.times = moved.times.saturating_add(1),
        (Some(to), moved) => *moved = Some(Moved { to: to.clone(), times: 1 }),
    }
    if let Some(moved) =
        visit.pace.moved.as_ref().filter(|m| m.times >= TIMES_MIN && visit.target.kind == TargetKind::Listing)
    {
        let message =
            format!("it has moved for good to {}, where it is asked from now on; set `url` to that", moved.to);
        visit.problems.push(Problem::new("list", message));
    }
}
