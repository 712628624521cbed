//! Floor 9: the commands. Each prints for a person, exits 0 when it did what was asked, 1 when it could not, and 2 when what it
//! was given is wrong.

mod check;
mod demo;
mod explain;
mod health;
mod key;
mod order;
mod proposal;
mod run;
mod search;
mod sink;
mod status;
mod story;
mod subscriptions;
mod tell;
mod topic;
mod trial;

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, parser::ValueSource};

use crate::config;
use crate::store::StoreError;

/// Polls news portals and feeds, keeps every article once, and publishes what matches your topics.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, max_term_width = 100)]
struct Arguments {
    /// The configuration; any setting can also be given by environment (`TIDINGS_DATABASE_URL`, `TIDINGS_WEB_LISTEN` ...).
    #[arg(long, short, global = true, env = "TIDINGS_CONFIG", default_value = "config.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Poll, record and publish until stopped.
    Run {
        /// Visit everything that is due once, record and publish it, and exit.
        #[arg(long)]
        once: bool,
    },
    /// Say everything that is wrong with the configuration.
    Check,
    /// Visit any address, or a source by its id, once, and show what came of it; nothing is stored.
    Try(trial::Arguments),
    /// Try a query on what is stored, or show the words that ship with the program.
    #[command(subcommand)]
    Topic(topic::Command),
    /// Show for an article and each topic which clauses of the query hold and which do not.
    Explain(explain::Arguments),
    /// Search everything stored.
    Search(search::Arguments),
    /// Show which articles are one story and why, or take one out of it.
    #[command(subcommand)]
    Story(story::Command),
    /// Show how far the receivers of changes are, and set one back or on.
    #[command(subcommand)]
    Sink(sink::Command),
    /// Show how a running daemon does, and which of its sources and sinks want help.
    Status(status::Arguments),
    /// Have a running daemon visit a source now.
    Poll(order::PollArguments),
    /// Have a running daemon leave a source alone.
    Pause(order::Arguments),
    /// Have it visit that source again.
    Resume(order::Arguments),
    /// Have it visit what it held back of a source because most of its list seemed new.
    Release(order::Arguments),
    /// Have it count as seen what it held back of a source.
    Dismiss(order::Arguments),
    /// Make an address by which one feed is read without more, list those that were made, or revoke one.
    #[command(subcommand)]
    Key(key::Command),
    /// Print [[sources]] for the subscriptions of another reader (OPML), to be appended to the configuration.
    Import(subscriptions::Import),
    /// Print the sources of the configuration as OPML.
    Export,
    /// See the whole job on this machine: a small portal in three charsets, polled by the ordinary daemon.
    Demo(demo::Arguments),
    /// Ask a running daemon whether it is ready; for containers.
    Healthcheck {
        /// Where it listens; by default, what the configuration says.
        #[arg(long)]
        url: Option<url::Url>,
    },
}

/// What ended a command early.
#[derive(Debug)]
enum Stop {
    /// What was given is wrong; said already or in here.
    Usage(String),
    /// It could not be done.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let mut matches = Arguments::command().get_matches();
    let given = |m: &ArgMatches| m.value_source("config").is_some_and(|s| s != ValueSource::DefaultValue);
    let named = given(&matches) || matches.subcommand().is_some_and(|(_, m)| given(m));
    let arguments = match Arguments::from_arg_matches_mut(&mut matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let done = match arguments.command {
        Command::Check => check::check(&arguments.config),
        Command::Run { once } => threads().and_then(|t| t.block_on(run::run(&arguments.config, once))),
        Command::Try(trial) => threads().and_then(|t| t.block_on(trial::trial(&arguments.config, named, &trial))),
        Command::Topic(topic) => threads().and_then(|t| t.block_on(topic::topic(&arguments.config, &topic))),
        Command::Explain(explain) => threads().and_then(|t| t.block_on(explain::explain(&arguments.config, &explain))),
        Command::Search(asked) => threads().and_then(|t| t.block_on(search::search(&arguments.config, &asked))),
        Command::Story(story) => threads().and_then(|t| t.block_on(story::story(&arguments.config, &story))),
        Command::Sink(sink) => threads().and_then(|t| t.block_on(sink::sink(&arguments.config, &sink))),
        Command::Status(of) => threads().and_then(|t| t.block_on(status::status(&arguments.config, &of))),
        Command::Poll(of) => threads().and_then(|t| t.block_on(order::poll(&arguments.config, &of))),
        Command::Pause(of) => threads().and_then(|t| t.block_on(order::order(&arguments.config, &of, "pause"))),
        Command::Resume(of) => threads().and_then(|t| t.block_on(order::order(&arguments.config, &of, "resume"))),
        Command::Release(of) => threads().and_then(|t| t.block_on(order::order(&arguments.config, &of, "release"))),
        Command::Dismiss(of) => threads().and_then(|t| t.block_on(order::order(&arguments.config, &of, "dismiss"))),
        Command::Key(key) => threads().and_then(|t| t.block_on(key::key(&arguments.config, &key))),
        Command::Import(import) => subscriptions::import(&arguments.config, named, &import),
        Command::Export => subscriptions::export(&arguments.config),
        Command::Demo(demo) => threads().and_then(|t| t.block_on(demo::demo(&demo))),
        Command::Healthcheck { url } => threads().and_then(|t| t.block_on(health::check(&arguments.config, url))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Usage(message)) => {
            eprintln!("{}", message.trim_end());
            ExitCode::from(2)
        }
        Err(Stop::Failed(error)) => {
            eprintln!("error: {error:#}");
            if let Some(store) = error.downcast_ref::<StoreError>() {
                eprintln!("hint: {}", store.hint());
            }
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads our output may stop before its end, as `head` does: that is no failure.
fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let text = info.payload().downcast_ref::<String>().map(String::as_str).unwrap_or_default();
        if text.starts_with("failed printing to stdout") && text.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(info);
    }));
}

fn threads() -> Result<tokio::runtime::Runtime, Stop> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// The settings of the file at `path` and the environment.
fn settings(path: &std::path::Path) -> Result<config::Settings, Stop> {
    config::load(path, &environment()).map_err(|errors| Stop::Usage(errors.to_string()))
}

/// Our part of the environment. Values that are no text are none of ours.
fn environment() -> BTreeMap<String, String> {
    let texts = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    texts.filter(|(k, _)| k.starts_with("TIDINGS_")).collect()
}
