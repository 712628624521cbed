//! Which address is answered by whom, and the server's life.

use std::{io, sync::Arc, sync::Mutex, sync::OnceLock, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::Uri,
    middleware::{from_fn, from_fn_with_state},
    response::IntoResponse,
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use super::{
    App, Feed, Inside, access, article,
    asked::{KEYED, SOURCE},
    callback, changes, control, edits, failed, feeds, guard, health, hub, incidents,
    limit::{Client, Limits},
    listener::{self, Bounded},
    narrow, openapi, page,
    problem::Problem,
    query::shown,
    search, search_page, sheet,
    shelf::Shelf,
    status, stories, stream,
    tail::Tail,
};

/// How long answers may take after shutdown began; long polls and streams end at once.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// What handlers share.
pub(super) struct Shared {
    pub(super) app: Arc<App>,
    pub(super) shutdown: CancellationToken,
    /// Turns of requests that read the store.
    pub(super) requests: Semaphore,
    /// Room for long polls, which wait and so must not take the others' turns. With the streams there are fewer of them than there
    /// may be connections.
    pub(super) polls: Semaphore,
    /// Room for streams, which last.
    pub(super) streams: Arc<Semaphore>,
    /// The end of the log, for those who follow it.
    pub(super) tail: Arc<Tail>,
    /// Turns of searches, each of which reads many texts.
    pub(super) searches: Semaphore,
    /// How often each client may ask for what is dear.
    pub(super) limits: Limits,
    /// Feeds that were put together.
    pub(super) shelf: Shelf,
    /// Turns of queries that readers bring.
    pub(super) queries: Semaphore,
    /// Turns of what hubs send, each of which may be megabytes.
    pub(super) pushes: Semaphore,
    /// A reader of what we serve, who looks whether a topic is a feed; made when first one is asked for.
    pub(super) inside: OnceLock<Inside>,
    /// Held while gauges are set and read, so that no scrape sees another's half.
    pub(super) scrape: Mutex<()>,
}

impl Shared {
    pub(super) fn new(app: Arc<App>, shutdown: CancellationToken) -> Self {
        let connections_max = listener::connections_max();
        Self {
            shelf: Shelf::new(app.topics.clone(), app.head.clone()),
            tail: Arc::new(Tail::new(app.store.clone(), app.head.clone())),
            queries: Semaphore::new(narrow::QUERIES_MAX),
            app,
            shutdown,
            requests: Semaphore::new(guard::REQUESTS_MAX),
            polls: Semaphore::new(connections_max / 4),
            streams: Arc::new(Semaphore::new(connections_max / 2)),
            searches: Semaphore::new(guard::SEARCHES_MAX),
            limits: Limits::default(),
            pushes: Semaphore::new(callback::PUSHES_MAX),
            inside: OnceLock::new(),
            scrape: Mutex::new(()),
        }
    }

    /// The topics as configured now.
    pub(super) fn topics(&self) -> watch::Ref<'_, Vec<Feed>> {
        self.app.topics.borrow()
    }
}

/// Every address. Long polls and streams last as long as they may; [`run`] also ends them at shutdown.
pub fn router(app: Arc<App>) -> Router {
    routes(app, CancellationToken::new())
}

/// Serves until `shutdown`, then finishes what it has begun, within a bound.
///
/// # Errors
/// When the listener fails for good.
pub async fn run(listener: TcpListener, app: App, shutdown: CancellationToken) -> io::Result<()> {
    let service = routes(Arc::new(app), shutdown.clone()).into_make_service_with_connect_info::<Client>();
    let server = axum::serve(Bounded::new(listener), service)
        .with_graceful_shutdown(shutdown.clone().cancelled_owned())
        .into_future();
    let overtime = async {
        shutdown.cancelled().await;
        sleep(DRAIN_MAX).await;
    };
    tokio::select! {
        ended = server => ended,
        () = overtime => {
            tracing::warn!(timeout_ms = DRAIN_MAX.as_millis(), "clients that did not take their answers were cut off");
            Ok(())
        }
    }
}

