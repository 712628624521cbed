//! Documents spoiled at random, and monsters: nothing panics or hangs, and what comes out has a bound.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod documents;
mod monsters;
mod spoiled;

use chrono::{DateTime, Utc};
use tidings::{
    extract,
    model::{Draft, Entry, Listing, Recipe, Source, SourceKind},
    read, text,
};
use url::Url;

const HERE: &str = "https://news.example/world/list.html";
/// Entries of one listing.
const ENTRIES_MAX: usize = 5_000;
/// Problems of one listing, the one that counts the rest included.
const PROBLEMS_MAX: usize = 52;
/// What one document comes to has at most so many times its bytes, as every field is told in at most a few places...
const GROWTH_MAX: usize = 12;
/// ...and so many for every entry, for what the listing tells once of all.
const ENTRY_BYTES_MAX: usize = 10_000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_796_000_000, 0).unwrap()
}

fn source(recipe: Recipe, kind: SourceKind) -> Source {
    let at = Source::at("s", HERE.parse().unwrap());
    Source { name: "S".into(), kind, time_zone: chrono_tz::Asia::Hong_Kong, recipe, ..at }
}

fn listing(text: &str, source: &Source) -> Option<Listing> {
    let url: Url = HERE.parse().unwrap();
    let listing = read::listing(read::Page { url: &url, content_type: None, text }, source, now()).ok()?;
    assert!(listing.entries.len() <= ENTRIES_MAX, "{} entries", listing.entries.len());
    assert!(listing.problems.len() <= PROBLEMS_MAX, "{} problems", listing.problems.len());
    let bytes: usize = listing.entries.iter().map(entry_bytes).sum();
    let most = text.len() * GROWTH_MAX + listing.entries.len() * ENTRY_BYTES_MAX;
    assert!(bytes <= most, "{bytes} bytes of {} with {} entries", text.len(), listing.entries.len());
    Some(listing)
}

fn article(text: &str, source: &Source) -> Option<Draft> {
    let url: Url = HERE.parse().unwrap();
    let draft = extract::article(extract::Page { url: &url, text }, None, source, now()).ok()?;
    let bytes = draft.title.len() + draft.text.len() + draft.html.len();
    assert!(bytes <= text.len() * GROWTH_MAX + ENTRY_BYTES_MAX, "{bytes} bytes of {}", text.len());
    Some(draft)
}

fn entry_bytes(entry: &Entry) -> usize {
    let texts = [
        &entry.part,
        &entry.guid,
        &entry.title,
        &entry.author,
        &entry.origin,
        &entry.summary,
        &entry.content,
        &entry.language,
    ];
    let of_texts: usize = texts.into_iter().flatten().map(String::len).sum();
    of_texts + entry.link.as_str().len() + entry.image.as_ref().map_or(0, |i| i.as_str().len())
}

fn decoded(bytes: &[u8]) -> String {
    text::decode(bytes, None, None).text
}
