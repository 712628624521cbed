//! Addresses that are left for good: where a permanent redirect has led often enough, the next visit goes straight there.

use crate::model::{Failure, HttpFacts, Moved, Problem, TargetKind, Visit};

use super::page::Got;

/// Remembers what `got`, which came from [`crate::model::Pace::address`], says of where the target is.
pub(super) fn remember(visit: &mut Visit, got: &Result<Got, Failure>) {
    let direct = *visit.target.past.pace.address(&visit.target.url) != visit.target.url;
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
    let asked = visit.pace.address(&visit.target.url);
    if *asked != visit.target.url && visit.target.kind == TargetKind::Listing {
        let message = format!("it has moved for good to {asked}, where it is asked from now on; set `url` to that");
        visit.problems.push(Problem::new("list", message));
    }
}
