//! Readings of invented documents through the front door.

mod feeds;
mod portals;

use chrono::{DateTime, TimeZone, Utc};
use url::Url;

use super::{Page, listing};
use crate::model::{Listing, Problem, Recipe, Source, SourceKind};

const HERE: &str = "https://news.example/world/list.xml";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).unwrap()
}

fn source(kind: SourceKind, recipe: Recipe) -> Source {
    Source {
        name: "S".into(),
        kind,
        time_zone: chrono_tz::Asia::Hong_Kong,
        recipe,
        ..Source::at("s", Url::parse(HERE).unwrap())
    }
}

fn read_as(kind: SourceKind, recipe: Recipe, text: &str) -> Result<Listing, Problem> {
    let url = Url::parse(HERE).unwrap();
    listing(Page { url: &url, content_type: None, text }, &source(kind, recipe), now())
}

fn read(text: &str) -> Listing {
    read_as(SourceKind::Auto, Recipe::default(), text).unwrap()
}

fn links(listing: &Listing) -> Vec<&str> {
    listing.entries.iter().map(|e| e.link.as_str()).collect()
}

fn messages(listing: &Listing) -> Vec<&str> {
    listing.problems.iter().map(|p| p.message.as_str()).collect()
}

mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_text_makes_it_panic(
            root in "(<rss>|<feed>|<urlset>|<rdf:RDF>|<html>|\\{\"items\":\\[)?",
            body in "(</?(item|entry|link|title|a|url|loc|guid|source)( [a-z:]{1,5}=?[\"']?\\PC{0,3})?/?>?|<!\\[CDATA\\[|<!--|&[#a-z0-9]{0,4};?|\\PC{0,4}){0,24}",
        ) {
            let _ = read_as(SourceKind::Auto, Recipe::default(), &format!("{root}{body}"));
        }

        /// A feed cut anywhere gives the entries that were whole.
        #[test]
        fn a_cut_feed_gives_what_came(at in 60usize..600) {
            let item = |n: usize| format!("<item><title>t{n}</title><link>/a/{n}</link><guid>g{n}</guid></item>");
            let feed = format!("<rss version='2.0'><channel><title>x</title>{}</channel></rss>", (0..12).map(item).collect::<String>());
            let cut = &feed[..at.min(feed.len())];
            let whole = cut.matches("</item>").count();
            let read = read_as(SourceKind::Auto, Recipe::default(), cut).unwrap();
            prop_assert!(read.entries.len() >= whole);
            prop_assert!(read.entries.len() <= whole + 1);
        }
    }
}
