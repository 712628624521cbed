//! `tidings sink`.

use std::path::Path;

use crate::config::Settings;
use crate::publish;
use crate::store::{SinkRow, SinkState, Store};

use super::{Stop, settings};

/// Dead letters shown of a sink.
const DEAD_SHOWN: usize = 20;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show how far each sink is, what ails it, and what it would not take.
    Status {
        /// Only this one.
        id: Option<String>,
    },
    /// Try again: at once what it is stuck at, also when its receiver had said that it is gone; or what it was told before.
    Replay {
        /// Its id.
        id: String,
        /// Tell it again of every change after the one with this number.
        #[arg(long, value_parser = clap::value_parser!(i64).range(0..), conflicts_with = "dead")]
        since: Option<i64>,
        /// Tell it of the changes that it would not take.
        #[arg(long)]
        dead: bool,
    },
    /// Give up the change that it is stuck at; it is kept, and `replay --dead` tells it after all.
    Skip {
        /// Its id.
        id: String,
    },
}

/// Shows or mends sinks. A running daemon notices within seconds.
pub(super) async fn sink(path: &Path, command: &Command) -> Result<(), Stop> {
    let settings = settings(path)?;
    let store = Store::open(&settings.database_url).await?;
    let rows = store.sinks().await?;
    let known = |id: &str| {
        rows.iter().find(|r| r.id == id).ok_or_else(|| {
            let ids: Vec<&str> = rows.iter().map(|r| r.id.as_str()).collect();
            let ids = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
            Stop::Usage(format!(
                "error: no sink is called {id}; there are: {ids} (a new one is there once the daemon has run)"
            ))
        })
    };
    match command {
        Command::Status { id } => {
            let only = id.as_deref().map(known).transpose()?;
            let head = store.head().await?;
            for row in rows.iter().filter(|r| only.is_none_or(|o| o.id == r.id)) {
                show(&store, row, head).await?;
            }
            if rows.is_empty() {
                println!("No sink is configured.");
            }
        }
        Command::Replay { id, since: Some(since), .. } => {
            let row = known(id)?;
            if !store.rewind_sink(id, *since).await? {
                let message = format!("error: {id} was only told of changes up to {}", row.cursor);
                return Err(Stop::Usage(message));
            }
            println!("{id} is told of every change after {since} again.");
            miss(&store, *since).await?;
        }
        Command::Replay { id, dead: true, .. } => {
            let cursor = known(id)?.cursor;
            if settings.digests.iter().any(|digest| digest.id == *id) {
                let message =
                    format!("error: a digest is told of what it missed by: tidings sink replay {id} --since N");
                return Err(Stop::Usage(message));
            }
            let again = store.replay_dead(id).await?;
            store.resume_sink(id).await?;
            println!("{id} is told of {again} changes that it would not take.");
            miss(&store, cursor).await?;
        }
        Command::Replay { id, .. } => {
            let cursor = known(id)?.cursor;
            store.resume_sink(id).await?;
            println!("{id} is tried again now.");
            miss(&store, cursor).await?;
        }
        Command::Skip { id } => {
            known(id)?;
            skip(&store, &settings, id).await?;
        }
    }
    store.close().await;
    Ok(())
}

/// Gives up the change that the sink `id` is stuck at.
async fn skip(store: &Store, settings: &Settings, id: &str) -> Result<(), Stop> {
    let sinks = settings.sinks();
    let sink = sinks.iter().find(|sink| sink.id() == id);
    let sink = sink.ok_or_else(|| Stop::Usage(format!("error: {id} is not in this configuration")))?;
    match publish::skip(store, sink).await? {
        Some(number) if settings.digests.iter().any(|digest| digest.id == *id) => println!(
            "{id} is not told of what the mail said that it is stuck at, up to change {number}; \
             `tidings sink replay {id} --since N` does it after all, with the next one."
        ),
        Some(number) => {
            println!("{id} is not told of change {number}; `tidings sink replay {id} --dead` does it after all.")
        }
        None => {
            return Err(Stop::Usage(format!("error: {id} was told of everything: there is nothing to skip")));
        }
    }
    Ok(())
}

/// Says which changes after the one numbered `since` nobody can be told of any more: nothing waits for a sink that is gone.
async fn miss(store: &Store, since: i64) -> Result<(), Stop> {
    let first = store.oldest_change().await?;
    if first > since + 1 {
        println!("Changes {} to {} are too old to be kept any more: it is not told of those.", since + 1, first - 1);
    }
    Ok(())
}

async fn show(store: &Store, row: &SinkRow, head: i64) -> Result<(), Stop> {
    let state = row.state.word(row.tries);
    let time = |at: chrono::DateTime<chrono::Utc>| at.format("%F %H:%M:%S").to_string();
    println!("{}  {state}  at change {} of {head}, {} told, {} not taken", row.id, row.cursor, row.delivered, row.dead);
    if let Some(at) = row.last_success_at {
        println!("    last took a message {} UTC", time(at));
    }
    if let Some(error) = &row.last_error {
        let next = row.next_try_at.filter(|_| row.state == SinkState::Active);
        let next = next.map_or_else(String::new, |at| format!(", next {} UTC", time(at)));
        println!("    {error} ({} tries{next})", row.tries);
    }
    if row.dead > 0 {
        let letters = store.dead_letters(&row.id).await?;
        for letter in letters.iter().take(DEAD_SHOWN) {
            println!(
                "    change {}, given up {} UTC after {} tries: {}",
                letter.number,
                time(letter.at),
                letter.tries,
                letter.reason
            );
        }
        if letters.len() > DEAD_SHOWN {
            println!("    and more");
        }
    }
    Ok(())
}
