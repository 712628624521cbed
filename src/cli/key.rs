//! `tidings key`: addresses by which one feed is read without more.

use std::path::Path;

use chrono::Utc;
use rustls::crypto::ring::default_provider;

use crate::config::Settings;
use crate::store::Store;

use super::{Stop, settings};

/// Bytes of a token: nobody guesses one.
const TOKEN_BYTES: usize = 20;
/// Characters of a note.
const NOTE_CHARS_MAX: usize = 200;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make an address that opens one feed, for a reader that cannot send a token. It is shown once.
    Add {
        /// A topic's id, `all`, or `source/` and a source's id.
        feed: String,
        /// For whom it is.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// List the keys that were made, without what opens.
    List,
    /// Have a key open nothing any more, at once.
    Revoke {
        /// Its number, as `list` shows it.
        id: i64,
    },
}

/// Makes, lists or revokes keys. A running daemon notices within a second.
pub(super) async fn key(path: &Path, command: &Command) -> Result<(), Stop> {
    let settings = settings(path)?;
    if let Command::Add { feed, .. } = command {
        known(&settings, feed)?;
    }
    let store = Store::open(&settings.database_url).await?;
    match command {
        Command::Add { feed, note } => {
            let token = token()?;
            let note: String = note.chars().filter(|c| !c.is_control()).take(NOTE_CHARS_MAX).collect();
            let id = store.add_feed_key(&token, feed, &note, Utc::now()).await?;
            let base = settings.serve.public_url.clone();
            let base = base.map_or(format!("http://{}/", settings.serve.listen), String::from);
            println!("{}/feeds/_/{token}.atom", base.trim_end_matches('/'));
            eprintln!(
                "This opens {feed}, also as .rss and .json, for whoever has it: key {id}. It is not shown again."
            );
        }
        Command::List => {
            let keys = store.feed_keys().await?;
            for key in &keys {
                let time = |at: chrono::DateTime<Utc>| at.format("%F %H:%M").to_string();
                let state = key.revoked_at.map_or("opens".into(), |at| format!("revoked {} UTC,", time(at)));
                let note = if key.note.is_empty() { String::new() } else { format!("  {}", key.note) };
                println!("{}  {state} {}, made {} UTC{note}", key.id, key.feed, time(key.added_at));
            }
            if keys.is_empty() {
                println!("No key was made.");
            }
        }
        Command::Revoke { id } => {
            if !store.revoke_feed_key(*id, Utc::now()).await? {
                return Err(Stop::Usage(format!("error: no key has the number {id}, or it was revoked before")));
            }
            println!("Key {id} opens nothing any more.");
        }
    }
    store.close().await;
    Ok(())
}

fn known(settings: &Settings, feed: &str) -> Result<(), Stop> {
    let is_there = match feed.strip_prefix("source/") {
        Some(id) => settings.sources.iter().any(|s| s.id == id),
        None => feed == "all" || settings.topics.iter().any(|t| t.id == feed),
    };
    if is_there {
        return Ok(());
    }
    let topics = settings.topics.iter().map(|t| t.id.clone()).collect::<Vec<_>>().join(", ");
    Err(Stop::Usage(format!(
        "error: there is no feed `{feed}`\nhint: it is a topic ({topics}), `all`, or source/ID of a source"
    )))
}

fn token() -> Result<String, Stop> {
    let mut bytes = [0; TOKEN_BYTES];
    let filled = default_provider().secure_random.fill(&mut bytes);
    filled.map_err(|_| anyhow::anyhow!("this machine gives no random numbers"))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}
