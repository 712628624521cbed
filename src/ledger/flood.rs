//! A site that gives all its articles new addresses: most of a listing seems new, and its titles were had before. Such pages
//! are held back, or they would all be fetched and told once more.

use std::collections::{BTreeSet, HashSet};

use crate::model::{Finding, TargetKind, Visit};
use crate::store::{Known, Store, StoreError};
use crate::text::fold;

use super::sift::Sifted;

/// Fewer titles that were had before are no flood: columns do return under one title.
const TITLES_MIN: usize = 5;
/// A flood is at least this share of a listing, in percent ...
const LISTING_PERCENT: usize = 50;
/// ... and of what of it seems new.
const NEW_PERCENT: usize = 60;
/// Newest articles of the source whose titles are looked at.
const ARTICLES: i64 = 1_000;
/// Characters from which the beginning of a title that was cut off tells it.
const CUT_CHARS_MIN: usize = 8;

/// What of `sifted` is a flood: keys of entries and articles that seem new, and whose titles were had before under other addresses.
pub(super) async fn flood(
    store: &Store,
    visit: &Visit,
    sifted: &Sifted<'_>,
    known: &Known,
) -> Result<HashSet<String>, StoreError> {
    let is_later = visit.target.kind == TargetKind::Listing && visit.target.last_success_at.is_some();
    let listed = visit.listing.as_ref().map_or(0, |l| l.entries.len());
    let new = new(sifted, known);
    if !is_later || new.len() < TITLES_MIN || new.len() * 100 < listed * LISTING_PERCENT {
        return Ok(HashSet::new());
    }
    let had = Titles::of(&store.titles(&visit.target.source, ARTICLES).await?);
    Ok(returning(&new, &had))
}

/// What seems new, as (key, title).
fn new<'a>(sifted: &'a Sifted<'_>, known: &Known) -> Vec<(&'a str, &'a str)> {
    let wanted = sifted.wanted.iter().map(|(key, e)| (key.as_str(), e.title.as_deref().unwrap_or_default()));
    // What has no page of its own could not be visited later.
    let is_new = |key: &String, f: &Finding| !f.from_page && f.part.is_none() && !known.articles.contains_key(key);
    let findings = sifted.findings.iter().filter(|(key, f)| is_new(key, f));
    let mut taken = HashSet::new();
    let all = wanted.chain(findings.map(|(key, f)| (key.as_str(), f.draft.title.as_str())));
    all.filter(|(key, _)| taken.insert(*key)).collect()
}

/// The keys of what is not new, if that is a flood.
fn returning(new: &[(&str, &str)], had: &Titles) -> HashSet<String> {
    let old: Vec<(&str, String)> = new
        .iter()
        .filter_map(|(key, title)| Some((*key, folded(title))).filter(|(_, f)| had.has(f, is_cut(title))))
        .collect();
    let distinct: HashSet<&str> = old.iter().map(|(_, title)| title.as_str()).collect();
    if distinct.len() < TITLES_MIN || old.len() * 100 < new.len() * NEW_PERCENT {
        return HashSet::new();
    }
    old.into_iter().map(|(key, _)| key.to_owned()).collect()
}

/// Titles as they are compared.
struct Titles(BTreeSet<String>);

impl Titles {
    fn of(titles: &[String]) -> Self {
        Self(titles.iter().map(|t| folded(t)).filter(|t| !t.is_empty()).collect())
    }

    /// Whether `title`, folded, is one of them, or the beginning of one if it was cut off.
    fn has(&self, title: &str, is_cut: bool) -> bool {
        if self.0.contains(title) {
            return true;
        }
        let first = self.0.range(title.to_owned()..).next();
        is_cut && title.chars().count() >= CUT_CHARS_MIN && first.is_some_and(|t| t.starts_with(title))
    }
}

fn folded(title: &str) -> String {
    fold(title).into_string().trim().to_owned()
}

/// Whether a list cut `title` off.
fn is_cut(title: &str) -> bool {
    title.trim_end().ends_with(['…', '⋯']) || title.trim_end().ends_with("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles() -> Titles {
        Titles::of(&(0..20).map(|n| format!("港口第{n}号码头的新吊车开始运转")).collect::<Vec<_>>())
    }

    fn keys(new: &[(String, String)]) -> HashSet<String> {
        let new: Vec<(&str, &str)> = new.iter().map(|(k, t)| (k.as_str(), t.as_str())).collect();
        returning(&new, &titles())
    }

    #[test]
    fn old_titles_under_new_addresses_are_a_flood() {
        let mut new: Vec<(String, String)> =
            (0..12).map(|n| (format!("k{n}"), format!("港口第{n}號碼頭的新吊車開始運轉"))).collect();
        new.push(("fresh".into(), "真正的新闻".into()));
        let held = keys(&new);
        assert_eq!(held.len(), 12, "in the other script as well");
        assert!(!held.contains("fresh"), "what is new passes");
    }

    #[test]
    fn titles_cut_off_by_the_list_are_told_by_their_beginning() {
        let new: Vec<_> = (10..16).map(|n| (format!("k{n}"), format!("港口第{n}号码头的新…"))).collect();
        assert_eq!(keys(&new).len(), 6);
        let short: Vec<_> = (10..16).map(|n| (format!("k{n}"), "港口…".to_owned())).collect();
        assert!(keys(&short).is_empty());
    }

    #[test]
    fn a_column_that_returns_is_none() {
        let new: Vec<_> = (0..12).map(|n| (format!("k{n}"), "港口第3号码头的新吊车开始运转".to_owned())).collect();
        assert!(keys(&new).is_empty(), "one title, again and again");
        let mut mostly: Vec<_> = (0..12).map(|n| (format!("k{n}"), format!("全新的标题 {n}"))).collect();
        mostly.extend((0..5).map(|n| (format!("o{n}"), format!("港口第{n}号码头的新吊车开始运转"))));
        assert!(keys(&mostly).is_empty(), "most of it is new");
    }
}
