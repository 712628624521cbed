//! How well pages are read, measured on a directory laid out like the project's samples.
//!
//! `cargo run --release --example eval -- DIR [--worst] [--dump TO]`. A section a module: each takes the directory, finds
//! its sets in it and prints a table; a directory without its sets is passed over.

mod extraction;
mod feeds;
#[path = "../../tests/labelled/mod.rs"]
#[expect(clippy::unwrap_used, reason = "it is a test's")]
mod labelled;
mod shingles;
mod stories;
mod topics;

use std::path::PathBuf;

use clap::Parser;

/// What is asked for.
#[derive(Parser)]
struct Args {
    /// Directory with the sets.
    dir: PathBuf,
    /// Also the worst pages of each set.
    #[arg(long)]
    worst: bool,
    /// Configuration whose first topic is tried.
    #[arg(long, default_value = "config.toml")]
    config: PathBuf,
    /// Directory to write what was extracted to, a file a page.
    #[arg(long)]
    dump: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    extraction::report(&args.dir, args.worst, args.dump.as_deref())?;
    feeds::report(&args.dir, args.worst, args.dump.as_deref())?;
    stories::report(&args.dir, args.worst)?;
    topics::report(&args.dir, &args.config, args.worst)
}
