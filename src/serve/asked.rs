//! Which feed is asked for, and how: read from the address alone, so that what is cached is found without more.

use chrono::{DateTime, Utc};
use url::Url;

use super::{
    App,
    feeds::{ALL, Format},
    problem::Problem,
    query::{Query, instant, shown},
};
use crate::render::Content;
use crate::store::Scope;

/// Bytes of an identifier.
const ID_BYTES_MAX: usize = 64;
/// Bytes of a query of the reader's own.
const QUERY_BYTES_MAX: usize = 500;
/// Bytes of a key.
const KEY_BYTES_MAX: usize = 64;
/// The folder of feeds that are read by a key: no topic can be called so.
pub(super) const KEYED: &str = "_";
/// The folder of the feeds of sources.
pub(super) const SOURCE: &str = "source";
/// The folder of archive pages.
pub(super) const ARCHIVE: &str = "archive";

/// Whose feed it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody's, or a topic's.
    Named(String),
    /// A source's.
    Source(String),
    /// That which a key opens.
    Keyed(String),
}

impl Whose {
    /// The feed that is kept beside a key: `all`, a topic's identifier, or `source/` and a source's.
    pub(super) fn of_key(feed: &str) -> Self {
        match feed.strip_prefix("source/") {
            Some(id) => Self::Source(id.into()),
            None => Self::Named(feed.into()),
        }
    }

    /// Its name, as it is part of identifiers.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Named(id) => id.clone(),
            Self::Source(id) => format!("{SOURCE}/{id}"),
            Self::Keyed(_) => KEYED.into(),
        }
    }

    /// Its stories. A key must be turned first.
    pub(super) fn scope(&self) -> Scope<'_> {
        match self {
            Self::Named(id) if id != ALL => Scope::Topic(id),
            Self::Source(id) => Scope::Source(id),
            Self::Named(_) | Self::Keyed(_) => Scope::All,
        }
    }

    /// Parts of its address, the last without its extension.
    fn parts(&self) -> Vec<&str> {
        match self {
            Self::Named(id) => vec!["feeds", id],
            Self::Source(id) => vec!["feeds", SOURCE, id],
            Self::Keyed(key) => vec!["feeds", KEYED, key],
        }
    }
}

/// A page of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Of which query of its topic it is.
    pub(super) mark: String,
    /// From 1.
    pub(super) number: i64,
}

impl Page {
    /// As it stands in addresses.
    pub(super) fn file(mark: &str, number: i64) -> String {
        if mark.is_empty() { number.to_string() } else { format!("{mark}-{number}") }
    }

    fn parse(file: &str) -> Option<Self> {
        let (mark, number) = file.rsplit_once('-').map_or((None, file), |(mark, number)| (Some(mark), number));
        let is_mark = mark.is_none_or(|m| (1..=16).contains(&m.len()) && m.bytes().all(|b| b.is_ascii_hexdigit()));
        let mark = mark.unwrap_or_default();
        let number = number.parse().ok().filter(|n| *n > 0 && is_mark)?;
        Some(Self { mark: mark.into(), number })
    }
}

/// From when on stories are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Those that a change after this number brought in.
    Number(i64),
    /// Those first seen at this instant or later.
    Instant(DateTime<Utc>),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) whose: Whose,
    pub(super) format: Format,
    pub(super) page: Option<Page>,
    pub(super) limit: Option<i64>,
    pub(super) source: Option<String>,
    pub(super) since: Option<Since>,
    pub(super) query: Option<String>,
    pub(super) content: Option<Content>,
    /// A person opened it in a browser.
    pub(super) is_looked_at: bool,
}

