//! The dashboard: one page of HTML that needs no script, no font and no second request.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::State,
    response::IntoResponse,
    response::{Html, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};

use super::Feed;
use super::{
    feeds::{self, Format},
    leases,
    problem::Problem,
    router::Shared,
    search_page, sinks,
    state::{ago, span, until},
    status::{self, Source},
};
use crate::model::{Match, StoryItem};
use crate::render::{self, Finds, clean, cut, escape, web};
use crate::store::{DaemonRow, SinkRow, Totals};

pub(super) const STYLE: &str = include_str!("page.css");
/// Stories shown.
const STORIES: i64 = 20;
/// Sources shown, the most worrying first.
const SOURCES_MAX: usize = 500;
/// Outlets named of a story.
const OUTLETS_MAX: usize = 8;
/// Finds shown of a topic.
const FINDS_MAX: usize = 2;
/// Characters of an outlet's name and of an excerpt.
const NAME_CHARS_MAX: usize = 60;
const EXCERPT_CHARS_MAX: usize = 160;

/// What the page shows.
pub(super) struct Page<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) started_at: DateTime<Utc>,
    pub(super) totals: Totals,
    pub(super) topics: &'a [Feed],
    pub(super) sources: Vec<Source>,
    pub(super) stories: &'a [StoryItem],
    pub(super) sinks: &'a [SinkRow],
    pub(super) daemons: &'a [DaemonRow],
}

/// `/`.
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let (app, now) = (&shared.app, Utc::now());
    let sources = status::look(app, now).await?;
    let totals = app.store.totals(now).await.map_err(|e| Problem::store("totals", &e))?;
    let stories = app.store.feed(None, None, STORIES).await.map_err(|e| Problem::store("feed", &e))?;
    let told = app.store.sinks().await.map_err(|e| Problem::store("sinks", &e))?;
    let daemons = leases::daemons(app, now).await?;
    let (topics, started_at) = (shared.topics().clone(), app.started_at);
    let (stories, sinks, daemons) = (&stories, &told, &daemons);
    let page = Page { now, started_at, totals, topics: &topics, sources, stories, sinks, daemons };
    Ok(Html(html(page)).into_response())
}

/// The page as HTML. Links to itself are relative, so that it works under whatever name it is reached.
pub(super) fn html(mut page: Page<'_>) -> String {
    page.sources.sort_by(|a, b| (a.state, &a.row.id).cmp(&(b.state, &b.row.id)));
    let feeds = feeds::list(page.topics);
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>tidings</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">",
    );
    for f in &feeds {
        for format in Format::EACH {
            let kind = format.content_type().split(';').next().unwrap_or_default();
            let (title, id, ext) = (escape(&f.title), escape(&f.id), format.extension());
            let _ = write!(out, "<link rel=\"alternate\" type=\"{kind}\" title=\"{title}\" href=\"feeds/{id}.{ext}\">");
        }
    }
    let _ = write!(out, "<style>{STYLE}</style></head><body>");
    head(&mut out, &page);
    out.push_str("<main>");
    subscriptions(&mut out, &feeds);
    sources(&mut out, &page);
    sinks::section(&mut out, page.sinks, page.totals.changes, page.now);
    stories(&mut out, &page);
    leases::section(&mut out, page.daemons, page.now);
    let _ = writeln!(
        out,
        "</main><footer>tidings {} · <a href=\"status\">status</a> · <a href=\"metrics\">metrics</a> · \
         <a href=\"api/v1/changes\">changes</a> · <a href=\"feeds.opml\">all feeds as OPML</a></footer></body></html>",
        env!("CARGO_PKG_VERSION")
    );
    out
}

fn head(out: &mut String, page: &Page<'_>) {
    let t = page.totals;
    let worry = page.sources.iter().filter(|s| s.state < super::State::Waiting).count();
    let sources = match (page.sources.len(), worry) {
        (n, 0) => format!("{n} sources"),
        (n, bad) => format!("{n} sources, <b class=\"failing\">{bad} in trouble</b>"),
    };
    let sinks = match (page.sinks.len(), sinks::in_trouble(page.sinks, page.now)) {
        (0, _) => String::new(),
        (n, 0) => format!("{n} sinks · "),
        (n, bad) => format!("{n} sinks, <b class=\"failing\">{bad} in trouble</b> · "),
    };
    let due = if t.lag_s > 0 && t.due > 0 {
        format!("{} visits due for up to {}", t.due, span(chrono::TimeDelta::seconds(t.lag_s)))
    } else {
        format!("{} visits due", t.due)
    };
    let _ = write!(
        out,
        "<header><h1>tidings</h1><p>{} stories in {} articles · {sources} · {sinks}{due} · up {}</p>{}</header>",
        count(t.stories),
        count(t.articles),
        span(page.now - page.started_at),
        search_page::form("")
    );
}

fn subscriptions(out: &mut String, feeds: &[Feed]) {
    out.push_str("<h2>Feeds</h2><ul class=\"card feeds\">");
    for f in feeds {
        let (title, id) = (escape(&clean(&f.title)), escape(&f.id));
        let _ = write!(
            out,
            "<li><span dir=\"auto\">{title} <code>{id}</code></span><span><a href=\"feeds/{id}.rss\">RSS</a>\
             <a href=\"feeds/{id}.atom\">Atom</a><a href=\"feeds/{id}.json\">JSON</a></span></li>"
        );
    }
    out.push_str("</ul>");
}

