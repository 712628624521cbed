//! Each preset on a list page and an article page in the markup that it is made for.

use std::{collections::HashSet, fs};

use chrono_tz::Tz;
use serde::Deserialize;
use tidings::{
    config::presets,
    extract,
    model::{ListingKind, Source},
};
use url::Url;

use super::{Expected, here, is_on, listing, now, pages};

/// What a preset is to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Names of list pages: its own, or those on which lists are found without it.
    lists: Vec<String>,
    article: Article,
}

/// What is on the article page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    url: Url,
    zone: Tz,
    title: String,
    date: String,
    author: Option<String>,
    origin: Option<String>,
    next: Option<Url>,
    /// All paragraphs, and nothing else.
    text: Vec<String>,
}

/// The case of `preset` and the text of its article page.
fn case(preset: &str) -> (Case, String) {
    let path = here("presets").join(preset);
    let text = fs::read_to_string(path.with_extension("toml")).unwrap_or_else(|e| panic!("{preset} has no case: {e}"));
    let case = toml::from_str(&text).unwrap_or_else(|e| panic!("{preset}: {e}"));
    (case, fs::read_to_string(path.with_extension("html")).unwrap())
}

/// What is wrong with the list `name` as `preset` reads it.
fn wrong_list(preset: &str, name: &str, expected: &Expected, text: &str) -> Vec<String> {
    let read = listing(expected, text, presets::get(preset).unwrap());
    let mut wrong = vec![];
    if read.kind != ListingKind::Recipe || !read.problems.is_empty() {
        wrong.push(format!("{:?} {:?}", read.kind, read.problems));
    }
    if read.next != expected.next {
        wrong.push(format!("next is {:?}", read.next.map(String::from)));
    }
    let links: Vec<&str> = read.entries.iter().map(|e| e.link.as_str()).collect();
    let wanted: Vec<&str> = expected.entry.iter().map(|e| e.link.as_str()).collect();
    if links != wanted {
        wrong.push(format!("links are {links:#?}"));
    }
    for (entry, listed) in read.entries.iter().zip(&expected.entry) {
        if entry.title.as_deref() != Some(&listed.title) {
            wrong.push(format!("{:?} instead of {}", entry.title, listed.title));
        }
        if listed.date.as_ref().is_some_and(|date| !is_on(entry.published, date, expected.zone)) {
            wrong.push(format!("{:?} instead of {:?}", entry.published, listed.date));
        }
        if listed.summary.is_some() && entry.summary != listed.summary {
            wrong.push(format!("{:?} instead of {:?}", entry.summary, listed.summary));
        }
        if listed.image.is_some() && entry.image != listed.image {
            wrong.push(format!("{:?} instead of {:?}", entry.image, listed.image));
        }
    }
    wrong.into_iter().map(|w| format!("{preset} on {name}: {w}")).collect()
}

#[test]
fn presets_read_the_lists_that_they_are_made_for() {
    let all: Vec<_> = pages("presets/lists").into_iter().chain(pages("pages")).collect();
    let mut wrong = vec![];
    for preset in presets::names() {
        for list in case(preset).0.lists {
            let (name, expected, text) = all.iter().find(|(name, ..)| *name == list).unwrap();
            wrong.extend(wrong_list(preset, name, expected, text));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn presets_read_the_articles_that_they_are_made_for() {
    let mut wrong = vec![];
    for preset in presets::names() {
        let (Case { article, .. }, text) = case(preset);
        let recipe = presets::get(preset).unwrap();
        let source = Source { time_zone: article.zone, recipe, ..Source::at("read", article.url.clone()) };
        let page = extract::Page { url: &article.url, text: &text };
        let draft = extract::article(page, None, &source, now()).unwrap_or_else(|why| panic!("{preset}: {why}"));
        let mut differs = |what: &str, got: &dyn std::fmt::Debug| wrong.push(format!("{preset}: {what} is {got:?}"));
        if draft.title != article.title {
            differs("title", &draft.title);
        }
        if draft.text != article.text.join("\n") {
            differs("text", &draft.text);
        }
        if !is_on(draft.published, &article.date, article.zone) {
            differs("date", &draft.published);
        }
        if article.author.is_some() && draft.author != article.author {
            differs("author", &draft.author);
        }
        if article.origin.is_some() && draft.origin != article.origin {
            differs("origin", &draft.origin);
        }
        if draft.next != article.next {
            differs("next", &draft.next.as_ref().map(Url::as_str));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_preset_is_in_the_table() {
    let table = fs::read_to_string(here("../../docs/presets.md")).unwrap();
    let listed: HashSet<&str> =
        table.lines().filter_map(|l| l.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    assert_eq!(listed, presets::names().collect::<HashSet<&str>>());
}
