//! What search costs: ingestion with its index, the index alone, and the answers.
//!
//!     cargo run --release --example search -- sqlite:///tmp/measure.db 20000
//!
//! Takes an empty database, brings that many made-up Chinese articles of 1,500 characters to the ledger, indexes all of them
//! once more, and searches for frequent and rare words.

use std::{sync::Arc, time::Duration, time::Instant};

use anyhow::{Context, bail};
use chrono::{TimeDelta, Utc};
use tidings::{
    fingerprint, ledger,
    model::{Draft, Finding, Source, TargetKind, Visit},
    search::Query,
    serve::seek,
    store::{Store, Wanted},
    telemetry::{Metrics, Pulse},
    topic::Queries,
    visit::Delivery,
};
use tokio::sync::{oneshot, watch};

/// Characters of a text.
const TEXT_CHARS: usize = 1500;
/// Articles of a visit.
const ARTICLES_PER_VISIT: usize = 10;
/// How often each search is asked.
const TRIES: usize = 20;

/// Numbers without rhyme that are the same in every run.
struct Dice(u64);

impl Dice {
    /// Below `n`, small ones more often, as characters are in texts.
    fn skewed(&mut self, n: f64) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "31 bits")]
        let share = (self.0 >> 33) as f64 / (1_u64 << 31) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below n, which is small")]
        let picked = (n * share.powi(3)) as u32;
        picked
    }

    fn text(&mut self, chars: usize) -> String {
        let one =
            |n| if n % 17 == 16 { '，' } else { char::from_u32(0x4e00 + 7 * self.skewed(2500.0)).unwrap_or('一') };
        (0..chars).map(one).collect()
    }
}

fn finding(n: usize, dice: &mut Dice) -> anyhow::Result<Finding> {
    let (title, text) = (dice.text(20), dice.text(TEXT_CHARS));
    let draft = Draft {
        url: format!("https://a.example/{n}").parse()?,
        html: format!("<p>{text}</p>"),
        published: None,
        modified: None,
        author: None,
        origin: None,
        language: None,
        image: None,
        canonical: None,
        section: None,
        tags: vec![],
        comments: None,
        next: None,
        title,
        text,
    };
    let (digest, sketch) = (fingerprint::digest(&draft.title, &draft.text), fingerprint::sketch(&draft.text));
    Ok(Finding { draft, from_page: false, part: None, digest, sketch, matches: vec![] })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (url, articles) = (arguments.next().context("a database")?, arguments.next().context("a number")?);
    let articles: usize = articles.parse()?;
    let store = Store::open(&url).await?;
    if store.newest_article().await? > 0 {
        bail!("the database is not empty");
    }
    let source = Source::at("a", "https://a.example/list".parse()?);
    store.sync_sources(&[source], Utc::now()).await?;
    let far = Utc::now() + TimeDelta::days(900);
    let targets = store.due_targets("a.example", far, far, 9).await?;
    let target = targets.into_iter().find(|t| t.kind == TargetKind::Listing).context("a listing")?;
    let (_give_up, given_up) = watch::channel(false);
    let pulse = Pulse::new(Utc::now());
    let settings = ledger::Settings::default();
    let (deliveries, writer) =
        ledger::open(store.clone(), watch::channel(settings).1, Metrics::new()?, pulse, watch::Sender::new(0));
    let writer = tokio::spawn(writer.run(given_up));
    let mut dice = Dice(5);
    let mut visits = vec![];
    for first in (0..articles).step_by(ARTICLES_PER_VISIT) {
        let mut visit = Visit { next_visit_at: Some(far), ..Visit::begun(target.clone(), Utc::now()) };
        visit.findings =
            (first..first + ARTICLES_PER_VISIT).map(|n| finding(n, &mut dice)).collect::<anyhow::Result<_>>()?;
        visits.push(visit);
    }
    let begun = Instant::now();
    for visit in visits {
        let (done, _) = oneshot::channel();
        deliveries.send(Delivery { visit, queries: Arc::new(Queries::new()), room: None, done }).await?;
    }
    drop(deliveries);
    writer.await?;
    let whole = begun.elapsed();
    say("ledger, with its index", whole, articles);
    store.clear_words("none").await?;
    let begun = Instant::now();
    ledger::index(&store, || false).await?;
    say("the index alone", begun.elapsed(), articles);
    for q in ["一", "一下 且", "伓一 下", "\"一一一\"", "麟麟"] {
        let query = Query::parse(q)?;
        let (mut times, mut found) = (vec![], 0);
        for _ in 0..TRIES {
            let begun = Instant::now();
            let (hits, next) = seek(&store, &query, &Wanted::default(), None, 20).await?;
            times.push(begun.elapsed());
            found = hits.len() + usize::from(next.is_some());
        }
        times.sort_unstable();
        let wanted = Wanted { tokens: query.lookups(), ..Wanted::default() };
        let candidates = store.search(&wanted, i64::MAX, 1_000_000).await?;
        println!(
            "search {q}: {:.1} ms median, {:.1} ms worst, {found} on the page, {} candidates",
            times[TRIES / 2].as_secs_f64() * 1e3,
            times[TRIES - 1].as_secs_f64() * 1e3,
            candidates.len()
        );
    }
    store.close().await;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a count of articles")]
fn say(what: &str, took: Duration, articles: usize) {
    let each = took.as_secs_f64() / articles as f64;
    println!("{what}: {:.1} s, {:.2} ms an article, {:.0} articles/s", took.as_secs_f64(), each * 1e3, 1.0 / each);
}
