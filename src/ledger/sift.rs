//! What of a visit can change anything: decided before the transaction, without any lock. What is known stays known, so to
//! drop it here is safe; what seems new is looked at again inside.

use std::collections::HashSet;

use url::Url;

use crate::model::{Entry, Finding, Visit, address};
use crate::store::Known;

/// Longest key, in bytes: an index of PostgreSQL holds no longer ones than 2,704.
const KEY_BYTES_MAX: usize = 1000;

/// The part of a visit that may be news.
#[derive(Debug, Default)]
pub(super) struct Sifted<'a> {
    /// Pages to be visited, with their keys.
    pub(super) wanted: Vec<(String, &'a Entry)>,
    /// Entries that only count as seen, with their keys.
    pub(super) skipped: Vec<(String, &'a Entry)>,
    /// Articles, with their keys.
    pub(super) findings: Vec<(String, &'a Finding)>,
}

/// What identifies the article at `url`, at most [`KEY_BYTES_MAX`] bytes.
pub(super) fn key(url: &Url) -> String {
    let whole = address::canonical(url);
    if whole.len() <= KEY_BYTES_MAX {
        return whole;
    }
    let cut = whole.floor_char_boundary(KEY_BYTES_MAX - 65);
    format!("{}#{}", &whole[..cut], blake3::hash(whole.as_bytes()).to_hex())
}

/// Every key that `visit` speaks of.
pub(super) fn keys(visit: &Visit) -> impl Iterator<Item = String> {
    let links = visit.wanted.iter().chain(&visit.skipped).map(|e| &e.link);
    links.chain(visit.findings.iter().map(|f| &f.draft.url)).map(key)
}

/// What of `visit` may be news, by what is known.
pub(super) fn sift<'a>(visit: &'a Visit, known: &Known) -> Sifted<'a> {
    let mut taken = HashSet::new();
    let mut unseen = |entry: &'a Entry| {
        let key = key(&entry.link);
        let new = !known.targets.contains(&key) && !known.articles.contains_key(&key) && taken.insert(key.clone());
        new.then_some((key, entry))
    };
    Sifted {
        wanted: visit.wanted.iter().filter_map(&mut unseen).collect(),
        skipped: visit.skipped.iter().filter_map(&mut unseen).collect(),
        findings: visit
            .findings
            .iter()
            .map(|f| (key(&f.draft.url), f))
            .filter(|(key, f)| may_be_news(&visit.target.source, key, f, known))
            .collect(),
    }
}

fn may_be_news(source: &str, key: &str, finding: &Finding, known: &Known) -> bool {
    match known.articles.get(key) {
        Some((owner, from_page, title, digest)) => {
            let same = *digest == finding.digest && *title == finding.draft.title;
            // A page is worth more than what a listing says of it, and an outlet's article is its own.
            owner == source && if finding.from_page { !(same && *from_page) } else { !(same || *from_page) }
        }
        // An entry whose key is known was skipped at the first visit, or its article was deleted for its age.
        None => finding.from_page || !known.targets.contains(key),
    }
}
