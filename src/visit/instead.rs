//! What came instead of a list: told from a list that is empty.

use std::sync::Arc;

use crate::model::{Failure, FailureKind, Listing, ListingKind, Past, Problem, Source, SourceKind};
use crate::read;

use super::{
    compute,
    page::{Document, unreadable},
};

/// Whether `listing` is a page without any list.
fn is_bare(listing: &Listing) -> bool {
    listing.entries.is_empty() && matches!(listing.kind, ListingKind::Portal | ListingKind::Recipe)
}

/// Why `document`, in which `listing` was found, is a page that keeps programs out, if it is one.
pub(super) async fn blocked(listing: &Listing, document: &Arc<Document>) -> Option<Failure> {
    if !is_bare(listing) {
        return None;
    }
    let page = document.clone();
    let shown = compute(move || read::challenge(&page.text)).await.ok().flatten()?;
    let host = document.url.host_str().unwrap_or_default();
    let reason = format!(
        "{host} shows {shown} instead of its list; a cookie or a login of the source may help, or a word with its operators"
    );
    Some(Failure { kind: FailureKind::Blocked, status: Some(document.http.status), reason, retry_after_s: None })
}

/// Why `listing`, if there is nothing in it, is none; where it may be one that is empty, it says so itself.
pub(super) fn vanished(listing: &mut Listing, past: &Past, source: &Source) -> Option<Failure> {
    if !is_bare(listing) {
        return None;
    }
    if source.kind == SourceKind::Feed {
        return Some(unreadable("a feed was asked for and a page of HTML came in which nothing is listed".into()));
    }
    // Of one that its selectors find empty, or no longer fit, is said so elsewhere.
    if listing.kind == ListingKind::Portal && listing.broken.is_none() && !past.pace.marks.is_empty() {
        let reason =
            "no articles are listed on the page any more; see what it shows, and what `tidings try` makes of it";
        return Some(unreadable(reason.into()));
    }
    let message =
        "no articles are listed on the page; if it does list some, see `tidings try` and the source's selectors";
    listing.problems.push(Problem::new("list", message));
    None
}
