//! Floor 6: one file becomes everybody's settings.
//!
//! In: the text of `config.toml` and the environment. Out: [`Settings`], or [`Errors`]: all that is wrong, each with its
//! place and what was expected there. Warnings ride along in [`Settings::warnings`].
//!
//! | part | what it knows |
//! | --- | --- |
//! | `reader` | taking keys out of tables, the environment before the file; what is left over is unknown |
//! | `kinds`, `names` | what a single value may be |
//! | `sections`, `sources`, `access`, `topics`, `webhooks`, `nats`, `digests`, `websub` | which keys there are, and whose settings they become |
//! | `quoted` | where in the file a place inside a string is written |
//! | `report`, `mask` | showing all that, without secrets |
//! | [`presets`] | selectors that ship with the program |
//!
//! Deliberately absent: globals; defaults (each module has its own, in its `Settings`); any meaning of a query or selector.

mod access;
mod digests;
mod kinds;
mod mask;
mod names;
mod nats;
mod near;
pub mod presets;
mod quoted;
mod reader;
mod report;
mod sections;
mod settings;
mod sources;
mod syntax;
mod topics;
mod webhooks;
mod websub;

use std::{collections::BTreeMap, fs, io::Read, path::Path, sync::Arc};

use toml::de::DeTable;

pub use report::{Errors, Place, Problem, Report, Severity};
pub use settings::Settings;

use self::reader::{Findings, Table};

/// Bytes of a configuration file.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The settings that the file at `path` and the environment `env` (name to value) give.
///
/// # Errors
/// When the file cannot be read, or anything in it or in a `TIDINGS_` variable is wrong: all of it.
pub fn load(path: &Path, env: &BTreeMap<String, String>) -> Result<Settings, Errors> {
    let name = path.display().to_string();
    let fail = |text: String, problem| Errors(Report::new(&name, text, vec![problem], BTreeMap::new()));
    let mut bytes = vec![];
    let read = fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    if let Err(e) = read {
        let hint = "give the path with --config or TIDINGS_CONFIG".to_owned();
        return Err(fail(String::new(), Problem::error(Place::Whole, format!("cannot read {name}: {e}")).hint(hint)));
    }
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let message = format!("the file is larger than {FILE_BYTES_MAX} bytes");
        return Err(fail(String::new(), Problem::error(Place::Whole, message)));
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let shown = mask::mask(&String::from_utf8_lossy(e.as_bytes()), &[], true);
        let end = shown.ceil_char_boundary(at + 1);
        let problem = Problem::error(at..end, "this is not UTF-8 text").expected("expected UTF-8 from here on");
        fail(shown, problem.hint("save the file in the encoding UTF-8, not in GBK or Big5".to_owned()))
    })?;
    parse(&name, &text, env)
}

/// The settings that `text` and the environment `env` give; `name` is the path of the file, by which problems call it and
/// beside which `*_file` paths are looked up.
///
/// # Errors
/// When anything in the text or in a `TIDINGS_` variable is wrong: all of it.
pub fn parse(name: &str, text: &str, env: &BTreeMap<String, String>) -> Result<Settings, Errors> {
    let base = Path::new(name).parent().unwrap_or(Path::new(""));
    let (tree, syntax) = DeTable::parse_recoverable(text);
    let mut found = Findings::new(env);
    let mut settings = Settings::default();
    let mut root = Table::root(tree.get_ref());
    sections::database(&mut root, base, &mut settings, &mut found);
    sections::web(&mut root, base, &mut settings, &mut found);
    websub::websub(&mut root, &mut settings, &mut found);
    sections::fetch(&mut root, &mut settings, &mut found);
    sections::dedupe(&mut root, &mut settings, &mut found);
    sections::retention(&mut root, &mut settings, &mut found);
    sections::log(&mut root, &mut settings, &mut found);
    settings.vocabulary.aliases = topics::aliases(&mut root, text, &mut found);
    settings.vocabulary.same = topics::same(&mut root, &mut found);
    settings.fetch.hosts = access::hosts(&mut root, &mut found);
    settings.sources = sources::sources(&mut root, base, &mut found).into_iter().map(Arc::new).collect();
    settings.topics = topics::topics(&mut root, text, &settings.vocabulary, &mut found);
    let mut sinks = sources::Seen::new();
    settings.webhooks = webhooks::webhooks(&mut root, base, &settings.topics, &mut sinks, &mut found);
    settings.nats = nats::nats(&mut root, base, &settings.topics, &mut sinks, &mut found);
    settings.digests = digests::digests(&mut root, base, &settings.topics, &mut sinks, &mut found);
    root.finish(&mut found);
    found.finish_environment();
    if settings.sources.is_empty() && found.problems.is_empty() {
        let problem = Problem::warning(Place::Whole, "there are no sources: nothing is polled");
        found.push(problem.hint("add a [[sources]] with an id and a url".to_owned()));
    }
    let (secrets, values) = (std::mem::take(&mut found.secrets), found.shown_environment());
    let problems = syntax::join(text, found.problems, &syntax);
    let shown = mask::mask(text, &secrets, !syntax.is_empty());
    let failed = problems.iter().any(|p| p.severity == Severity::Error);
    let report = Report::new(name, shown, problems, values);
    if failed {
        return Err(Errors(report));
    }
    settings.warnings = report;
    Ok(settings)
}
