//! Feeds of topics, sources and queries, in three formats, their archives, and the list of them.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use chrono::Utc;

use super::{
    Feed,
    asked::{Asked, SOURCE, Whose},
    bulletin::{self, About},
    coding::Coding,
    conditional::{self, Said},
    guard,
    problem::Problem,
    query::shown,
    router::Shared,
    shelf::Kept,
    weave,
};
use crate::render::{self, FeedFacts, Outline};

/// The feed of every story, matching or not.
pub(super) const ALL: &str = "all";
/// Its title.
pub(super) const ALL_TITLE: &str = "All stories";
/// Title of the list of feeds.
const LIST_TITLE: &str = "tidings";
/// How feeds are shown by a browser.
const STYLE: &str = include_str!("feed.xsl");
/// An archive page says the same for good; only retention, or another version of this program, ends that.
const CACHE_ARCHIVE: &str = "max-age=86400";
/// What is read by a key is nobody else's.
const CACHE_KEYED: &str = "private, max-age=60";
/// The style sheet is ours, from the same host; nothing else is loaded, and nothing runs. Browsers count style sheets of this kind
/// among scripts.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// A format that feeds come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    pub(super) const EACH: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    pub(super) fn render(self, facts: &FeedFacts, stories: &[crate::model::StoryItem]) -> String {
        match self {
            Self::Rss => render::rss(facts, stories),
            Self::Atom => render::atom(facts, stories),
            Self::Json => render::json(facts, stories),
        }
    }
}

type Files<T> = Result<Path<T>, PathRejection>;

fn files<T>(path: Files<T>) -> Result<T, Problem> {
    path.map(|Path(files)| files).map_err(|_| Problem::absent("No feed has a name that is not UTF-8."))
}

/// What stands at `/feeds/{name}.{format}`, or in a `folder` there.
pub(super) fn current(folder: Option<&'static str>) -> MethodRouter<Arc<Shared>> {
    get(move |State(shared), path: Files<String>, RawQuery(raw), headers: HeaderMap| {
        let asked = files(path).and_then(|file| Asked::read(folder, &file, None, raw.as_deref()));
        serve(shared, asked, headers)
    })
}

/// What stands at `/feeds/{name}/archive/{page}.{format}`, or in a `folder` there.
pub(super) fn archived(folder: Option<&'static str>) -> MethodRouter<Arc<Shared>> {
    get(move |State(shared), path: Files<(String, String)>, RawQuery(raw), headers: HeaderMap| {
        let asked = files(path).and_then(|(of, page)| Asked::read(folder, &of, Some(&page), raw.as_deref()));
        serve(shared, asked, headers)
    })
}

/// What is kept, if it holds and in the coding that is asked for; else it is looked at anew, when the request's turn has come.
async fn serve(shared: Arc<Shared>, asked: Result<Asked, Problem>, headers: HeaderMap) -> Response {
    let asked = match asked {
        Ok(asked) => Asked { is_looked_at: is_looked_at(&headers), ..asked },
        Err(problem) => return problem.into_response(),
    };
    let key = asked.key();
    let ready = shared.shelf.fresh(&key).and_then(|kept| answer(&asked, &kept, &headers));
    if let Some(ready) = ready {
        return ready;
    }
    let turn = Box::pin(async {
        match weave::weave(&shared, &asked, &key, &headers).await {
            Ok(kept) => answer(&asked, &kept, &headers).unwrap_or_else(|| Problem::defect().into_response()),
            // Who has a key learns of that one feed alone, not what others there are.
            Err(problem) if matches!(asked.whose, Whose::Keyed(_)) => problem.known([]).into_response(),
            Err(problem) => problem.into_response(),
        }
    });
    guard::turn(&shared, asked.query.is_some().then_some(&shared.queries), turn).await
}

/// The answer made of what is kept; `None`: the body is needed and is not there, or not in the coding that is asked for.
fn answer(asked: &Asked, kept: &Kept, headers: &HeaderMap) -> Option<Response> {
    let cache = match (&asked.whose, kept.archived) {
        (Whose::Keyed(_), _) => CACHE_KEYED,
        (_, true) => CACHE_ARCHIVE,
        _ => conditional::CACHE_CONTROL,
    };
    let content_type = if asked.is_looked_at { "text/html; charset=utf-8" } else { asked.format.content_type() };
    let said = Said { content_type, tag: &kept.tag, newest: kept.newest, cache };
    let (now, wanted) = (Utc::now(), Coding::asked(headers));
    let coding = kept.body.as_ref().map_or(wanted, |body| body.fit(wanted));
    let mut response = match conditional::unchanged(headers, &said, coding, now) {
        Some(unchanged) => unchanged,
        None => conditional::whole(&said, coding, kept.body.as_ref()?.get(coding)?, now),
    };
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding, sec-fetch-dest"));
    Some(response)
}

/// Whether a person opened the address in a browser (Fetch Metadata): newer ones know neither feeds nor style sheets of XML. No
/// feed reader says so of itself.
fn is_looked_at(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|v| v == "document")
}

/// `/feeds/style.xsl`.
pub(super) async fn style(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, Problem> {
    let about = About { content_type: "text/xsl; charset=utf-8", of: String::new(), newest: None };
    bulletin::answer(&shared, &headers, about, async { Ok(STYLE.to_owned()) }).await
}

/// `/feeds.opml`: topics, everything, and sources.
pub(super) async fn opml(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Result<Response, Problem> {
    let app = &shared.app;
    let outline = |title, url| Outline { title, url, is_page: false };
    let at = |f: Feed| outline(f.title, app.feed(&f.id, Format::Atom.extension()));
    let feeds: Vec<Outline> = list(&shared.topics()).into_iter().map(at).collect();
    let sources = app.store.standings().await.map_err(|e| Problem::store("sources", &e))?;
    let file = |id: &str| format!("{id}.{}", Format::Atom.extension());
    let sources: Vec<Outline> =
        sources.into_iter().map(|s| outline(s.name, app.address(&["feeds", SOURCE, &file(&s.id)]))).collect();
    let of = format!("{:?}", (&feeds, &sources));
    let about = About { content_type: "text/x-opml; charset=utf-8", of, newest: None };
    let make = async { Ok(render::opml(LIST_TITLE, &feeds, &[("Sources", &sources)])) };
    bulletin::answer(&shared, &headers, about, make).await
}

/// Every feed: the topics, then all.
pub(super) fn list(topics: &[Feed]) -> Vec<Feed> {
    topics.iter().cloned().chain([Feed { id: ALL.into(), title: ALL_TITLE.into() }]).collect()
}

/// The feed called `id`.
pub(super) fn named(id: &str, topics: &[Feed]) -> Result<Feed, Problem> {
    let mut feeds = list(topics);
    let Some(place) = feeds.iter().position(|f| f.id == id) else {
        let problem = Problem::absent(format!("No topic is called `{}`.", shown(id)));
        return Err(problem.known(feeds.into_iter().map(|f| f.id)));
    };
    Ok(feeds.swap_remove(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::tests::topics;

    #[test]
    fn a_name_is_a_topics_or_all() {
        assert_eq!(named("chip", &topics()).unwrap().title, "Chips & controls");
        assert_eq!(named("all", &topics()).unwrap().id, ALL);
        let said = serde_json::to_value(named("chips", &topics()).unwrap_err()).unwrap();
        assert_eq!(said["known"], serde_json::json!(["chip", "port", "all"]));
    }
}
