//! What of a visit can change anything: decided before the transaction, without any lock. What is known stays known, so to
//! drop it here is safe; what seems new is looked at again inside.

use std::collections::HashSet;

use url::Url;

use crate::model::{Entry, Finding, Target, TargetKind, Visit, address};
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
    /// Pages that are held back, with their keys.
    pub(super) held: Vec<(String, Held<'a>)>,
}

/// A page that is held back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held<'a> {
    /// It would have been visited.
    Wanted(&'a Entry),
    /// It would have been an article.
    Told(&'a Finding),
}

impl Held<'_> {
    /// By which entry of `visit` the page is visited later.
    pub(super) fn at(&self, visit: &Visit) -> Entry {
        match self {
            Self::Wanted(entry) => (*entry).clone(),
            Self::Told(f) => {
                let listed = visit.listing.iter().flat_map(|l| &l.entries).find(|e| e.link == f.draft.url);
                let bare = || Entry { title: Some(f.draft.title.clone()), ..Entry::at(f.draft.url.clone()) };
                listed.cloned().unwrap_or_else(bare)
            }
        }
    }
}

impl Sifted<'_> {
    /// Holds back what has one of `keys`.
    pub(super) fn hold(&mut self, keys: &HashSet<String>) {
        if keys.is_empty() {
            return;
        }
        let wanted = self.wanted.extract_if(.., |(key, _)| keys.contains(key));
        self.held.extend(wanted.map(|(key, entry)| (key, Held::Wanted(entry))));
        let told = self.findings.extract_if(.., |(key, f)| !f.from_page && keys.contains(key));
        self.held.extend(told.map(|(key, finding)| (key, Held::Told(finding))));
    }
}

/// What identifies the article at `url`, at most [`KEY_BYTES_MAX`] bytes.
fn key(url: &Url) -> String {
    let whole = address::canonical(url);
    if whole.len() <= KEY_BYTES_MAX {
        return whole;
    }
    let cut = whole.floor_char_boundary(KEY_BYTES_MAX - 65);
    format!("{}#{}", &whole[..cut], blake3::hash(whole.as_bytes()).to_hex())
}

/// What identifies the article that is `part` of what is at `url`.
fn key_of(url: &Url, part: Option<&String>) -> String {
    let whole = key(url);
    match part {
        Some(part) => format!("{whole}#{}", blake3::hash(part.as_bytes()).to_hex()),
        None => whole,
    }
}

fn key_of_entry(entry: &Entry) -> String {
    key_of(&entry.link, entry.part.as_ref())
}

fn key_of_finding(finding: &Finding) -> String {
    key_of(&finding.draft.url, finding.part.as_ref())
}

/// Every key that `visit` speaks of.
pub(super) fn keys(visit: &Visit) -> impl Iterator<Item = String> {
    let entries = visit.wanted.iter().chain(&visit.skipped);
    entries.map(key_of_entry).chain(visit.findings.iter().map(key_of_finding))
}

/// What of `visit` may be news, by what is known.
pub(super) fn sift<'a>(visit: &'a Visit, known: &Known) -> Sifted<'a> {
    let (mut taken, mut told) = (HashSet::new(), HashSet::new());
    let mut unseen = |entry: &'a Entry| {
        let key = key_of_entry(entry);
        let new = !known.targets.contains(&key) && !known.articles.contains_key(&key) && taken.insert(key.clone());
        new.then_some((key, entry))
    };
    Sifted {
        wanted: visit.wanted.iter().filter_map(&mut unseen).collect(),
        skipped: visit.skipped.iter().filter_map(&mut unseen).collect(),
        findings: visit
            .findings
            .iter()
            .map(|f| (key_of_finding(f), f))
            .filter(|(key, f)| may_be_news(&visit.target, key, f, known) && told.insert(key.clone()))
            .collect(),
        held: vec![],
    }
}

fn may_be_news(target: &Target, key: &str, finding: &Finding, known: &Known) -> bool {
    match known.articles.get(key) {
        Some((owner, from_page, title, digest)) => {
            let same = *digest == finding.digest && *title == finding.draft.title;
            // A page is worth more than what a listing says of it, and an outlet's article is its own.
            *owner == target.source && if finding.from_page { !(same && *from_page) } else { !(same || *from_page) }
        }
        // A page that was an article before, and is none of ours now, was deleted for its age. Until then whatever is found of it
        // is news, also what only stands in for it.
        None if target.kind == TargetKind::Article => target.last_success_at.is_none(),
        // An entry whose key is known was skipped at the first visit, or its article was deleted for its age.
        None => !known.targets.contains(key),
    }
}
