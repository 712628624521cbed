//! A dry run: one visit of any address, whatever it is.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{
    Listing, ListingKind, Outcome, Past, Recipe, Source, SourceKind, Target, TargetKind, Visit, address,
};

use super::{
    Kit, article, listing,
    page::{self, Document, Got},
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

/// What a dry run saw.
#[derive(Debug)]
pub struct Look {
    /// The visit.
    pub visit: Visit,
    /// The one of the recipes that were to be tried that reads the list best.
    pub recipe: Option<&'static str>,
}

/// Visits `url` as a page of `source` once, without any store; a list page that has no selectors is also read by each of
/// `recipes`.
pub async fn look(
    url: &Url,
    source: &Source,
    kind: As,
    recipes: &[(&'static str, Recipe)],
    kit: &Arc<Kit>,
    now: DateTime<Utc>,
) -> Look {
    let plain = |visit| Look { visit, recipe: None };
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
        past: Past::default(),
    };
    let document = match page::get(url, (None, None), source, kit).await {
        Ok(Got::Document(document)) => Arc::new(*document),
        Ok(Got::NotModified(http)) => {
            let mut visit = Visit::begun(target(TargetKind::Listing), now);
            visit.http = Some(*http);
            visit.outcome = Outcome::NotModified;
            return plain(visit);
        }
        Err(failure) => {
            let mut visit = Visit::begun(target(TargetKind::Listing), now);
            visit.outcome = Outcome::Failed(failure);
            return plain(visit);
        }
    };
    let is_html = !document.text.trim_start().starts_with("<?xml")
        && (document.text.contains("<html") || document.text.contains("<body") || document.text.contains("<HTML"));
    let is_listed = matches!(source.kind, SourceKind::Feed | SourceKind::Sitemap) && source.url == *url;
    if kind == As::Article || (kind == As::Either && is_html && !is_listed) {
        let mut visit = Visit::begun(target(TargetKind::Article), now);
        article::take(&mut visit, Document::clone(&document), source, kit).await;
        let is_article = visit.outcome == Outcome::Ok && !is_made_of_titles(&visit, &document, source, now).await;
        if kind == As::Article || is_article {
            return plain(visit);
        }
    }
    let mut visit = Visit::begun(target(TargetKind::Listing), now);
    listing::take(&mut visit, Arc::clone(&document), source, kit).await;
    let recipe = match &visit.listing {
        Some(found) if found.kind == ListingKind::Portal => best(found, &document, source, recipes, now).await,
        _ => None,
    };
    Look { visit, recipe }
}

/// Whether the text that was found is a list of headlines, each a line of it: then there is no article.
async fn is_made_of_titles(visit: &Visit, document: &Arc<Document>, source: &Source, now: DateTime<Utc>) -> bool {
    const TITLES_MIN: usize = 2;
    let Ok(listing) = listing::parse(document, source, now).await else { return false };
    let lines: HashSet<&str> = visit.findings.iter().flat_map(|f| f.draft.text.lines()).map(str::trim).collect();
    let told = listing.entries.iter().filter(|e| e.title.as_deref().is_some_and(|t| lines.contains(t.trim()))).count();
    told >= TITLES_MIN && told * 2 >= listing.entries.len()
}

/// The recipe that finds most of what `found` has, and the most dates with it.
async fn best(
    found: &Listing,
    document: &Arc<Document>,
    source: &Source,
    recipes: &[(&'static str, Recipe)],
    now: DateTime<Utc>,
) -> Option<&'static str> {
    const ENTRIES_MIN: usize = 2;
    let known: HashSet<String> = found.entries.iter().map(|e| address::canonical(&e.link)).collect();
    let mut best: Option<((usize, usize), &'static str)> = None;
    for (name, recipe) in recipes {
        let source = Source { recipe: recipe.clone(), ..source.clone() };
        let Ok(read) = listing::parse(document, &source, now).await else { continue };
        if read.kind != ListingKind::Recipe || read.entries.len() < ENTRIES_MIN {
            continue;
        }
        let shared = read.entries.iter().filter(|e| known.contains(&address::canonical(&e.link))).count();
        let dated = read.entries.iter().filter(|e| e.published.is_some()).count();
        // What it finds must be what is there, not what stands beside it.
        let fits = shared * 2 > read.entries.len() && (known.is_empty() || shared * 3 >= known.len() * 2);
        if fits && best.is_none_or(|(score, _)| (dated, shared) > score) {
            best = Some(((dated, shared), name));
        }
    }
    best.map(|(_, name)| name)
}
