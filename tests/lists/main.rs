//! Lists found without selectors on invented pages in the markup of many systems, and read with the presets.
//!
//! The pages come in two halves. Weights are set by looking at the `tune` half; the `check` half is written without looking at
//! what is found. What a first look at it showed has been mended since, so a change is best judged by pages that are new to it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod found;
mod presets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use tidings::{
    model::{Listing, Recipe, Source},
    read,
};
use url::Url;

/// What a page lists, as a person reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// `tune`, `check`, or the preset that reads it.
    half: String,
    /// Address of the page.
    url: Url,
    /// Zone of its dates.
    zone: Tz,
    /// Whether it is in Chinese.
    #[serde(default)]
    chinese: bool,
    /// Whether it lists the threads of a forum.
    #[serde(default)]
    forum: bool,
    /// The next page of the list.
    next: Option<Url>,
    /// Links that may be taken for part of the list or not, such as pinned threads.
    #[serde(default)]
    optional: Vec<Url>,
    #[serde(default)]
    entry: Vec<Listed>,
}

/// One entry, with as much as the page states.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    link: Url,
    title: String,
    /// In the page's zone, to the day or to the minute.
    date: Option<String>,
    summary: Option<String>,
    image: Option<Url>,
}

/// When the pages were read.
fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).unwrap()
}

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lists").join(folder)
}

/// Name, expectation and text of every page in `folder`, by name.
fn pages(folder: &str) -> Vec<(String, Expected, String)> {
    let mut all: Vec<_> = fs::read_dir(here(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|x| x == "toml"))
        .map(|p| {
            let name = p.file_stem().unwrap().to_string_lossy().into_owned();
            let expected =
                toml::from_str(&fs::read_to_string(&p).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", p.display()));
            (name, expected, fs::read_to_string(p.with_extension("html")).unwrap())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn listing(expected: &Expected, text: &str, recipe: Recipe) -> Listing {
    let source = Source { time_zone: expected.zone, recipe, ..Source::at("listed", expected.url.clone()) };
    let page = read::Page { url: &expected.url, content_type: None, text };
    read::listing(page, &source, now()).unwrap()
}

/// Whether `at` is the `date` that the page states.
fn is_on(at: Option<DateTime<Utc>>, date: &str, zone: Tz) -> bool {
    at.is_some_and(|at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string().starts_with(date))
}
