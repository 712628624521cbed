//! Copies told from look-alikes.
//!
//! In: `stories*.jsonl`, an article a line (`story` equal for copies, `title`, `text`, perhaps `kind`), joined one after
//! another as they stand. Precision and recall are over pairs of articles. Where there is no such file, the set that the
//! project's own test generates.

use std::{fs, path::Path};

use anyhow::Context;
use serde::Deserialize;

use crate::labelled::{
    Labelled,
    score::{join, score},
    set,
};

#[derive(Deserialize)]
struct Line {
    story: String,
    title: String,
    text: String,
    #[serde(default)]
    kind: String,
}

/// Prints how the sets of `dir` are joined.
pub(crate) fn report(dir: &Path, worst: bool) -> anyhow::Result<()> {
    let mut sets = vec![];
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("stories") && name.ends_with(".jsonl") {
            let text = fs::read_to_string(&path).with_context(|| name.clone())?;
            let lines = text.lines().filter(|l| !l.trim().is_empty()).map(serde_json::from_str::<Line>);
            let articles = lines.collect::<Result<Vec<_>, _>>().with_context(|| name.clone())?;
            let labelled = |l: Line| Labelled { story: l.story, kind: l.kind, title: l.title, text: l.text };
            sets.push((name, articles.into_iter().map(labelled).collect::<Vec<_>>()));
        }
    }
    if sets.is_empty() {
        sets.push(("stories, generated".into(), set(200, 1000, 1)));
    }
    println!();
    for (name, articles) in sets {
        let (precision, recall, kinds) = score(&articles, &join(&articles));
        println!("{name:<24} {:>6} articles  precision {precision:.4}  recall {recall:.4}", articles.len());
        if worst {
            kinds.iter().for_each(|(kind, (missed, wrong))| println!("    {kind}: {missed} missed, {wrong} wrong"));
        }
    }
    Ok(())
}
