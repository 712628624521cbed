//! Article bodies against ground truth.
//!
//! In: `extraction-*/ground-truth.json` (page: `articleBody`, `url`) and `extraction-*/html/PAGE.html.gz`. Precision, recall
//! and F1 are those of Zyte's article-extraction-benchmark: token 4-grams in common, in excess and missing, each page
//! normalised to one, summed over the pages. `mean F1` is the mean of the pages' own, `even` and `odd` are the F1 of
//! every other page in order of name. A page that is said to be no article has an empty body.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Deserialize;
use tidings::extract::{Page, article};
use tidings::model::Source;
use tidings::text::decode;
use url::Url;

use crate::shingles::{Overlap, Tally};

/// Times that each page is read; the fastest counts.
const ROUNDS: usize = 3;
/// Worst pages that are shown.
const WORST: usize = 10;

/// What is true of a page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Truth {
    article_body: String,
    url: Url,
}

/// What came of a page.
struct Outcome {
    name: String,
    overlap: Overlap,
    took: Duration,
    reason: Option<String>,
}

/// Prints how every set of `dir` is read.
pub(crate) fn report(dir: &Path, worst: bool, dump: Option<&Path>) -> anyhow::Result<()> {
    let mut sets: Vec<_> = fs::read_dir(dir)?.filter_map(|e| e.ok().map(|e| e.path())).collect();
    sets.retain(|s| s.join("ground-truth.json").is_file());
    sets.sort();
    println!(
        "{:<16} {:>5} {:>7} {:>9} {:>7} {:>8} {:>7} {:>7} {:>8}",
        "set", "pages", "F1", "precision", "recall", "mean F1", "even", "odd", "pages/s"
    );
    for set in sets {
        let outcomes = read(&set, dump).with_context(|| set.display().to_string())?;
        print(&set.file_name().unwrap_or_default().to_string_lossy(), &outcomes, worst);
    }
    Ok(())
}

fn read(set: &Path, dump: Option<&Path>) -> anyhow::Result<Vec<Outcome>> {
    let truths: BTreeMap<String, Truth> = serde_json::from_slice(&fs::read(set.join("ground-truth.json"))?)?;
    let now = chrono::Utc::now();
    truths
        .into_iter()
        .map(|(name, truth)| {
            let mut bytes = Vec::new();
            let packed = fs::File::open(set.join("html").join(format!("{name}.html.gz")))?;
            flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes)?;
            let source = Source::at("eval", truth.url.clone());
            let text = decode(&bytes, None, None).text;
            let run = || {
                let begun = Instant::now();
                let got = article(Page { url: &truth.url, text: &text }, None, &source, now);
                (begun.elapsed(), got)
            };
            let (mut took, got) = run();
            for _ in 1..ROUNDS {
                took = took.min(run().0);
            }
            let (body, reason) = got.map_or_else(|e| (String::new(), Some(e)), |draft| (draft.text, None));
            if let Some(to) = dump {
                fs::create_dir_all(to)?;
                fs::write(to.join(format!("{name}.txt")), &body)?;
            }
            Ok(Outcome { name, overlap: Overlap::of(&truth.article_body, &body), took, reason })
        })
        .collect()
}

fn print(set: &str, outcomes: &[Outcome], worst: bool) {
    let of = |pages: &mut dyn Iterator<Item = &Outcome>| pages.map(|o| o.overlap).collect::<Tally>();
    let all = of(&mut outcomes.iter());
    let (even, odd) = (of(&mut outcomes.iter().step_by(2)), of(&mut outcomes.iter().skip(1).step_by(2)));
    let mut times: Vec<Duration> = outcomes.iter().map(|o| o.took).collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).map_or(0.0, |t| 1.0 / t.as_secs_f64());
    println!(
        "{set:<16} {:>5} {:>7.4} {:>9.4} {:>7.4} {:>8.4} {:>7.4} {:>7.4} {median:>8.0}",
        outcomes.len(),
        all.f1(),
        all.precision(),
        all.recall(),
        all.mean_f1(),
        even.f1(),
        odd.f1()
    );
    if worst {
        let mut pages: Vec<&Outcome> = outcomes.iter().collect();
        pages.sort_by(|a, b| a.overlap.f1().total_cmp(&b.overlap.f1()));
        for o in pages.into_iter().take(WORST) {
            let why = o.reason.as_deref().unwrap_or_default();
            println!(
                "  {:.3} p {:.3} r {:.3} {} {why}",
                o.overlap.f1(),
                o.overlap.precision(),
                o.overlap.recall(),
                o.name
            );
        }
    }
}
