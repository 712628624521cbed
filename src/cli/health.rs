//! `tidings healthcheck`.

use std::{path::Path, time::Duration};

use anyhow::{Context, anyhow};
use url::Url;

use crate::fetch::{Fetcher, Request};

use super::{Stop, order, settings};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks `/readyz` of the daemon at `url`, or where the configuration says that it listens.
pub(super) async fn check(path: &Path, url: Option<Url>) -> Result<(), Stop> {
    let url = match url {
        Some(url) => url,
        None => order::here(&settings(path)?)?,
    };
    let ready = url.join("readyz")?;
    let fetcher = Fetcher::new(&order::anywhere(TIMEOUT)).context("no client")?;
    let request = Request { robots: false, ..Request::of(&ready) };
    match fetcher.get(request).await {
        Ok(_) => {
            println!("ready");
            Ok(())
        }
        Err(failure) => Err(anyhow!("{ready} is not ready: {}", failure.reason).into()),
    }
}
