//! `tidings import` and `tidings export`: sources from and to the lists of other readers (OPML).

use std::{
    collections::BTreeSet,
    io::Read,
    path::{Path, PathBuf},
};

use crate::config::Settings;
use crate::model::{SourceKind, address::canonical};
use crate::read::{Subscription, subscriptions};
use crate::render::{Outline, opml};
use crate::text::decode;

use super::{
    Stop,
    proposal::{self, name, quoted},
    settings,
};

/// Bytes of a list.
const LIST_BYTES_MAX: u64 = 16 << 20;
/// Title of the list of sources.
const TITLE: &str = "tidings: sources";

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The list, as other readers export it; `-` is standard input.
    file: PathBuf,
}

/// Prints `[[sources]]` for what the list subscribes to and the configuration does not have, ready to be appended to it.
pub(super) fn import(path: &Path, named: bool, asked: &Import) -> Result<(), Stop> {
    let known = if named || path.exists() { settings(path)? } else { Settings::default() };
    let mut bytes = vec![];
    let read = match asked.file.to_str() {
        Some("-") => std::io::stdin().take(LIST_BYTES_MAX + 1).read_to_end(&mut bytes),
        _ => std::fs::File::open(&asked.file).and_then(|f| f.take(LIST_BYTES_MAX + 1).read_to_end(&mut bytes)),
    };
    let shown = asked.file.display();
    read.map_err(|e| Stop::Usage(format!("error: cannot read {shown}: {e}")))?;
    if bytes.len() as u64 > LIST_BYTES_MAX {
        return Err(Stop::Usage(format!("error: {shown} is larger than {LIST_BYTES_MAX} bytes")));
    }
    let list = subscriptions(&decode(&bytes, None, None).text)
        .map_err(|p| Stop::Usage(format!("error: {shown}: {}", p.message)))?;
    let (blocks, left_out) = blocks(&list, &known);
    print!("{}", blocks.concat());
    eprintln!("{} sources; {left_out} that the configuration has already were left out", blocks.len());
    Ok(())
}

/// A block for each that is new, and how many are not.
fn blocks(list: &[Subscription], known: &Settings) -> (Vec<String>, usize) {
    let mut ids: BTreeSet<String> = known.sources.iter().map(|s| s.id.clone()).collect();
    let addresses: BTreeSet<String> = known.sources.iter().map(|s| canonical(&s.url)).collect();
    let new: Vec<&Subscription> = list.iter().filter(|s| !addresses.contains(&canonical(&s.url))).collect();
    let blocks = new.iter().map(|s| {
        let id = unused(proposal::id(&s.url), &ids);
        ids.insert(id.clone());
        let title = s.title.as_deref().map(name).filter(|t| !t.is_empty());
        let title = title.map_or(String::new(), |t| format!("name = {}\n", quoted(&t)));
        let kind = if s.is_page { "portal" } else { "feed" };
        format!("\n[[sources]]\nid = {}\n{title}url = {}\nkind = \"{kind}\"\n", quoted(&id), quoted(s.url.as_str()))
    });
    let blocks: Vec<String> = blocks.collect();
    let left_out = list.len() - blocks.len();
    (blocks, left_out)
}

/// `id`, or that with the first number that makes it one of its own.
fn unused(id: String, ids: &BTreeSet<String>) -> String {
    if !ids.contains(&id) {
        return id;
    }
    let with = |n: usize| format!("{id}-{n}");
    // As many tries as there are ids find a free one.
    (2..ids.len() + 3).map(with).find(|id| !ids.contains(id)).unwrap_or(id)
}

/// Prints the sources of the configuration as OPML.
pub(super) fn export(path: &Path) -> Result<(), Stop> {
    let settings = settings(path)?;
    let outlines: Vec<Outline> = settings
        .sources
        .iter()
        .map(|s| Outline { title: s.name.clone(), url: s.url.clone(), is_page: s.kind == SourceKind::Portal })
        .collect();
    println!("{}", opml(TITLE, &outlines, &[]));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exported_is_imported_and_loads() {
        let at = |url: &str, title: &str, is_page| Outline { title: title.into(), url: url.parse().unwrap(), is_page };
        let list = [
            at("https://a.example/feed?x=1&y=2", "港口 \"日报\" & <more>", false),
            at("https://a.example/feed?x=1&y=3", "\u{1}", false),
            at("https://b.example/list", "A list", true),
        ];
        let read = subscriptions(&opml(TITLE, &list, &[])).unwrap();
        let (text, left_out) = blocks(&read, &Settings::default());
        let loaded = crate::config::parse("x.toml", &text.concat(), &Default::default()).unwrap();
        let told: Vec<_> = loaded.sources.iter().map(|s| (s.id.as_str(), s.name.as_str(), s.kind)).collect();
        assert_eq!(
            told,
            [
                ("a-example-feed", "港口 \"日报\" & <more>", SourceKind::Feed),
                ("a-example-feed-2", "a-example-feed-2", SourceKind::Feed),
                ("b-example-list", "A list", SourceKind::Portal),
            ]
        );
        assert_eq!((loaded.sources[0].url.as_str(), left_out), ("https://a.example/feed?x=1&y=2", 0));
        assert_eq!(blocks(&read, &loaded), (vec![], 3), "a second import adds nothing");
    }
}
