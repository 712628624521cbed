//! The body of a page without a recipe, by the readability method.

use dom_smoothie::{Config, Readability, TextMode};
use scraper::Html;

use super::dom;

/// Characters from which a body counts as found; Han text says more in fewer.
const CHARS_MIN: usize = 140;
/// Elements of a page that is tried; scoring takes time that grows faster than they do.
const ELEMENTS_MAX: usize = 30_000;

/// The body of the stripped page `doc`, as a tree of its own.
pub(super) fn body(doc: &Html) -> Option<Html> {
    let config = Config {
        char_threshold: CHARS_MIN,
        max_elements_to_parse: ELEMENTS_MAX,
        disable_json_ld: true,
        text_mode: TextMode::Formatted,
        ..Config::default()
    };
    let html = doc.html();
    let article = Readability::new(html, None, Some(config)).ok()?.parse().ok()?;
    let mut body = dom::fragment(&article.content);
    dom::strip(&mut body);
    Some(body)
}
