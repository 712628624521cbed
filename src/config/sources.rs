//! `[[sources]]`: what is polled, and how it is read.

use std::{collections::BTreeMap, path::Path, time::Duration};

use crate::extract;
use crate::model::{Announced, ArticleRecipe, FIRST_VISIT, ListRecipe, Recipe, Source, SourceKind};
use crate::read;

use super::{
    access,
    kinds::{self, Bad, Kind},
    names,
    near::nearest,
    presets,
    reader::{self, Findings, Given, Table},
    report::{Place, Problem},
    sections::{self, EVERY_MAX, EVERY_MIN},
};

const KINDS: &[(&str, SourceKind)] = &[
    ("auto", SourceKind::Auto),
    ("feed", SourceKind::Feed),
    ("portal", SourceKind::Portal),
    ("sitemap", SourceKind::Sitemap),
];
const ANNOUNCED: &[(&str, Announced)] =
    &[("ignore", Announced::Ignore), ("prefer", Announced::Prefer), ("merge", Announced::Merge)];
/// Shortest and longest time in which something new can be expected.
const HOUR: Duration = Duration::from_secs(3600);
const EXPECT_MAX: Duration = Duration::from_secs(366 * 86_400);
/// Entries of a first listing that can be asked for.
const FIRST_VISIT_MAX: usize = 1000;
/// Pages of a list that can be asked for.
const PAGES_MAX: usize = 50;
/// Characters of a selector.
const SELECTOR_CHARS_MAX: usize = 1000;

/// Ids that were seen, and where.
pub(super) type Seen = BTreeMap<String, Place>;

/// All sources that are right.
pub(super) fn sources(root: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Vec<Source> {
    let (mut sources, mut ids, mut urls) = (vec![], Seen::new(), Seen::new());
    for (i, value) in root.tables("sources", found).iter().enumerate() {
        let table = Table::at(titled("source", i, value.get_ref()), value, found);
        sources.extend(source(table, base, (&mut ids, &mut urls), found));
    }
    sources
}

/// `source backchina`, or `source 3` for want of an id.
pub(super) fn titled(word: &str, index: usize, value: &toml::de::DeValue<'_>) -> String {
    let id = value.get("id").and_then(|id| id.get_ref().as_str()).filter(|id| (1..=64).contains(&id.len()));
    id.map_or_else(|| format!("{word} {}", index + 1), |id| format!("{word} {id}"))
}

/// The id of `table`, complaining if another has it.
pub(super) fn unique_id(table: &mut Table<'_>, ids: &mut Seen, found: &mut Findings<'_>) -> Option<Given<String>> {
    table.require("id", "id = \"short-name\"", found);
    let id = table.scalar("id", &kinds::id(), found)?;
    if let Some(first) = ids.get(&id.value) {
        let problem = Problem::error(id.at, format!("{}: another one has this id", table.title));
        found.push(problem.expected("expected an id of its own").also(first, "the first one"));
        return None;
    }
    ids.insert(id.value.clone(), id.at.clone());
    Some(id)
}

fn source(
    mut table: Table<'_>,
    base: &Path,
    (ids, urls): (&mut Seen, &mut Seen),
    found: &mut Findings<'_>,
) -> Option<Source> {
    let id = unique_id(&mut table, ids, found);
    table.require("url", "url = \"https://...\"", found);
    let url = table.scalar("url", &names::url(), found);
    if let Some(url) = &url {
        odd(&table, url, urls, found);
    }
    let name = table.scalar("name", &kinds::words(200), found).map(|given| given.value);
    let recipe = recipe(&mut table, found);
    let mut headers = headers(&mut table, base, found);
    let access = access::access(&mut table, base, &headers, found);
    headers.extend(access.login);
    let mut kind = SourceKind::Auto;
    table.set("kind", &kinds::choice(KINDS), &mut kind, found);
    let mut announced = Announced::Ignore;
    table.set("announced", &kinds::choice(ANNOUNCED), &mut announced, found);
    let every = table.scalar("every", &kinds::duration(EVERY_MIN, EVERY_MAX), found).map(|given| given.value);
    let expect_every = kinds::duration(HOUR, EXPECT_MAX);
    let expect_every = table.scalar("expect_every", &expect_every, found).map(|given| given.value);
    let mut time_zone = chrono_tz::UTC;
    table.set("time_zone", &names::zone(), &mut time_zone, found);
    let charset = table.scalar("charset", &names::charset(), found).map(|given| given.value);
    let full_text = table.scalar("full_text", &kinds::switch(), found).map(|given| given.value);
    let (mut robots, mut websub, mut first_visit) = (true, true, FIRST_VISIT);
    table.set("robots", &kinds::switch(), &mut robots, found);
    table.set("websub", &kinds::switch(), &mut websub, found);
    table.set("first_visit", &kinds::number(0, FIRST_VISIT_MAX), &mut first_visit, found);
    table.finish(found);
    let (id, url) = (id?.value, url?.value);
    let name = name.unwrap_or_else(|| id.clone());
    Some(Source {
        id,
        name,
        url,
        kind,
        every,
        expect_every,
        time_zone,
        recipe,
        announced,
        headers,
        charset,
        full_text,
        robots,
        first_visit,
        hours: access.hours,
        proxy: access.proxy,
        cookies: access.cookies,
        websub,
    })
}

/// What is allowed in an address, but seldom meant.
fn odd(table: &Table<'_>, url: &Given<url::Url>, urls: &mut Seen, found: &mut Findings<'_>) {
    if url.value.password().is_some() {
        let problem = Problem::warning(url.at.clone(), format!("{} url: the address holds a password", table.title));
        let hint = "headers_file = { Authorization = \"file\" } keeps it out of here".to_owned();
        found.push(problem.expected("readable by whoever may read this file").hint(hint));
    }
    if let Some(first) = urls.get(url.value.as_str()) {
        let problem = Problem::warning(url.at.clone(), format!("{} url: another source has the same", table.title));
        found.push(problem.expected("polled twice").also(first, "the first one"));
    }
    urls.entry(url.value.to_string()).or_insert_with(|| url.at.clone());
}

/// The source's own selectors over those of its preset.
fn recipe(table: &mut Table<'_>, found: &mut Findings<'_>) -> Recipe {
    let preset = Kind::text("the name of a preset", |s| {
        presets::get(s).ok_or_else(|| {
            let near = nearest(s, presets::names()).map(|n| format!("did you mean \"{n}\"? ")).unwrap_or_default();
            let known: Vec<&str> = presets::names().collect();
            Bad::new(format!("there is no preset `{s}`")).hint(format!("{near}the presets are: {}", known.join(", ")))
        })
    });
    let preset = table.scalar("preset", &preset, found);
    let mut places = Seen::new();
    let own = Recipe { list: list(table, &mut places, found), article: article(table, &mut places, found) };
    let recipe = match &preset {
        Some(preset) => own.over(&preset.value),
        None => own,
    };
    for (key, message) in read::check(&recipe).into_iter().chain(extract::check(&recipe)) {
        let at = places.get(key).or_else(|| places.get(key.split('.').next().unwrap_or(key)));
        let at = at.or(preset.as_ref().map(|p| &p.at)).unwrap_or(&table.at).clone();
        let problem = Problem::error(at, format!("{} {key}: {message}", table.title));
        found.push(problem.expected("expected a CSS selector").needs_whole_file());
    }
    recipe
}

/// A selector; whether it can be read is for the modules that use it to say.
fn selector() -> Kind<String> {
    let words = kinds::words(SELECTOR_CHARS_MAX);
    Kind::text("a CSS selector such as \"h1.title\" or \"#content\"", move |s| (words.parse)(s))
}

/// `table`'s own table `name`, and where it is.
fn inner<'t>(
    table: &mut Table<'t>,
    name: &'static str,
    places: &mut Seen,
    found: &mut Findings<'_>,
) -> Option<Table<'t>> {
    let value = table.take(name)?;
    places.insert(name.into(), value.span().into());
    Some(Table::at(table.label(name), value, found))
}

