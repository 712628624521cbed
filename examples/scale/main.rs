//! What it costs when there is much of it: measured on the machine it runs on, bounds held.
//!
//! `cargo build --release && cargo run --release --example scale -- claims|idle|round|follow`. A section a module. PostgreSQL is
//! measured where `TIDINGS_TEST_POSTGRES_URL` names a cluster to make databases on, `round` needs nginx.

mod claims;
mod database;
mod follow;
mod idle;
mod process;
mod round;
mod web;

use clap::{Parser, Subcommand};

/// What is asked for.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How long it takes to claim a host and its due targets.
    Claims {
        /// How many targets there are.
        #[arg(long, default_value_t = 1_000_000)]
        targets: i64,
        /// On how many hosts.
        #[arg(long, default_value_t = 10_000)]
        hosts: i64,
    },
    /// Memory and processor time of a daemon with nothing to do.
    Idle {
        /// How many sources there are.
        #[arg(long, default_value_t = 10_000)]
        sources: usize,
        /// How long it is looked at, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// A round in which nothing changed, beside a bare loop over the same feeds.
    Round {
        /// How many feeds there are.
        #[arg(long, default_value_t = 1_000)]
        feeds: usize,
        /// On how many hosts.
        #[arg(long, default_value_t = 50)]
        hosts: usize,
        /// How often each is measured.
        #[arg(long, default_value_t = 5)]
        times: usize,
    },
    /// What readers of the stream take while nothing happens, and how soon they and a webhook are told of a change.
    Follow {
        /// How many streams there are.
        #[arg(long, default_value_t = 1_000)]
        streams: usize,
        /// How many changes are waited for.
        #[arg(long, default_value_t = 30)]
        rounds: usize,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Args::parse().what {
        What::Claims { targets, hosts } => claims::report(targets, hosts).await,
        What::Idle { sources, seconds } => idle::report(sources, seconds).await,
        What::Round { feeds, hosts, times } => round::report(feeds, hosts, times).await,
        What::Follow { streams, rounds } => follow::report(streams, rounds).await,
    }
}
