//! `tidings story`.

use std::path::Path;

use chrono::Utc;
use url::Url;

use crate::fingerprint::likeness;
use crate::ledger;
use crate::model::address;
use crate::store::{Member, Store};

use super::{Stop, settings};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show the articles that are one story, and how each came to it.
    Show {
        /// The address of any of its articles.
        url: String,
    },
    /// Take an article out of a story that it does not belong to, for good; it becomes a story of its own.
    Split {
        /// Its address.
        url: String,
    },
}

/// Shows or mends a story.
pub(super) async fn story(path: &Path, command: &Command) -> Result<(), Stop> {
    let settings = settings(path)?;
    let store = Store::open(&settings.database_url).await?;
    let (Command::Show { url } | Command::Split { url }) = command;
    // As it is shown, or as it is known: links of one article differ in what does not matter.
    let key = Url::parse(url).map_or_else(|_| url.clone(), |url| address::canonical(&url));
    let found = match store.story_at(url).await? {
        Some(found) => Some((url.as_str(), found)),
        None => store.story_at(&key).await?.map(|found| (key.as_str(), found)),
    };
    let Some((address, (number, members))) = found else {
        return Err(Stop::Usage(format!("error: no stored article has the address {url}")));
    };
    match command {
        Command::Show { .. } => show(number, &members),
        Command::Split { .. } => match ledger::split(&store, address, Utc::now()).await? {
            Some(change) => println!("{url} is story {} now (change {}).", change.story, change.number),
            None => {
                return Err(Stop::Usage(format!(
                    "error: every article of story {number} has this text: there is nothing to split"
                )));
            }
        },
    }
    store.close().await;
    Ok(())
}

fn show(number: i64, members: &[Member]) {
    println!("Story {number}, {} articles", members.len());
    let lead = members.first().and_then(|m| m.sketch.clone());
    for member in members {
        let like = match (&lead, &member.sketch) {
            (Some(lead), Some(own)) => likeness(lead, own)
                .map_or_else(String::new, |l| format!(", now {:.2} {:.2} to the first", l.resemblance, l.containment)),
            _ => String::new(),
        };
        println!("  {}  {}  {}", member.first_seen_at.format("%F %H:%M"), member.source_id, member.title);
        println!("      {}", member.url);
        println!("      {}{like}", member.joined.as_deref().unwrap_or("joined before that was kept"));
    }
}