fn list(table: &mut Table<'_>, places: &mut Seen, found: &mut Findings<'_>) -> ListRecipe {
    let Some(mut table) = inner(table, "list", places, found) else { return ListRecipe::default() };
    let mut one = |table: &mut Table<'_>, key: &'static str| {
        let given = table.scalar(key, &selector(), found)?;
        places.insert(format!("list.{key}"), given.at);
        Some(given.value)
    };
    let mut recipe = ListRecipe {
        item: one(&mut table, "item"),
        link: one(&mut table, "link"),
        title: one(&mut table, "title"),
        date: one(&mut table, "date"),
        summary: one(&mut table, "summary"),
        next: one(&mut table, "next"),
        pages: None,
    };
    recipe.pages = table.scalar("pages", &kinds::number(1, PAGES_MAX), found).map(|given| {
        places.insert("list.pages".into(), given.at);
        given.value
    });
    table.finish(found);
    recipe
}

fn article(table: &mut Table<'_>, places: &mut Seen, found: &mut Findings<'_>) -> ArticleRecipe {
    let Some(mut table) = inner(table, "article", places, found) else { return ArticleRecipe::default() };
    let mut one = |table: &mut Table<'_>, key: &'static str| {
        let given = table.scalar(key, &selector(), found)?;
        places.insert(format!("article.{key}"), given.at);
        Some(given.value)
    };
    let mut recipe = ArticleRecipe {
        title: one(&mut table, "title"),
        body: one(&mut table, "body"),
        date: one(&mut table, "date"),
        author: one(&mut table, "author"),
        origin: one(&mut table, "origin"),
        drop: vec![],
        next: one(&mut table, "next"),
    };
    let drop = table.list("drop", &selector(), found);
    if let Some(first) = drop.first() {
        places.insert("article.drop".into(), first.at.clone());
    }
    recipe.drop = drop.into_iter().map(|given| given.value).collect();
    table.finish(found);
    recipe
}

/// `headers` and `headers_file`, whose values are secret until proven otherwise.
fn headers(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Vec<(String, String)> {
    let (mut headers, mut names) = (vec![], Seen::new());
    for key in ["headers", "headers_file"] {
        let Some(value) = table.take(key) else { continue };
        let inner = Table::at(table.label(key), value, found);
        if key == "headers" && !inner.exists() {
            found.secrets.push(value.span());
        }
        for (name, value) in inner.entries() {
            let label = inner.label(name.get_ref());
            if key == "headers" {
                found.secrets.push(value.span());
            }
            let lower = name.get_ref().to_ascii_lowercase();
            if let Err(bad) = names::header_name(name.get_ref()) {
                let name = reader::complaint(&label, name.span().into(), &bad, "a header of the request");
                found.push(name);
            } else if let Some(first) = names.insert(lower, name.span().into()) {
                let problem = Problem::error(name.span(), format!("{label}: this header is set twice"));
                found.push(problem.expected("expected one value").also(&first, "the first one"));
            }
            let given = if key == "headers" {
                reader::read(&label, value, &names::header_value(), found)
            } else {
                let path = reader::read(&label, value, &kinds::words(4096), found);
                path.and_then(|path| sections::secret(base, &path, &label, &names::header_value(), found))
            };
            headers.extend(given.map(|given| (name.get_ref().to_string(), given.value)));
        }
    }
    headers
}
