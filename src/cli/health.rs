//! `tidings healthcheck`.

use std::{net::IpAddr, path::Path, time::Duration};

use anyhow::{Context, anyhow};
use url::Url;

use crate::fetch::{self, Fetcher, Request};

use super::{Stop, settings};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks `/readyz` of the daemon at `url`, or where the configuration says that it listens.
pub(super) async fn check(path: &Path, url: Option<Url>) -> Result<(), Stop> {
    let url = match url {
        Some(url) => url,
        None => {
            let mut listen = settings(path)?.serve.listen;
            if listen.ip().is_unspecified() {
                listen.set_ip(if listen.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { "::1".parse()? });
            }
            format!("http://{listen}/").parse()?
        }
    };
    let ready = url.join("readyz")?;
    let everywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|n| n.parse().ok()).collect();
    let settings = fetch::Settings { timeout: TIMEOUT, allow_networks: everywhere, ..fetch::Settings::default() };
    let fetcher = Fetcher::new(&settings).context("no client")?;
    let request = Request { robots: false, ..Request::of(&ready) };
    match fetcher.get(request).await {
        Ok(_) => {
            println!("ready");
            Ok(())
        }
        Err(failure) => Err(anyhow!("{ready} is not ready: {}", failure.reason).into()),
    }
}