fn routes(app: Arc<App>, shutdown: CancellationToken) -> Router {
    let shared = Arc::new(Shared::new(app, shutdown));
    let bounded = Router::new()
        .route("/", get(page::show))
        .route("/articles/{id}", get(sheet::show))
        .route("/feeds.opml", get(feeds::opml))
        .route("/feeds/incidents.atom", get(incidents::feed))
        .route("/feeds/{topic}/changes.atom", get(edits::feed))
        .route("/api/v1/stories", get(stories::stories))
        .route("/api/v1/stories/{id}", get(stories::one))
        .route("/api/v1/sources", get(status::sources))
        .route("/api/v1/sources/{id}/visits", get(status::visits))
        .route("/api/v1/sources/{id}/body", get(failed::body))
        .route("/api/v1/articles/{id}", get(article::article))
        .route("/api/v1/topics", get(status::topics))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/status", get(status::status))
        .route("/websub", post(hub::ask))
        .route_layer(from_fn_with_state(Arc::clone(&shared), guard::bound));
    let searches = Router::new()
        .route("/search", get(search_page::show))
        .route("/api/v1/search", get(search::search))
        .route_layer(from_fn_with_state(Arc::clone(&shared), guard::bound_search));
    let orders = Router::new()
        .route("/api/v1/sources/{id}/poll", post(control::poll))
        .route("/api/v1/sources/{id}/pause", post(control::pause))
        .route("/api/v1/sources/{id}/resume", post(control::resume))
        .route("/api/v1/sources/{id}/release", post(control::release))
        .route("/api/v1/sources/{id}/dismiss", post(control::dismiss))
        .route_layer(from_fn_with_state(Arc::clone(&shared), guard::bound))
        .route_layer(from_fn_with_state(Arc::clone(&shared), access::operator));
    let woven = Router::new()
        .route("/feeds/{file}", feeds::current(None))
        .route("/feeds/source/{file}", feeds::current(Some(SOURCE)))
        .route("/feeds/{topic}/archive/{page}", feeds::archived(None))
        .route("/feeds/source/{source}/archive/{page}", feeds::archived(Some(SOURCE)));
    // Who has the key of a feed may read it, from wherever.
    let keyed = Router::new()
        .route("/feeds/style.xsl", get(feeds::style))
        .route("/feeds/_/{file}", feeds::current(Some(KEYED)))
        .route("/feeds/_/{key}/archive/{page}", feeds::archived(Some(KEYED)));
    // These bound themselves: what is kept of feeds is sent at once, probes must answer when nothing else does, and long polls and
    // streams are meant to wait.
    let read = Router::new()
        .route("/metrics", get(health::metrics))
        .route("/api/v1/changes", get(changes::changes))
        .route("/api/v1/stream", get(stream::stream))
        .merge(woven)
        .merge(bounded)
        .merge(searches)
        .route_layer(from_fn_with_state(Arc::clone(&shared), hub::announce))
        .route_layer(from_fn_with_state(Arc::clone(&shared), access::reader));
    Router::new()
        // Whoever watches over the process need not be on its machine, and learns little.
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .merge(keyed)
        // Hubs have no token, but the address.
        .route("/websub/{key}", get(callback::verify_intent).post(callback::take))
        .merge(read)
        .merge(orders)
        .fallback(|uri: Uri| async move { Problem::absent(format!("Nothing is at `{}`.", shown(uri.path()))) })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(from_fn_with_state(Arc::clone(&shared), guard::admit))
        .layer(DefaultBodyLimit::max(guard::BODY_BYTES_MAX))
        .with_state(shared)
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a request panicked");
            Problem::defect().into_response()
        }))
        .layer(CompressionLayer::new())
        .layer(from_fn(guard::finish))
}
