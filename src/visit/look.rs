//! A dry run: one visit of any address, whatever it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{Outcome, Source, SourceKind, Target, TargetKind, Visit};

use super::{
    Kit, article, blank, listing,
    page::{self, Got},
};

/// What an address is to be taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum As {
    /// Found out from the document: an article if one can be extracted, else a listing.
    #[default]
    Either,
    /// A listing.
    Listing,
    /// An article page.
    Article,
}

/// Visits `url` as a page of `source` once, without any store.
pub async fn look(url: &Url, source: &Source, kind: As, kit: &Arc<Kit>, now: DateTime<Utc>) -> Visit {
    let target = |kind| Target {
        id: 0,
        source: source.id.clone(),
        kind,
        url: url.clone(),
        etag: None,
        last_modified: None,
        failures: 0,
        first_seen_at: now,
        last_visit_at: None,
        last_success_at: None,
        entry: None,
    };
    let document = match page::get(url, (None, None), source, kit).await {
        Ok(Got::Document(document)) => *document,
        Ok(Got::NotModified(http)) => {
            let mut visit = blank(target(TargetKind::Listing), now);
            visit.http = Some(http);
            visit.outcome = Outcome::NotModified;
            return visit;
        }
        Err(failure) => {
            let mut visit = blank(target(TargetKind::Listing), now);
            visit.outcome = Outcome::Failed(failure);
            return visit;
        }
    };
    let is_html = !document.text.trim_start().starts_with("<?xml")
        && (document.text.contains("<html") || document.text.contains("<body") || document.text.contains("<HTML"));
    let is_listed = matches!(source.kind, SourceKind::Feed | SourceKind::Sitemap) && source.url == *url;
    if kind == As::Article || (kind == As::Either && is_html && !is_listed) {
        let mut visit = blank(target(TargetKind::Article), now);
        article::take(&mut visit, document.clone(), source, kit).await;
        if kind == As::Article || visit.outcome == Outcome::Ok {
            return visit;
        }
    }
    let mut visit = blank(target(TargetKind::Listing), now);
    listing::take(&mut visit, document, source, kit).await;
    visit
}