impl Asked {
    /// What `folder` (`None`: a feed by its name), `file` and the query string ask for; `page` is the file of an archive page,
    /// and `file` then the feed without a format.
    pub(super) fn read(
        folder: Option<&str>,
        file: &str,
        page: Option<&str>,
        raw: Option<&str>,
    ) -> Result<Self, Problem> {
        let (name, extension) = page.unwrap_or(file).rsplit_once('.').unwrap_or((page.unwrap_or(file), ""));
        let id = if page.is_some() { file } else { name };
        let whose = match folder {
            None => Whose::Named(id.to_owned()),
            Some(SOURCE) => Whose::Source(id.to_owned()),
            Some(_) => Whose::Keyed(id.to_owned()),
        };
        let fits = match &whose {
            Whose::Keyed(key) => key.len() <= KEY_BYTES_MAX && key.bytes().all(|b| b.is_ascii_alphanumeric()),
            Whose::Named(id) | Whose::Source(id) => is_id(id),
        };
        if !fits {
            let what = if matches!(whose, Whose::Keyed(_)) { "key" } else { "name of a feed" };
            return Err(Problem::absent(format!("This is no {what}.")));
        }
        let Some(format) = Format::EACH.into_iter().find(|f| f.extension() == extension) else {
            // A key is not repeated to anybody.
            let shown = if folder == Some(KEYED) { "…" } else { name };
            let problem = Problem::absent("Feeds come as .rss, .atom and .json.");
            return Err(problem.known(Format::EACH.map(|f| format!("{shown}.{}", f.extension()))));
        };
        let page = page.map(|_| Page::parse(name).ok_or_else(|| Problem::absent("Archive pages have whole numbers.")));
        let page = page.transpose()?;
        let query = Query::of(raw);
        let content = query.get("content").map(content).transpose()?;
        if page.is_some() {
            let (limit, source, since, query, is_looked_at) = (None, None, None, None, false);
            return Ok(Self { whose, format, page, limit, source, since, query, content, is_looked_at });
        }
        let source = query.get("source").map(str::to_owned);
        if let Some(source) = source.as_deref().filter(|s| !is_id(s)) {
            return Err(Problem::bad(format!("`{}` is no identifier of a source.", shown(source))));
        }
        let asks = query.get("q").map(str::to_owned);
        if asks.as_ref().is_some_and(|q| q.len() > QUERY_BYTES_MAX) {
            return Err(Problem::bad(format!("`q` may have {QUERY_BYTES_MAX} bytes.")));
        }
        let limit = query.get("limit").is_some().then(|| query.limit(0)).transpose()?;
        let since = query.get("since").map(since).transpose()?;
        Ok(Self { whose, format, page, limit, source, since, query: asks, content, is_looked_at: false })
    }

    /// Whether it is the feed as it is subscribed to: all of it, the newest first.
    pub(super) fn is_whole(&self) -> bool {
        self.source.is_none() && self.since.is_none() && self.query.is_none() && self.page.is_none()
    }

    /// Its own address, without extension, what is asked for in one order.
    pub(super) fn base(&self, app: &App) -> Url {
        let file = self.page.as_ref().map(|p| Page::file(&p.mark, p.number));
        let mut parts = self.whose.parts();
        if let Some(file) = &file {
            parts.extend([ARCHIVE, file]);
        }
        self.with_pairs(app.address(&parts))
    }

    /// Address, without extension, of an archive page of the same feed.
    pub(super) fn archive(&self, app: &App, mark: &str, number: i64) -> Url {
        let file = Page::file(mark, number);
        let parts = [&self.whose.parts()[..], &[ARCHIVE, &file]].concat();
        let only = Self { limit: None, ..self.clone() };
        only.with_pairs(app.address(&parts))
    }

    /// Address, without extension, of the feed that an archive page is of.
    pub(super) fn current(&self, app: &App) -> Option<Url> {
        self.page.as_ref()?;
        Some(self.with_pairs(app.address(&self.whose.parts())))
    }

