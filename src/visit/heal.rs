//! A listing whose selectors no longer fit: told from one that is only empty, and read all the same where that agrees with
//! what it used to be.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::{Listing, ListingKind, Past, Problem, Source, address};

use super::{listing::parse, page::Document};

/// `listing`, which the source's selectors gave of `document`, or what is found without them.
pub(super) async fn heal(
    mut listing: Listing,
    document: &Arc<Document>,
    source: &Source,
    past: &Past,
    now: DateTime<Utc>,
) -> Listing {
    let Some(css) = &source.recipe.list.item else { return listing };
    let is_empty = listing.kind == ListingKind::Recipe && listing.entries.is_empty();
    if is_empty && !past.shapes.is_empty() {
        let mut bare = source.clone();
        bare.recipe.list.item = None;
        if let Ok(found) = parse(document, &bare, now).await
            && agrees(&found, past)
        {
            let broken = format!("`{css}` matches nothing on the page any more");
            listing.problems.push(Problem::new("recipe", format!("{broken}; the list is found without it")));
            listing.broken = Some(broken);
            (listing.kind, listing.entries, listing.next) = (found.kind, found.entries, found.next);
        }
    } else if listing.broken.is_some() && !past.shapes.is_empty() && !agrees(&listing, past) {
        listing
            .problems
            .push(Problem::new("recipe", "what is found without selectors is not what they found: left out"));
        listing.entries.clear();
    }
    listing
}

/// Whether most of the links look like those of the past.
fn agrees(listing: &Listing, past: &Past) -> bool {
    let alike = listing.entries.iter().filter(|e| past.shapes.contains(&address::shape(&e.link))).count();
    alike > 0 && alike * 2 >= listing.entries.len()
}
