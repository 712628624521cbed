//! Search as a page, for people.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, Utc};

use super::page::{STYLE, link, time};
use super::problem::Problem;
use super::query::Query;
use super::router::Shared;
use super::search::{self, Asked, Index};
use super::seek::Hit;
use super::state::ago;
use crate::render::{clean, cut, escape};
use crate::search::Span;

/// Characters of an outlet's name.
const NAME_CHARS_MAX: usize = 60;

/// `/search?q=`. What cannot be searched for is said on the page.
pub(super) async fn show(State(shared): State<Arc<Shared>>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let pairs = Query::of(raw.as_deref());
    let q = pairs.get("q").unwrap_or_default();
    if q.is_empty() {
        return Ok(Html(html(q, "", None, search::index(&shared.app).await?)).into_response());
    }
    let mut out = String::new();
    let asked = match Asked::read(&shared, raw.as_deref()) {
        Ok(asked) => asked,
        Err(problem) => {
            let _ = write!(out, "<p class=\"empty\">{}</p>", escape(&problem.detail));
            return Ok((problem.code(), Html(html(q, &out, None, search::index(&shared.app).await?))).into_response());
        }
    };
    let (hits, next) = search::find(&shared, &asked).await?;
    results(&mut out, &hits, next.is_some(), Utc::now());
    let more = next.map(|cursor| {
        let kept = ["topic", "source", "since", "until", "limit"].iter().filter_map(|k| Some((*k, pairs.get(k)?)));
        let all = [("q", q)].into_iter().chain(kept).chain([("cursor", cursor.as_str())]);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish()
    });
    Ok(Html(html(q, &out, more.as_deref(), search::index(&shared.app).await?)).into_response())
}

fn html(q: &str, results: &str, more: Option<&str>, index: Index) -> String {
    let q = escape(&clean(q));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{q}{} tidings</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <style>{STYLE}</style></head><body><header><p><a href=\"./\">tidings</a></p><h1>Search</h1>{}</header><main>\
         {results}",
        if q.is_empty() { "" } else { " -" },
        form(&q)
    );
    if let Some(more) = more {
        let _ = write!(out, "<p><a href=\"search?{}\" rel=\"next\">More</a></p>", escape(more));
    }
    if !index.complete {
        out.push_str("<p><small>Older articles are still being indexed; not all of them are found yet.</small></p>");
    }
    out.push_str("</main><footer><a href=\"./\">tidings</a></footer></body></html>");
    out
}

/// The box to search from; `q` is escaped.
pub(super) fn form(q: &str) -> String {
    format!(
        "<form action=\"search\" method=\"get\" role=\"search\"><input type=\"search\" name=\"q\" value=\"{q}\" \
         maxlength=\"200\" aria-label=\"Search everything stored\" dir=\"auto\"> <button>Search</button></form>"
    )
}

fn results(out: &mut String, hits: &[Hit], more: bool, now: DateTime<Utc>) {
    if hits.is_empty() {
        let text = if more { "Nothing on this page; there may be more." } else { "Nothing was found." };
        let _ = write!(out, "<p class=\"empty\">{text}</p>");
        return;
    }
    out.push_str("<ol class=\"card stories\">");
    for hit in hits {
        let f = &hit.found;
        let lang = f.language.as_deref().map_or(String::new(), |l| format!(" lang=\"{}\"", escape(&clean(l))));
        let title = if f.title.trim().is_empty() { escape(&clean(&f.url)) } else { marked(&hit.title) };
        let outlet = link(&f.url, &cut(&clean(&f.source_name), NAME_CHARS_MAX));
        let _ = write!(
            out,
            "<li{lang} dir=\"auto\"><a href=\"articles/{}\">{title}</a><p>{}</p><p><small>{outlet} · {}</small></p></li>",
            f.id,
            marked(&hit.excerpt),
            time(f.first_seen_at, &ago(f.first_seen_at, now))
        );
    }
    out.push_str("</ol>");
}

fn marked(spans: &[Span]) -> String {
    let one = |s: &Span| {
        let text = escape(&clean(&s.text));
        // `clean` takes the blanks at the ends, which part words here.
        let (before, after) = (s.text.starts_with(' '), s.text.ends_with(' ') && !text.is_empty());
        let (before, after) = (if before { " " } else { "" }, if after { " " } else { "" });
        if s.found { format!("{before}<mark>{text}</mark>{after}") } else { format!("{before}{text}{after}") }
    };
    spans.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_and_found_is_shown_and_never_markup() {
        let bad = "\"><script>alert(1)</script>";
        let whole = Index { complete: true, from: None };
        let page = html(bad, "", Some("q=a&cursor=b"), whole);
        assert!(!page.contains("<script>") && page.contains("search?q=a&amp;cursor=b"), "{page}");
        let spans = [("new ", false), ("<b>chips</b>", true), (" law", false)]
            .map(|(text, found)| Span { text: text.into(), found });
        assert_eq!(marked(&spans), "new <mark>&lt;b&gt;chips&lt;/b&gt;</mark> law");
        assert!(html("", "", None, Index { complete: false, from: Some(3) }).contains("still being indexed"));
        assert!(!html("", "", None, whole).contains("still being indexed"));
    }
}