fn sources(out: &mut String, page: &Page<'_>) {
    out.push_str("<h2>Sources</h2><div class=\"card\">");
    if page.sources.is_empty() {
        out.push_str("<p class=\"empty\">No source is configured.</p></div>");
        return;
    }
    out.push_str(
        "<table><thead><tr><th>State</th><th>Source</th><th>Last visit</th><th>Next</th><th class=\"n\">Articles</th>\
         <th class=\"n\">Pending</th></tr></thead><tbody>",
    );
    for s in page.sources.iter().take(SOURCES_MAX) {
        let r = &s.row;
        let name = link(&r.url, &cut(&clean(&r.name), NAME_CHARS_MAX));
        let last = r.last_visit_at.map_or("never".into(), |t| time(t, &ago(t, page.now)));
        let next = r.next_visit_at.map_or("–".into(), |t| time(t, &until(t, page.now)));
        let state = s.state.as_str();
        let _ = write!(
            out,
            "<tr><td><span class=\"state {state}\">{state}</span></td><td><span dir=\"auto\">{name}</span> \
             <code>{}</code><small>{}</small></td><td class=\"w\" data-k=\"visited\">{last}</td>\
             <td class=\"w\" data-k=\"next\">{next}</td><td class=\"n\" data-k=\"articles\">{}</td>\
             <td class=\"n\" data-k=\"pending\">{}</td></tr>",
            escape(&r.id),
            escape(&s.advice.map_or_else(|| s.why.clone(), |advice| format!("{} — {advice}", s.why))),
            count(r.articles),
            count(r.pending)
        );
    }
    out.push_str("</tbody></table>");
    if page.sources.len() > SOURCES_MAX {
        let more = page.sources.len() - SOURCES_MAX;
        let _ = write!(out, "<p class=\"empty\">and {more} more at <a href=\"status\">status</a>.</p>");
    }
    out.push_str("</div>");
}

fn stories(out: &mut String, page: &Page<'_>) {
    out.push_str("<h2>Latest stories</h2><ol class=\"card stories\">");
    for s in page.stories {
        let lang =
            s.lead.draft.language.as_deref().map_or(String::new(), |l| format!(" lang=\"{}\"", escape(&clean(l))));
        let title = link(s.lead.draft.url.as_str(), &render::title(s));
        let _ = write!(out, "<li{lang} dir=\"auto\">{title}");
        for m in &s.matches {
            evidence(out, m, "");
        }
        provenance(out, s, page.now);
        let _ = write!(out, "<p><small><a href=\"articles/{}\">text, reasons and edits</a></small></p>", s.lead.id);
        out.push_str("</li>");
    }
    if page.stories.is_empty() {
        out.push_str("<li class=\"empty\">Nothing yet. The first visits are made within a minute of the start.</li>");
    }
    out.push_str("</ol>");
}

/// The topic, and the text around what was found; `root` leads to the first page.
pub(super) fn evidence(out: &mut String, m: &Match, root: &str) {
    let _ = write!(out, "<p><a class=\"tag\" href=\"{root}feeds/{0}.atom\">{0}</a>", escape(&clean(&m.topic)));
    let shown: Vec<String> = Finds::of(&m.evidence, FINDS_MAX, EXCERPT_CHARS_MAX).html().collect();
    let _ = write!(out, " {}</p>", shown.join(" · "));
}

/// Who ran it, from where, and when it was first seen.
pub(super) fn provenance(out: &mut String, s: &StoryItem, now: DateTime<Utc>) {
    let outlets: Vec<String> =
        s.outlets.iter().take(OUTLETS_MAX).map(|o| link(&o.url, &cut(&clean(&o.name), NAME_CHARS_MAX))).collect();
    let _ = write!(out, "<p><small>{}", outlets.join(", "));
    if s.outlets.len() > OUTLETS_MAX {
        let _ = write!(out, " and {} more", s.outlets.len() - OUTLETS_MAX);
    }
    if let Some(origin) = s.lead.draft.origin.as_deref().map(clean).filter(|o| !o.is_empty()) {
        let _ = write!(out, ", from {}", escape(&cut(&origin, NAME_CHARS_MAX)));
    }
    let seen = s.lead.first_seen_at;
    let _ = write!(out, " · {}", time(seen, &ago(seen, now)));
    if s.lead.revision > 1 {
        let _ = write!(out, " · revised {}", time(s.lead.revised_at, &ago(s.lead.revised_at, now)));
    }
    out.push_str("</small></p>");
}

/// `text` as a link when `address` leads to the web, else as it is.
pub(super) fn link(address: &str, text: &str) -> String {
    match web(address) {
        Some(url) => format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escape(url.as_str()), escape(text)),
        None => escape(text),
    }
}

/// A number with its thousands apart.
pub(super) fn count(n: i64) -> String {
    const GROUP: usize = 3;
    let digits = n.max(0).to_string();
    let mut out = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(GROUP) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(super) fn time(at: DateTime<Utc>, words: &str) -> String {
    let exact = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("<time datetime=\"{exact}\" title=\"{exact}\">{}</time>", escape(words))
}
