//! The hub's door (WebSub, section 5): requests come in, and are kept until they are verified; who tells is `publish`. Also what
//! feeds announce.
//!
//! Who may read may subscribe: what is sent to a subscriber is what it could have read.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use super::{App, Inside, problem::Problem, router::Shared};
use crate::store::Asked;
use crate::websub::{Ask, path_of};

/// Bytes of a request: two addresses, a secret, and what else anybody may write.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// How long it may take to come.
const FORM_WITHIN: Duration = Duration::from_secs(10);
/// What pages of other sites cannot help sending along: a browser on this machine may read, and must not be made to subscribe.
const BROWSERS: [&str; 2] = ["origin", "sec-fetch-site"];

/// POST `/websub`.
pub(super) async fn ask(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let app = &shared.app;
    if !app.is_hub() {
        return Err(Problem::absent(
            "There is no hub here: `hub = true` under [websub] makes one, as public_url does.",
        ));
    }
    if BROWSERS.iter().any(|name| headers.contains_key(*name)) {
        return Err(Problem::forbidden("Subscribing is for programs, not for pages in a browser."));
    }
    let essence =
        |v: &HeaderValue| v.to_str().ok().map(|v| v.split(';').next().unwrap_or(v).trim().to_ascii_lowercase());
    if headers.get(header::CONTENT_TYPE).and_then(essence).as_deref() != Some("application/x-www-form-urlencoded") {
        return Err(Problem::media("A hub is asked with a form: application/x-www-form-urlencoded."));
    }
    let read = timeout(FORM_WITHIN, to_bytes(body, FORM_BYTES_MAX)).await;
    let form = read.map_err(|_| Problem::bad("The form did not come in time."))?;
    let form = form.map_err(|_| Problem::too_large(format!("A form has at most {FORM_BYTES_MAX} bytes.")))?;
    let ask = Ask::read(&form).map_err(Problem::bad)?;
    is_ours(&shared, &ask.topic).await?;
    let asked = app.store.ask_hub(&ask, Utc::now()).await.map_err(|e| Problem::store("hub", &e))?;
    match asked {
        Asked::Taken => {
            tracing::debug!(?ask, "the hub was asked");
            Ok(StatusCode::ACCEPTED.into_response())
        }
        Asked::Nothing => Ok(StatusCode::ACCEPTED.into_response()),
        Asked::Busy => Err(Problem::busy("Too many requests wait to be verified; try again shortly.")),
        Asked::Full(what) => Err(Problem::busy(format!("There are as many subscriptions of {what} as there can be."))),
    }
}

/// Only feeds of ours that are there are topics.
async fn is_ours(shared: &Shared, topic: &Url) -> Result<(), Problem> {
    let refused = || {
        Problem::bad(
            "`hub.topic` must be the address of a feed of ours, as the feed itself says it in its link \"self\".",
        )
    };
    let app = &shared.app;
    let path = path_of(topic, &app.base).ok_or_else(refused)?;
    match shared.inside.get_or_init(|| Inside::new(Arc::clone(app))).get(&path).await {
        Ok(content) if content.is_feed() => Ok(()),
        Ok(_) => Err(refused()),
        Err(500..) => Err(Problem::busy("The feed cannot be had; try again shortly.")),
        Err(_) => Err(refused()),
    }
}

/// Adds the `Link` headers by which a feed announces its hubs and its own address (section 4).
pub(super) async fn announce(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (app, asked) = (&shared.app, request.uri().clone());
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = next.run(request).await;
    let is_feed = matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED);
    if is_get && is_feed && asked.path().starts_with("/feeds/") {
        for link in links(app, &asked) {
            response.headers_mut().append(header::LINK, link);
        }
    }
    response
}

/// The links of the feed that is asked for as `asked`; none, if it is none that a hub tells of.
fn links(app: &App, asked: &Uri) -> Vec<HeaderValue> {
    let Some(own) = own_address(app, asked).filter(|own| path_of(own, &app.base).is_some()) else { return vec![] };
    let hubs = app.hubs(&own);
    if hubs.is_empty() {
        return vec![];
    }
    let link = |url: &Url, rel: &str| HeaderValue::from_str(&format!("<{url}>; rel=\"{rel}\"")).ok();
    hubs.iter().filter_map(|hub| link(hub, "hub")).chain(link(&own, "self")).collect()
}

/// The address of the feed that is asked for as `asked`: how many items somebody wants makes it no other.
fn own_address(app: &App, asked: &Uri) -> Option<Url> {
    let mut own = app.address(&[]);
    let base = own.path().trim_end_matches('/').to_owned();
    own.set_path(&format!("{base}{}", asked.path()));
    let pairs = form_urlencoded::parse(asked.query().unwrap_or_default().as_bytes());
    let kept: Vec<_> = pairs.filter(|(key, _)| key != "limit").collect();
    if !kept.is_empty() {
        own.query_pairs_mut().extend_pairs(kept);
    }
    let is_file = [".rss", ".atom", ".json"].iter().any(|extension| own.path().ends_with(extension));
    is_file.then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::{Settings, tests::app};
    use crate::websub;

    fn hub_app(public: Option<&str>, ping: &[&str]) -> App {
        let ping = ping.iter().map(|url| url.parse().unwrap()).collect();
        let public_url = public.map(|url| url.parse().unwrap());
        let websub = websub::Settings { hub: None, ping };
        let base = public_url.clone().unwrap_or_else(|| "http://127.0.0.1:8473/".parse().unwrap());
        App { settings: Settings { public_url, websub, ..Settings::default() }, base, ..app() }
    }

    fn said(app: &App, path: &str) -> Vec<String> {
        links(app, &path.parse().unwrap()).iter().map(|v| v.to_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn feeds_announce_our_hub_others_and_themselves() {
        let app = hub_app(Some("https://news.example.org/tidings"), &["https://hub.example/"]);
        assert_eq!(
            said(&app, "/feeds/chip.rss?limit=3"),
            [
                "<https://news.example.org/tidings/websub>; rel=\"hub\"",
                "<https://hub.example/>; rel=\"hub\"",
                "<https://news.example.org/tidings/feeds/chip.rss>; rel=\"self\"",
            ]
        );
        assert_eq!(
            said(&app, "/feeds/chip.rss?limit=3&source=delta"),
            [
                "<https://news.example.org/tidings/websub>; rel=\"hub\"",
                "<https://news.example.org/tidings/feeds/chip.rss?source=delta>; rel=\"self\"",
            ],
            "others are told of whole feeds only"
        );
        assert!(said(&app, "/feeds/incidents.atom").is_empty() && said(&app, "/feeds/style.xsl").is_empty());
    }

    #[tokio::test]
    async fn without_a_public_address_there_is_a_hub_only_if_it_is_asked_for() {
        let mut app = hub_app(None, &[]);
        assert!(!app.is_hub() && said(&app, "/feeds/all.atom").is_empty());
        app.settings.websub.hub = Some(true);
        assert_eq!(said(&app, "/feeds/all.atom").len(), 2);
        let mut app = hub_app(Some("https://news.example.org/"), &[]);
        app.settings.websub.hub = Some(false);
        assert!(said(&app, "/feeds/all.atom").is_empty());
    }
}
