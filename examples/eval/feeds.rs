//! Feeds against what feedparser makes of them.
//!
//! In: `feedparser/**`: feeds whose first comment holds `Expect:` (an expression of Python over `feed` and `entries`) and perhaps
//! `Header:` (to serve it with). Compared is what a feed here has too: how many entries are at least spoken of, and titles,
//! links and dates that are stated.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::Context;
use chrono::{DateTime, TimeZone, Utc};
use regex_lite::Regex;
use scraper::Html;
use tidings::{
    model::{Listing, Source, SourceKind},
    read::{Page, listing},
    text::decode,
};
use url::Url;

/// Where feedparser's own tests serve them.
const SERVED_AT: &str = "http://127.0.0.1:8097/feed.xml";

/// How many statements there were and how many hold.
#[derive(Default)]
struct Tally {
    held: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn note(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if holds {
            self.held += 1;
        } else {
            self.wrong.push(what());
        }
    }

    fn print(&self, name: &str, worst: bool) {
        let all = self.held + self.wrong.len();
        #[expect(clippy::cast_precision_loss, reason = "counts of files")]
        let share = 100.0 * self.held as f64 / all.max(1) as f64;
        println!("{name:<16} {:>5} of {all:<5} {share:>6.2} %", self.held);
        if worst {
            self.wrong.iter().for_each(|w| println!("    {w}"));
        }
    }
}

/// Prints how the feeds of `dir` are read.
pub(crate) fn report(dir: &Path, worst: bool, dump: Option<&Path>) -> anyhow::Result<()> {
    let dir = dir.join("feedparser");
    if !dir.is_dir() {
        return Ok(());
    }
    let (mut read, mut entries, mut titles, mut links, mut dates) =
        (Tally::default(), Tally::default(), Tally::default(), Tally::default(), Tally::default());
    let mut lines = String::new();
    for path in files(&dir)? {
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let name = path.strip_prefix(&dir)?.display().to_string();
        let header = field(&String::from_utf8_lossy(&bytes), "Header:").and_then(|h| {
            let (name, value) = h.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
        });
        let text = decode(&bytes, None, header.as_deref()).text;
        let Some(expect) = field(&text, "Expect:") else { continue };
        let found = listing_of(&text);
        if dump.is_some() {
            lines += &format!("{}\n", serde_json::json!({ "file": name, "listing": found.as_ref().ok() }));
        }
        let least = least(&expect);
        read.note(found.is_ok() || least == 0, || {
            format!("{name}: {}", found.as_ref().err().cloned().unwrap_or_default())
        });
        let Ok(found) = found else { continue };
        if least > 0 {
            entries.note(found.entries.len() >= least, || format!("{name}: {} of {least}", found.entries.len()));
        }
        for (n, field, literal) in texts(&expect) {
            let (tally, ours) = match (n, field.as_str()) {
                (None, "title") => (&mut titles, found.title.clone()),
                (Some(n), "title") => (&mut titles, found.entries.get(n).and_then(|e| e.title.clone())),
                (Some(n), "link") => (&mut links, found.entries.get(n).map(|e| e.link.to_string())),
                _ => continue,
            };
            let theirs =
                if field == "link" || ours.as_ref() == Some(&literal) { as_link(&literal) } else { plain(&literal) };
            let ours = ours.unwrap_or_default();
            tally.note(ours == theirs, || format!("{name}: {field} `{ours}`, stated `{theirs}`"));
        }
        for (n, field, at) in instants(&expect) {
            let entry = found.entries.get(n);
            let ours = entry.and_then(|e| {
                if field.starts_with("updated") || field.starts_with("modified") {
                    e.updated.or(e.published)
                } else {
                    e.published.or(e.updated)
                }
            });
            dates.note(ours == Some(at), || format!("{name}: {field} {ours:?}, stated {at}"));
        }
    }
    if let Some(to) = dump {
        fs::create_dir_all(to)?;
        fs::write(to.join("feeds.jsonl"), lines)?;
    }
    println!();
    for (name, tally) in
        [("feeds read", read), ("entries", entries), ("titles", titles), ("links", links), ("dates", dates)]
    {
        tally.print(name, worst);
    }
    Ok(())
}

fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (vec![], vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path)
            } else if path.extension().is_some_and(|e| e == "xml") {
                found.push(path)
            }
        }
    }
    found.sort();
    Ok(found)
}

fn listing_of(text: &str) -> Result<Listing, String> {
    let url: Url = SERVED_AT.parse().map_err(|e| format!("{e}"))?;
    let source = Source { kind: SourceKind::Feed, ..Source::at("eval", url.clone()) };
    listing(Page { url: &url, content_type: None, text }, &source, Utc::now()).map_err(|p| p.message)
}

/// A line of the first comment.
fn field(text: &str, name: &str) -> Option<String> {
    let at = text.find(name)? + name.len();
    text[at..].lines().next().map(|l| l.trim().to_owned())
}

/// How many entries the expression speaks of.
fn least(expect: &str) -> usize {
    static ENTRY: LazyLock<Regex> = LazyLock::new(|| regex(r"entries\[(\d+)\]"));
    let spoken = ENTRY.captures_iter(expect).filter_map(|c| c[1].parse::<usize>().ok()).map(|n| n + 1);
    spoken.max().unwrap_or_default()
}

/// (entry or the feed, field, value) of every field that is said to equal a string.
fn texts(expect: &str) -> Vec<(Option<usize>, String, String)> {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"(feed|entries\[(\d+)\])(?:\['(title|link)'\]|\.(title|link)) == u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"#,
        )
    });
    TEXT.captures_iter(expect)
        .filter_map(|c| {
            let field = c.get(3).or(c.get(4))?.as_str().to_owned();
            Some((c.get(2).and_then(|n| n.as_str().parse().ok()), field, literal(&c[5])))
        })
        .collect()
}

/// (entry, field, instant) of every date that is said to equal a tuple in UTC.
fn instants(expect: &str) -> Vec<(usize, String, DateTime<Utc>)> {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"entries\[(\d+)\](?:\['|\.)(published|updated|modified|date|created|issued)_parsed(?:'\])? == \((\d+), (\d+), (\d+), (\d+), (\d+), (\d+),",
        )
    });
    DATE.captures_iter(expect)
        .filter_map(|c| {
            let n = |i: usize| c[i].parse::<u32>().ok();
            let at = Utc.with_ymd_and_hms(c[3].parse().ok()?, n(4)?, n(5)?, n(6)?, n(7)?, n(8)?).single()?;
            Some((c[1].parse().ok()?, c[2].to_owned(), at))
        })
        .collect()
}

#[expect(clippy::expect_used, reason = "a constant expression")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant expression")
}

/// The string that a literal of Python means.
fn literal(raw: &str) -> String {
    let mut chars = raw[1..raw.len() - 1].chars();
    let mut out = String::new();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('x') => out.push_str(&take_hex(&mut chars, 2)),
            Some('u') => out.push_str(&take_hex(&mut chars, 4)),
            Some('U') => out.push_str(&take_hex(&mut chars, 8)),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

fn take_hex(chars: &mut std::str::Chars<'_>, n: usize) -> String {
    let digits: String = chars.take(n).collect();
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).map(String::from).unwrap_or_default()
}

/// feedparser keeps the markup of titles; here they are text.
fn plain(html: &str) -> String {
    let text: String = Html::parse_fragment(html).root_element().text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As the standard writes it.
fn as_link(link: &str) -> String {
    Url::parse(link).map_or_else(|_| link.to_owned(), String::from)
}
