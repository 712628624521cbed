//! The body of a page without a recipe, by the readability method.

use dom_smoothie::{Config, Readability, TextMode};
use scraper::Html;
use url::Url;

use super::dom;
use super::parts::{self, Around};

/// Characters from which a body counts as found; Han text says more in fewer.
const CHARS_MIN: usize = 140;
/// One in so many characters of the page, outside links, that a body found without its surroundings has at least.
const SHARE: usize = 4;
/// So many times the text of that body makes one found with them the better.
const TIMES: usize = 3;
/// Elements of a page that is tried; scoring takes time that grows faster than they do.
const ELEMENTS_MAX: usize = 30_000;

/// The body of the stripped page `doc`, as a tree of its own, and what the page at `url` says around it.
pub(super) fn body(doc: &mut Html, url: &Url) -> Option<(Html, Around)> {
    let (taken, around) = parts::take(doc, url);
    let chars = taken.chars;
    let body = readable(doc);
    let found = body.as_ref().map_or(0, |b| dom::chars_in(b.root_element()));
    if found >= CHARS_MIN && found * SHARE >= chars {
        return body.map(|b| (b, around));
    }
    // What is left may not be what was meant.
    parts::put_back(doc, taken);
    let whole = readable(doc);
    let more = whole.filter(|w| found < CHARS_MIN || dom::chars_in(w.root_element()) > found * TIMES);
    more.or(body).map(|b| (b, around))
}

fn readable(doc: &Html) -> Option<Html> {
    let config = Config {
        char_threshold: CHARS_MIN,
        max_elements_to_parse: ELEMENTS_MAX,
        disable_json_ld: true,
        text_mode: TextMode::Formatted,
        ..Config::default()
    };
    let article = Readability::new(doc.html(), None, Some(config)).ok()?.parse().ok()?;
    let mut body = dom::fragment(&article.content);
    dom::strip(&mut body);
    Some(body)
}
