//! Feeds broken in every way that is known to us, each with what must come out of it all the same.
//!
//! Every class goes the way of a visit: bytes to text to listing. What a class wants is one line an entry, of `field=value`
//! apart by ` | `; a field without a value must be missing, one that is not named may be anything. Classes that are not to
//! be read say with which words they are refused. `cargo test --test faults -- --nocapture` prints the table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod amounts;
mod beginnings;
mod contents;
mod dates;
mod dialects;
mod encodings;
mod json;
mod links;
mod markup;
mod structure;

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use tidings::{
    model::{Entry, Listing, Problem, Source, SourceKind},
    read, text,
};
use url::Url;

/// Where every feed is from; links of entries are written without its host.
const HERE: &str = "https://news.example/world/feed.xml";
const HOST: &str = "https://news.example";

/// What must come of a class.
enum Want {
    /// Its entries, a line each.
    Entries(Vec<String>),
    /// So many entries, whatever they say.
    Count(usize),
    /// No listing, and these words of why.
    Refused(&'static str),
}

/// One way of being broken.
struct Class {
    name: String,
    bytes: Vec<u8>,
    content_type: Option<&'static str>,
    kind: SourceKind,
    want: Want,
    /// Words that some problem of the listing must have.
    says: Vec<&'static str>,
}

impl Class {
    fn of(name: impl Into<String>, bytes: impl Into<Vec<u8>>, want: Want) -> Self {
        let (name, bytes) = (name.into(), bytes.into());
        Self { name, bytes, content_type: None, kind: SourceKind::Auto, want, says: vec![] }
    }

    /// Sent with this Content-Type.
    fn sent_as(self, content_type: &'static str) -> Self {
        Self { content_type: Some(content_type), ..self }
    }

    /// Of a source that is set to be this.
    fn set_as(self, kind: SourceKind) -> Self {
        Self { kind, ..self }
    }

    /// A problem must say `words`.
    fn says(mut self, words: &'static str) -> Self {
        self.says.push(words);
        self
    }

    /// What is wrong with what comes out; empty when nothing is.
    fn faults(&self) -> Vec<String> {
        let listing = match (self.read(), &self.want) {
            (Err(problem), Want::Refused(words)) if problem.message.contains(words) => return vec![],
            (Err(problem), _) => return vec![format!("refused: {}", problem.message)],
            (Ok(listing), Want::Refused(_)) => return vec![format!("read, with {} entries", listing.entries.len())],
            (Ok(listing), _) => listing,
        };
        let count =
            |n: usize| (listing.entries.len() != n).then(|| format!("{} entries, not {n}", listing.entries.len()));
        let mut faults = match &self.want {
            Want::Entries(lines) => {
                let pairs = lines.iter().zip(&listing.entries);
                count(lines.len()).into_iter().chain(pairs.flat_map(|(line, entry)| against(line, entry))).collect()
            }
            Want::Count(n) => Vec::from_iter(count(*n)),
            Want::Refused(_) => vec![],
        };
        let unsaid = |words: &&&str| !listing.problems.iter().any(|p| p.message.contains(**words));
        faults.extend(self.says.iter().filter(unsaid).map(|words| {
            format!("no problem says `{words}`: {:?}", listing.problems.iter().map(|p| &p.message).collect::<Vec<_>>())
        }));
        faults
    }

    fn read(&self) -> Result<Listing, Problem> {
        let url: Url = HERE.parse().unwrap();
        let decoded = text::decode(&self.bytes, None, self.content_type);
        let page = read::Page { url: &url, content_type: self.content_type, text: &decoded.text };
        read::listing(page, &source(self.kind), now())
    }
}

fn source(kind: SourceKind) -> Source {
    let at = Source::at("broken", HERE.parse().unwrap());
    Source { name: "Broken".into(), kind, time_zone: chrono_tz::Asia::Hong_Kong, ..at }
}

/// Tuesday morning, Hong Kong.
fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 0, 0, 0).unwrap()
}

/// A class whose entries are `lines`.
fn class(name: &str, bytes: impl Into<Vec<u8>>, lines: &[&str]) -> Class {
    Class::of(name, bytes, Want::Entries(lines.iter().map(|l| (*l).to_owned()).collect()))
}

/// A class that is no listing.
fn refused(name: &str, bytes: impl Into<Vec<u8>>, words: &'static str) -> Class {
    Class::of(name, bytes, Want::Refused(words))
}

/// A sound feed around `inside`.
fn rss(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel><title>晨报</title>\
         <link>https://news.example/</link>{inside}</channel></rss>"
    )
}

/// A sound feed of one item made of `inside`.
fn one(inside: &str) -> String {
    rss(&format!("<item>{inside}</item>"))
}

/// A sound item.
fn item(n: usize) -> String {
    format!("<item><title>消息{n}</title><link>https://news.example/{n}</link></item>")
}

/// What must come of [`item`].
fn told(n: usize) -> String {
    format!("title=消息{n} | link=/{n}")
}

/// How `entry` differs from `line`.
fn against(line: &str, entry: &Entry) -> Vec<String> {
    let fields = line.split(" | ").map(|field| field.split_once('=').unwrap());
    let differing = fields.filter_map(|(name, wanted)| {
        let found = field(entry, name);
        (found != wanted)
            .then(|| format!("{name} is `{}`, not `{wanted}`", found.chars().take(200).collect::<String>()))
    });
    differing.collect()
}

fn field(entry: &Entry, name: &str) -> String {
    let date =
        |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true).replace(":00Z", "Z"));
    let here = |url: &Url| url.as_str().strip_prefix(HOST).unwrap_or(url.as_str()).to_owned();
    let value = match name {
        "link" => Some(here(&entry.link)),
        "part" => entry.part.clone(),
        "guid" => entry.guid.clone(),
        "title" => entry.title.clone(),
        "date" => date(entry.published),
        "updated" => date(entry.updated),
        "author" => entry.author.clone(),
        "origin" => entry.origin.clone(),
        "summary" => entry.summary.clone(),
        "content" => entry.content.clone(),
        "image" => entry.image.as_ref().map(here),
        "language" => entry.language.clone(),
        _ => panic!("no field is called `{name}`"),
    };
    value.unwrap_or_default()
}

fn all() -> Vec<Class> {
    [
        encodings::classes(),
        beginnings::classes(),
        markup::classes(),
        structure::classes(),
        dialects::classes(),
        json::classes(),
        links::classes(),
        dates::classes(),
        contents::classes(),
        amounts::classes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_class_gives_what_can_be_had() {
    let classes = all();
    let mut wrong = vec![];
    for class in &classes {
        let faults = class.faults();
        println!("{:5} {}", if faults.is_empty() { "right" } else { "WRONG" }, class.name);
        wrong.extend(faults.iter().map(|fault| format!("{}: {fault}", class.name)));
    }
    println!("{} classes", classes.len());
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_class_stands_twice() {
    let mut names: Vec<String> = all().into_iter().map(|c| c.name).collect();
    names.sort();
    let twice: Vec<_> = names.windows(2).filter(|w| w[0] == w[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
