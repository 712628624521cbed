//! What a reader on this machine would be answered, without the network in between.

use std::{fmt, net::SocketAddr, sync::Arc};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;

use super::{App, limit::Client, router};
use crate::websub::Content;

/// Bytes of the largest answer: a feed of as many items as there can be.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A reader on this machine.
#[derive(Clone)]
pub struct Inside(Router);

impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inside")
    }
}

impl Inside {
    /// One who reads what `app` serves.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        let here = Client(SocketAddr::from(([127, 0, 0, 1], 0)));
        Self(router(app).layer(Extension(ConnectInfo(here))))
    }

    /// What is at `path`, which begins with `/` and may have a query.
    ///
    /// # Errors
    /// The status of any other answer than 200.
    pub async fn get(&self, path: &str) -> Result<Content, u16> {
        let broken = StatusCode::INTERNAL_SERVER_ERROR.as_u16();
        let request = Request::get(path).body(Body::empty()).map_err(|_| StatusCode::NOT_FOUND.as_u16())?;
        let Ok(response) = self.0.clone().oneshot(request).await;
        if response.status() != StatusCode::OK {
            return Err(response.status().as_u16());
        }
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.map_err(|_| broken)?;
        Ok(Content { content_type, bytes: bytes.into() })
    }
}
