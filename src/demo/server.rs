//! The outlets' answers.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::State as AxumState,
    http::{Response, StatusCode, Uri, header::CONTENT_TYPE},
};
use chrono::Utc;
use encoding_rs::{BIG5, Encoding, GBK, UTF_8};
use tokio::net::TcpListener;

use super::{Edition, Outlet, Portal, Published, REQUESTS_MAX, Request, Trouble, aid, pages};

/// How long an outlet that hangs says nothing.
const HANG: Duration = Duration::from_secs(3600);
/// Articles on a list page.
const LIST_LENGTH: usize = 10;
/// Items in the feed.
const FEED_LENGTH: usize = 20;

#[derive(Clone)]
struct Site {
    portal: Portal,
    outlet: usize,
}

/// Answers on `listener` as outlet number `outlet`, for ever.
pub(super) async fn serve(listener: TcpListener, portal: Portal, outlet: usize) {
    let router = Router::new().fallback(answer).with_state(Site { portal, outlet });
    if let Err(error) = axum::serve(listener, router).await {
        tracing::error!(%error, "an outlet of the demo's portal stopped");
    }
}

/// A page, before it becomes bytes.
struct Page {
    status: u16,
    text: String,
    is_xml: bool,
}

/// What troubles an outlet leaves its robots.txt alone: a host without one is left in peace for much longer.
async fn answer(AxumState(site): AxumState<Site>, uri: Uri) -> Response<Body> {
    let outlet = &site.portal.outlets()[site.outlet];
    let path = uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let (trouble, noise) = {
        let mut state = site.portal.state();
        if state.requests.len() < REQUESTS_MAX {
            state.requests.push(Request { outlet: outlet.id, path: path.clone(), at: Utc::now() });
        }
        state.pages += 1;
        (state.troubles.get(outlet.id).copied(), state.pages)
    };
    if path == "/robots.txt" {
        return Response::new(Body::from("User-agent: *\nDisallow: /admin.php\nDisallow: /member.php\n"));
    }
    match trouble {
        Some(Trouble::Hang) => tokio::time::sleep(HANG).await,
        Some(Trouble::Status(status)) => return respond(outlet, &Page { status, text: String::new(), is_xml: false }),
        Some(Trouble::Empty) | None => {}
    }
    let is_empty = trouble == Some(Trouble::Empty);
    respond(outlet, &page(&site, outlet, &uri, noise, is_empty))
}

/// The page at `uri`; `noise` differs at each request.
fn page(site: &Site, outlet: &Outlet, uri: &Uri, noise: u64, is_empty: bool) -> Page {
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let get = |name: &str| query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    let number = |name: &str| get(name).and_then(|v| v.parse::<usize>().ok());
    let ok = |text| Page { status: 200, text, is_xml: false };
    let published = site.portal.state().published.clone();
    let of = |n: usize| site.portal.as_told(n, *published.get(n)?, outlet);
    let mut newest: Vec<Published> = vec![];
    if get("mod").is_some_and(|m| m != "view") && !is_empty {
        newest = (0..published.len()).rev().filter_map(of).collect();
    }
    let page_number = number("page").unwrap_or(1).max(1);
    let found = match (uri.path(), get("mod")) {
        ("/portal.php", Some("list")) => {
            let pages = newest.len().div_ceil(LIST_LENGTH);
            let shown = newest.iter().skip((page_number - 1) * LIST_LENGTH).take(LIST_LENGTH);
            ok(pages::list(outlet, shown, page_number, pages, noise))
        }
        ("/portal.php", Some("rss")) => {
            newest.truncate(FEED_LENGTH);
            Page { status: 200, text: pages::rss(outlet, &newest), is_xml: true }
        }
        ("/portal.php", Some("view")) => {
            let n = number("aid").and_then(|a| a.checked_sub(aid(0)));
            match n.and_then(|n| Some((n, of(n)?))) {
                Some((n, article)) => {
                    let told = &site.portal.0.articles[n];
                    ok(pages::article(outlet, &article, told, page_number, noise))
                }
                None => Page {
                    status: 404,
                    text: pages::message(outlet, "抱歉，您指定的文章不存在或尚未发布", noise),
                    is_xml: false,
                },
            }
        }
        _ => Page { status: 404, text: pages::message(outlet, "抱歉，没有这个页面", noise), is_xml: false },
    };
    Page { text: outlet.edition.write(&found.text, &site.portal.0.converter), ..found }
}

fn respond(outlet: &Outlet, page: &Page) -> Response<Body> {
    let encoding: &'static Encoding = match outlet.edition {
        Edition::Utf8 => UTF_8,
        Edition::Gbk => GBK,
        Edition::Big5 => BIG5,
    };
    // What the charset does not have becomes `&#NNNN;`.
    let (bytes, _, _) = encoding.encode(&page.text);
    let kind = match (page.is_xml, outlet.edition) {
        (true, _) => "application/xml",
        (_, Edition::Utf8) => "text/html; charset=utf-8",
        (_, Edition::Gbk) => "text/html; charset=gbk",
        (_, Edition::Big5) => "text/html",
    };
    let mut response = Response::new(Body::from(bytes.into_owned()));
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = kind.parse() {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}
