//! Where names lead. One question a connection, and its answer is both what is checked and what is dialled.

use std::{fmt, io, net::SocketAddr};

use futures::future::BoxFuture;

/// What answers where a name leads.
pub trait Names: fmt::Debug + Send + Sync {
    /// The addresses of `host` at this moment, in the order in which they are to be tried; their port means nothing.
    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The machine's own resolver.
#[derive(Debug)]
pub(super) struct System;

impl Names for System {
    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.collect()) })
    }
}