    fn with_pairs(&self, mut base: Url) -> Url {
        let since = self.since.map(|since| match since {
            Since::Number(n) => n.to_string(),
            Since::Instant(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        });
        let content = self.content.map(|c| match c {
            Content::Full => "full".to_owned(),
            Content::Excerpt => "excerpt".to_owned(),
            Content::None => "none".to_owned(),
        });
        let limit = self.limit.map(|n| n.to_string());
        let pairs = [("source", self.source.clone()), ("since", since), ("q", self.query.clone())];
        for (key, value) in pairs.into_iter().chain([("content", content), ("limit", limit)]) {
            if let Some(value) = value {
                base.query_pairs_mut().append_pair(key, &value);
            }
        }
        base
    }

    /// What it is kept under: the same for all that ask for the same.
    pub(super) fn key(&self) -> String {
        format!("{self:?}")
    }
}

pub(super) fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn content(word: &str) -> Result<Content, Problem> {
    match word {
        "full" => Ok(Content::Full),
        "excerpt" => Ok(Content::Excerpt),
        "none" => Ok(Content::None),
        _ => Err(Problem::bad(format!("`content` must be full, excerpt or none, not `{}`.", shown(word)))),
    }
}

/// The number of a change, an instant, or a day in UTC.
fn since(text: &str) -> Result<Since, Problem> {
    let number = text.parse().ok().filter(|n| *n >= 0).map(Since::Number);
    number.or_else(|| instant(text).map(Since::Instant)).ok_or_else(|| {
        let detail = "`since` must be the number of a change, an instant such as 2026-11-24T08:00:00Z, or a day";
        Problem::bad(format!("{detail}, not `{}`.", shown(text)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, raw: &str) -> Result<Asked, Problem> {
        Asked::read(None, file, None, Some(raw))
    }

    #[test]
    fn an_address_says_whose_feed_it_is_and_how() {
        let asked = of("chip.atom", "limit=7&source=delta&since=2026-11-24&q=%E5%8F%B0&content=none&x=y").unwrap();
        assert_eq!((asked.whose.clone(), asked.format), (Whose::Named("chip".into()), Format::Atom));
        assert_eq!((asked.limit, asked.query.as_deref(), asked.content), (Some(7), Some("台"), Some(Content::None)));
        assert!(matches!(asked.since, Some(Since::Instant(at)) if at.to_rfc3339() == "2026-11-24T00:00:00+00:00"));
        assert!(!asked.is_whole() && of("chip.atom", "limit=7").unwrap().is_whole());
        assert_eq!(Asked::read(Some(SOURCE), "a-1.rss", None, None).unwrap().whose, Whose::Source("a-1".into()));
        assert_eq!(Asked::read(Some(KEYED), "Ab1.json", None, None).unwrap().whose, Whose::Keyed("Ab1".into()));
        for absent in ["chip", ".rss", "chip.xml", "chip.rss.rss", "", "Chip.rss", "a b.rss"] {
            assert_eq!(of(absent, "").unwrap_err().status, 404, "{absent}");
        }
        for bad in ["limit=0", "source=A", "since=-1", "since=soon", "since=%2B20000-01-01", "content=all"] {
            assert_eq!(of("chip.rss", bad).unwrap_err().status, 400, "{bad}");
        }
        assert_eq!(of("chip.rss", &format!("q={}", "a".repeat(501))).unwrap_err().status, 400);
    }

    #[test]
    fn a_key_is_never_repeated() {
        let said = serde_json::to_string(&Asked::read(Some(KEYED), "S3cret.xml", None, None).unwrap_err()).unwrap();
        assert!(!said.contains("S3cret"), "{said}");
        let said = serde_json::to_string(&Asked::read(Some(KEYED), "S3-cret.rss", None, None).unwrap_err()).unwrap();
        assert!(!said.contains("cret"), "{said}");
    }

    #[tokio::test]
    async fn addresses_lead_back_to_what_was_asked() {
        let app = crate::serve::tests::app();
        let page = Asked::read(None, "chip", Some("ab12cd34-3.atom"), Some("content=none&limit=3")).unwrap();
        assert_eq!(page.base(&app).as_str(), "https://news.example.org/feeds/chip/archive/ab12cd34-3?content=none");
        assert_eq!(page.current(&app).unwrap().as_str(), "https://news.example.org/feeds/chip?content=none");
        let whole = of("chip.atom", "limit=60").unwrap();
        assert_eq!(whole.archive(&app, "", 2).as_str(), "https://news.example.org/feeds/chip/archive/2");
        assert_eq!(whole.base(&app).as_str(), "https://news.example.org/feeds/chip?limit=60");
        for bad in ["0.atom", "x-1.atom", "1-2-x.atom", "-1.atom"] {
            assert_eq!(Asked::read(None, "chip", Some(bad), None).unwrap_err().status, 404, "{bad}");
        }
    }
}
