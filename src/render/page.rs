//! A feed as a page, for a person who opens its address in a browser that knows no feeds and no style sheets of XML.

use std::fmt::Write as _;

use super::{
    FeedFacts,
    item::{TITLE_CHARS_MAX, items},
    plain::{clean, cut, escape, strict},
    with_extension,
};
use crate::model::StoryItem;

const STYLE: &str = ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1rem}\
    .note{border:1px solid #8888;border-radius:.5rem;padding:.5rem 1rem}article{border-top:1px solid #8884;padding:.6rem 0}\
    h2{font-size:1.05rem;margin:0}h1,h2,p{overflow-wrap:anywhere}small{opacity:.75}";

/// The feed that comes with `extension` as a page of HTML.
#[must_use]
pub fn page(facts: &FeedFacts, stories: &[StoryItem], extension: &str) -> String {
    let title = escape(&cut(&clean(&facts.title), TITLE_CHARS_MAX));
    let own = escape(facts.address(extension).as_str());
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <style>{STYLE}</style></head><body><h1 dir=\"auto\">{title}</h1><p class=\"note\">This is a feed. Copy its address into \
         a feed reader to be told of what is new: <code>{own}</code>"
    );
    for (rel, word) in [(&facts.older, "Older"), (&facts.newer, "Newer"), (&facts.current, "Newest")] {
        if let Some(base) = rel {
            let address = with_extension(base, extension);
            let _ = write!(out, " <a href=\"{}\">{word}</a>", escape(address.as_str()));
        }
    }
    out.push_str("</p>");
    for i in items(facts, stories) {
        let lang = i.language.map_or(String::new(), |l| format!(" lang=\"{}\"", escape(&l)));
        let excerpt = i.excerpt.map_or(String::new(), |e| format!("<p dir=\"auto\">{}</p>", e.html));
        let _ = write!(
            out,
            "<article{lang}><h2 dir=\"auto\"><a rel=\"noreferrer\" href=\"{}\">{}</a></h2>\
             <small dir=\"auto\">{} · {}</small>{excerpt}</article>",
            escape(&strict(&i.link)),
            escape(&i.title),
            escape(&i.outlet),
            i.published.format("%F %H:%M UTC")
        );
    }
    if stories.is_empty() {
        out.push_str("<p>Nothing yet.</p>");
    }
    out.push_str("</body></html>");
    out
}
