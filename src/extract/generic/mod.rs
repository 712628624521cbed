//! The body of a page without a recipe, by the readability method, on the tree that is parsed already.
//!
//! In: the stripped tree of a page. Out: the same tree with nothing in it but the body. The way through the folder:
//!
//! | file | from | to |
//! | --- | --- | --- |
//! | `outline` | tree | a list of its pieces in document order, each with where what is in it ends |
//! | `words` | class, id | what they say of an element |
//! | `sums` | list, what is dropped | characters, links, commas and so on in each piece, in one pass from the end |
//! | `grab` | both | scores, the best piece, its siblings, less what looks like clutter |
//!
//! It is tried without the parts that are named as surroundings (`parts`), and with them when that leaves too little.
//! Dropping is a mark in a list, so an attempt costs a few passes over it and the tree is changed once, at the end.
//! Deliberately absent: recursion, copies of the tree, and anything that fits one site.

mod grab;
mod outline;
mod sums;
#[cfg(test)]
mod tests;
mod words;

use scraper::Html;
use url::Url;

use super::dom;
use super::parts::{self, Around};

use grab::{Grabbed, grab};
use outline::Outline;

/// Characters from which a body counts as found; Han text says more in fewer.
const CHARS_MIN: usize = 140;
/// One in so many characters of the page, outside links, that a body found without its surroundings has at least.
const SHARE: usize = 4;
/// So many times the text of that body makes one found with them the better.
const TIMES: usize = 3;

/// Leaves of the stripped page `doc` nothing but its body, and says what the page at `url` says around it; `None` when
/// it has none.
pub(super) fn body(doc: &mut Html, url: &Url) -> Option<Around> {
    let (parts, prose, around) = parts::find(doc, url);
    let outline = Outline::of(doc);
    let without: Vec<bool> = outline.pieces.iter().map(|p| parts.contains(&p.id)).collect();
    let body = grab(&outline, &without, CHARS_MIN);
    let found = body.as_ref().map_or(0, |b| b.chars);
    let is_enough = found >= CHARS_MIN && found * SHARE >= prose;
    // What is left may not be what was meant.
    let whole = if is_enough { None } else { grab(&outline, &vec![false; outline.pieces.len()], CHARS_MIN) };
    let more = whole.filter(|w| found < CHARS_MIN || w.chars > found * TIMES);
    keep(doc, &outline, &more.or(body)?);
    Some(around)
}

/// Leaves of `doc` what was grabbed.
fn keep(doc: &mut Html, outline: &Outline, grabbed: &Grabbed) {
    let dropped = &grabbed.dropped;
    let all = grabbed.ranges.iter().cloned().flatten();
    all.filter(|at| dropped[*at]).for_each(|at| dom::detach(doc, outline.pieces[at].id));
    let tops = grabbed.ranges.iter().flat_map(|r| outline.tops(r.clone())).filter(|at| !dropped[*at]);
    dom::keep(doc, tops.map(|at| outline.pieces[at].id));
}
