//! `tidings search`.

use std::io::IsTerminal;
use std::path::Path;

use crate::search::{Query, Span};
use crate::serve::seek;
use crate::store::{Filled, Store, Wanted, words_version};

use super::{Stop, settings};

/// Most results that are shown.
const LIMIT_MAX: u32 = 1000;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Words, `"phrases"` and `prefix*`, of which an article must hold all.
    #[arg(required = true)]
    words: Vec<String>,
    /// Only articles of this source.
    #[arg(long)]
    source: Option<String>,
    /// Only articles that this topic matched.
    #[arg(long)]
    topic: Option<String>,
    /// Results shown.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
    limit: u32,
}

/// Prints what holds all of the words, the best first.
pub(super) async fn search(path: &Path, arguments: &Arguments) -> Result<(), Stop> {
    let settings = settings(path)?;
    let words = arguments.words.join(" ");
    let query = Query::parse(&words).map_err(|e| Stop::Usage(format!("error: {e}")))?;
    let store = Store::open(&settings.database_url).await?;
    let wanted = Wanted { source: arguments.source.clone(), topic: arguments.topic.clone(), ..Wanted::default() };
    let limit = arguments.limit as usize;
    let (mut hits, mut next) = seek(&store, &query, &wanted, None, limit).await?;
    // A page can be short though there is more.
    while let Some(place) = next.filter(|_| hits.len() < limit) {
        let (more, after) = seek(&store, &query, &wanted, Some(place), limit - hits.len()).await?;
        hits.extend(more);
        next = after;
    }
    let bold = std::io::stdout().is_terminal();
    for hit in &hits {
        let f = &hit.found;
        println!("{}  {}  {}", f.first_seen_at.format("%F %H:%M"), f.source_id, shown(&hit.title, bold));
        println!("      {}\n      {}", shown(&hit.excerpt, bold), f.url);
    }
    if hits.is_empty() {
        println!("Nothing was found.");
    } else if next.is_some() {
        println!("There is more; --limit shows it.");
    }
    if store.search_filled(&words_version()).await? != Filled::All {
        eprintln!("note: not everything stored is indexed yet; `tidings run` does that");
    }
    store.close().await;
    Ok(())
}

/// The text, what was found in bold on a terminal; nothing in it moves the cursor.
fn shown(spans: &[Span], bold: bool) -> String {
    let one = |s: &Span| {
        let text: String = s.text.chars().filter(|c| !c.is_control()).collect();
        if s.found && bold { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text }
    };
    spans.iter().map(one).collect()
}
