//! `tidings try`.

use std::{path::Path, sync::Arc, time::Duration};

use chrono::Utc;
use url::Url;

use crate::config::{self, Settings};
use crate::daemon::make_kit;
use crate::model::Source;
use crate::telemetry;
use crate::visit::{As, Look, look};

use super::{Stop, proposal, settings, tell};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// An address, or the id of a source in the configuration.
    target: String,
    /// The visit as JSON.
    #[arg(long)]
    json: bool,
    /// Read it as a list, even if an article can be extracted.
    #[arg(long, conflicts_with = "article")]
    list: bool,
    /// Read it as an article.
    #[arg(long)]
    article: bool,
    /// Selectors to use, by the name of a preset; by default those of the source with this address, or on this host.
    #[arg(long)]
    preset: Option<String>,
    /// Zone of dates that name none; by default the source's, else UTC.
    #[arg(long)]
    time_zone: Option<String>,
    /// Visit private networks too; by default only addresses that the configuration allows.
    #[arg(long)]
    allow_private: bool,
}

/// Visits once, and shows what came of it. `named`: the configuration at `path` was asked for.
pub(super) async fn trial(path: &Path, named: bool, arguments: &Arguments) -> Result<(), Stop> {
    // Without a configuration there are no topics, but a page can be looked at all the same.
    let mut settings = if named || path.exists() { settings(path)? } else { Settings::default() };
    telemetry::log(&telemetry::Settings { level: "warn".into(), json: false }).map_err(Stop::Usage)?;
    if arguments.allow_private {
        settings.fetch.allow_networks = ["0.0.0.0/0", "::/0"].iter().filter_map(|n| n.parse().ok()).collect();
    }
    // A person waits and looks once: no gap to keep but the one between pages of one article.
    settings.fetch.per_host_delay = settings.fetch.per_host_delay.min(Duration::from_secs(1));
    let (source, url) = source(&settings, arguments)?;
    let kind = match (arguments.list, arguments.article) {
        (true, _) => As::Listing,
        (_, true) => As::Article,
        _ if source.url == url && settings.sources.iter().any(|s| s.url == url) => As::Listing,
        _ => As::Either,
    };
    let kit = Arc::new(make_kit(&settings)?);
    let presets: Vec<_> = config::presets::names().filter_map(|n| Some((n, config::presets::get(n)?))).collect();
    let Look { visit, recipe } = Box::pin(look(&url, &source, kind, &presets, &kit, Utc::now())).await;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&visit)?);
    } else {
        print!("{}", tell::visit(&visit, source.time_zone));
        if let Some(listing) = visit.listing.as_ref().filter(|_| settings.sources.iter().all(|s| s.url != url)) {
            let preset = arguments.preset.as_deref().or(recipe);
            print!("{}", proposal::block(&url, listing, preset, source.time_zone.name()));
        }
        if settings.topics.is_empty() {
            println!("No topics were tried: there are none in {}.", path.display());
        }
    }
    match visit.outcome.reason() {
        None => Ok(()),
        Some(reason) => Err(anyhow::anyhow!("{url}: {reason}").into()),
    }
}

/// The source to read the target as, and the address to visit.
fn source(settings: &Settings, arguments: &Arguments) -> Result<(Source, Url), Stop> {
    let by_id = settings.sources.iter().find(|s| s.id == arguments.target);
    let url = match by_id {
        Some(source) => source.url.clone(),
        None => address(settings, &arguments.target)?,
    };
    let known = by_id
        .or_else(|| settings.sources.iter().find(|s| s.url == url))
        .or_else(|| settings.sources.iter().find(|s| s.url.origin() == url.origin()))
        .or_else(|| settings.sources.iter().find(|s| s.url.host_str() == url.host_str()));
    let mut source = known.map(|s| Source::clone(s)).unwrap_or_else(|| Source {
        name: url.host_str().unwrap_or_default().into(),
        first_visit: usize::MAX,
        ..Source::at("try", url.clone())
    });
    if source.url.port_or_known_default() != url.port_or_known_default() {
        // Whoever names a port means it.
        let _ = source.url.set_port(url.port());
    }
    if let Some(name) = &arguments.preset {
        let names = config::presets::names().collect::<Vec<_>>().join(", ");
        source.recipe = config::presets::get(name)
            .ok_or_else(|| Stop::Usage(format!("error: there is no preset `{name}`; there is: {names}")))?;
    }
    if let Some(zone) = &arguments.time_zone {
        source.time_zone = zone.parse().map_err(|_| {
            Stop::Usage(format!("error: `{zone}` is no time zone; write one like Asia/Hong_Kong or America/New_York"))
        })?;
    }
    Ok((source, url))
}

fn address(settings: &Settings, target: &str) -> Result<Url, Stop> {
    match Url::parse(target) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() => Ok(url),
        _ => {
            let ids = settings.sources.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
            let known =
                if ids.is_empty() { "the configuration has no sources".into() } else { format!("sources: {ids}") };
            Err(Stop::Usage(format!(
                "error: `{target}` is neither an address (https://…) nor the id of a source\nhint: {known}"
            )))
        }
    }
}
