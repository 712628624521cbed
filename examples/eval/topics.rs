//! How well the first topic of a configuration finds what it is about.
//!
//! In: `topics*.jsonl`, an item a line (`label`, `on` for what it is about; `title`, `opening`; perhaps `script`). Where there is no
//! such file, the sets of the project's own tests.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::Deserialize;
use tidings::config;
use tidings::topic::{Subject, Topics};

const OWN: [(&str, &str); 3] = [
    ("topics, headlines", include_str!("../../tests/headlines/headlines.jsonl")),
    ("topics, articles", include_str!("../../tests/headlines/articles.jsonl")),
    ("topics, third", include_str!("../../tests/headlines/third.jsonl")),
];

#[derive(Deserialize)]
struct Item {
    label: String,
    #[serde(default)]
    script: String,
    title: String,
    opening: String,
}

/// Prints how the sets of `dir` are matched.
pub(crate) fn report(dir: &Path, configuration: &Path, worst: bool) -> anyhow::Result<()> {
    let settings = config::load(configuration, &BTreeMap::new()).map_err(|e| anyhow::anyhow!("{e}"))?;
    let first = settings.topics.get(..1).context("the configuration has no topic")?;
    let topics = Topics::compile(first, &settings.vocabulary).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let mut sets = vec![];
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("topics") && name.ends_with(".jsonl") {
            sets.push((name, fs::read_to_string(&path)?));
        }
    }
    if sets.is_empty() {
        sets = OWN.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec();
    }
    println!();
    for (name, text) in sets {
        let items = text.lines().filter(|l| !l.trim().is_empty()).map(serde_json::from_str::<Item>);
        let items = items.collect::<Result<Vec<_>, _>>().with_context(|| name.clone())?;
        let (mut hits, mut misses, mut wrong) = (0_u32, 0_u32, 0_u32);
        for item in &items {
            let subject = Subject { title: &item.title, text: &item.opening, ..Subject::default() };
            let (on, found) = (item.label == "on", !topics.matches(&subject).is_empty());
            hits += u32::from(on && found);
            misses += u32::from(on && !found);
            wrong += u32::from(!on && found);
            if worst && on != found {
                println!("    {} {}: {}", if found { "wrong " } else { "missed" }, item.script, item.title);
            }
        }
        let share = |of: u32| f64::from(hits) / f64::from(hits + of).max(1.0);
        println!("{name:<24} {:>6} items     precision {:.4}  recall {:.4}", items.len(), share(wrong), share(misses));
    }
    Ok(())
}
