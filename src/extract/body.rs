//! The body of a page: found, cleaned, as lines and as HTML.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node};
use url::Url;

use crate::model::ArticleRecipe;

use super::index::{BYLINE, Index};
use super::labels::{self, Fields};
use super::parts::Around;
use super::plain::Line;
use super::{asides, dom, generic, html, imprint, picture, plain, tail};

/// Elements that a body selector picks, of which the first with text is the body.
const BODIES_MAX: usize = 32;
/// Elements beside a headline that are read for labelled fields.
const BYLINES_MAX: usize = 40;
/// Shortest declared text that is taken for the body, in characters.
const DECLARED_CHARS_MIN: usize = 200;
/// Characters of a declared text that are counted.
const DECLARED_CHARS_MAX: usize = 1_000_000;
/// Lines at each end of a body that may say where it was first published.
const CREDITS_MAX: usize = 3;
/// Shortest link that makes a line one of a list, in characters.
const LINK_CHARS_MIN: usize = 4;
/// Share of a line that is links to the same site from which it is one of a list, in percent.
const LINKED_PERCENT: usize = 60;
/// Longest text of such an element, in characters.
const BYLINE_CHARS_MAX: usize = 300;
/// Longest text of a recipe's element that is a name by itself, in characters.
const NAME_CHARS_MAX: usize = 60;
/// A body, cleaned.
#[derive(Default)]
pub(super) struct Body {
    /// Its text, one paragraph each.
    pub(super) lines: Vec<String>,
    /// Those of them that are a link and little more.
    pub(super) linked: Vec<String>,
    /// The same, sanitised.
    pub(super) html: String,
    /// Its first picture.
    pub(super) image: Option<Url>,
    /// What its ends labelled.
    pub(super) fields: Fields,
    /// Whether the recipe found it.
    pub(super) by_recipe: bool,
}

/// Whether the recipe finds a body with text in `doc`.
pub(super) fn is_found(doc: &Html, recipe: &ArticleRecipe) -> bool {
    let body = recipe.body.as_deref().and_then(dom::selector);
    body.is_some_and(|b| doc.select(&b).take(BODIES_MAX).any(|e| dom::chars_in(e) > 0))
}

/// Finds the body of the stripped page `doc`; `parts` are never in it, `declared` is the text that the page declares.
pub(super) fn find(
    mut doc: Html,
    recipe: &ArticleRecipe,
    parts: &[NodeId],
    base: &Url,
    title: Option<&str>,
    declared: Option<&str>,
) -> Body {
    let body = recipe.body.as_deref().and_then(dom::selector);
    let dropped: Vec<_> = recipe.drop.iter().filter_map(|css| dom::selector(css)).collect();
    let is_dropped = |e: &ElementRef<'_>| dropped.iter().any(|d| d.matches(e));
    let mut parts = parts.to_vec();
    if !dropped.is_empty() {
        parts.extend(doc.root_element().descendent_elements().filter(is_dropped).map(|e| e.id()));
    }
    // Whatever a selector says, an element that holds the body stays.
    let bodies = |doc: &'_ Html| -> Vec<_> {
        body.iter().flat_map(|b| doc.select(b).take(BODIES_MAX).map(|e| e.id())).collect()
    };
    let mut holders: HashSet<_> = bodies(&doc).into_iter().collect();
    for id in holders.clone() {
        holders.extend(doc.tree.get(id).into_iter().flat_map(|e| e.ancestors().map(|a| a.id())));
    }
    parts.iter().filter(|p| !holders.contains(p)).for_each(|id| dom::detach(&mut doc, *id));
    let found: Vec<_> = bodies(&doc).into_iter().filter_map(|id| doc.tree.get(id).and_then(ElementRef::wrap)).collect();
    match found.iter().find(|e| dom::chars_in(**e) > 0).or(found.first()) {
        // The content alone: a cell or row without its table is no HTML.
        Some(e) => {
            let content: Vec<_> = e.children().map(|n| n.id()).collect();
            dom::keep(&mut doc, content.into_iter());
            Body { by_recipe: true, ..clean(doc, base, title, None) }
        }
        None => {
            let found = generic::body(&mut doc, base).map(|mut around| {
                around.declared = declared.map(str::to_owned);
                clean(doc, base, title, Some(&around))
            });
            declare(found.unwrap_or_default(), declared, base)
        }
    }
}

/// `found`, or the declared text when that is much more: then the page shows it only once its scripts ran.
fn declare(found: Body, declared: Option<&str>, base: &Url) -> Body {
    let chars: usize = found.lines.iter().map(|l| l.chars().count()).sum();
    let more = declared.filter(|d| {
        let declared = d.chars().take(DECLARED_CHARS_MAX).count();
        declared >= DECLARED_CHARS_MIN && declared > chars * 2
    });
    let Some(text) = more else { return found };
    let paragraph = |line: &str| format!("<p>{}</p>", line.replace('&', "&amp;").replace('<', "&lt;"));
    let html: String = text.lines().map(paragraph).collect();
    Body { image: found.image, ..clean(dom::fragment(&html), base, None, None) }
}

/// The body that a piece of HTML is.
pub(super) fn of_fragment(content: &str, base: &Url) -> Body {
    let mut doc = dom::fragment(content);
    dom::strip(&mut doc);
    clean(doc, base, None, None)
}

/// `content`, which is sanitised, without the lines `unwanted`.
pub(super) fn without(content: &str, unwanted: &[String], base: &Url) -> String {
    let mut doc = dom::fragment(content);
    remove_lines(&mut doc, unwanted);
    html::write(doc.root_element(), base)
}

/// Cleans the body `doc`; `around` is what the page says when it was found without a recipe.
fn clean(mut doc: Html, base: &Url, title: Option<&str>, around: Option<&Around>) -> Body {
    let read = plain::lines(doc.root_element(), around.map_or(&[], |a| &a.site));
    let kept = around.map_or_else(|| vec![true; read.len()], |a| asides::kept(&read, a, title));
    let mut lines: Vec<String> = read.iter().map(|l| l.text.clone()).collect();
    let linked = linked_lines(&doc, &read);
    let whole: HashSet<String> = lines.iter().cloned().collect();
    let mut kept = kept.into_iter();
    lines.retain(|_| kept.next().unwrap_or(true));
    let dropped: Vec<String> = lines_out(&read, &lines);
    let mut cut = tail::trim(&mut lines, &linked);
    for line in dropped.iter().filter(|l| imprint::is_imprint(l)) {
        cut.fields = std::mem::take(&mut cut.fields).or(labels::read(line));
    }
    cut.lines.extend(dropped);
    // Where a story is from stands at one of its ends, as a sentence or a label.
    let ends = read.iter().take(CREDITS_MAX).chain(read.iter().rev().take(CREDITS_MAX));
    cut.fields.origin = cut.fields.origin.or_else(|| ends.map(|l| &l.text).find_map(|t| labels::reprinted(t)));
    if lines.len() > 1 && title.is_some_and(|t| lines[0] == t) {
        cut.lines.push(lines.remove(0));
    }
    let kept: HashSet<&String> = lines.iter().collect();
    cut.lines.retain(|l| whole.contains(l) && !kept.contains(l));
    remove_lines(&mut doc, &cut.lines);
    remove_texts(&mut doc, &cut.lines);
    remove_ending(&mut doc, &cut.tags);
    let root = doc.root_element();
    Body {
        html: html::write(root, base),
        image: root.descendent_elements().filter(|e| e.value().name() == "img").find_map(|e| picture::address(e, base)),
        linked: linked.into_iter().filter(|l| kept.contains(l)).collect(),
        fields: cut.fields,
        by_recipe: false,
        lines,
    }
}

/// The texts of `read` that are not among `lines`.
fn lines_out(read: &[Line], lines: &[String]) -> Vec<String> {
    let kept: HashSet<&String> = lines.iter().collect();
    read.iter().map(|l| &l.text).filter(|t| !kept.contains(t)).cloned().collect()
}

/// Removes the innermost elements, and bare texts, that are one of `unwanted`.
fn remove_lines(doc: &mut Html, unwanted: &[String]) {
    if unwanted.is_empty() {
        return;
    }
    let unwanted: HashSet<&str> = unwanted.iter().map(String::as_str).collect();
    let longest = unwanted.iter().map(|l| l.len()).max().unwrap_or_default();
    let is_unwanted = |text: &str| unwanted.contains(text);
    let picked: Vec<_> = doc
        .root_element()
        .descendants()
        .filter(|node| match ElementRef::wrap(*node) {
            Some(e) => e.value().name() != "html" && dom::text_within(e, longest).is_some_and(|t| is_unwanted(&t)),
            None => node.value().as_text().is_some_and(|t| is_unwanted(&dom::collapse(t))),
        })
        .map(|node| node.id())
        .collect();
    picked.into_iter().for_each(|id| dom::detach(doc, id));
}

/// Removes the texts that together are a line of `unwanted` between two breaks, when that line is an information line.
fn remove_texts(doc: &mut Html, unwanted: &[String]) {
    let unwanted: HashSet<&str> = unwanted.iter().map(String::as_str).filter(|l| imprint::is_imprint(l)).collect();
    if unwanted.is_empty() {
        return;
    }
    let lines = plain::texts(doc.root_element());
    let found = lines.into_iter().filter(|(line, _)| unwanted.contains(line.as_str()));
    found.flat_map(|(_, texts)| texts).for_each(|id| dom::detach(doc, id));
}

/// Removes `ending` from the last text that ends with it.
fn remove_ending(doc: &mut Html, ending: &str) {
    let ends = |text: &str| text.trim_end().ends_with(ending);
    if ending.is_empty() {
        return;
    }
    let texts = doc.root_element().descendants().filter(|n| n.value().as_text().is_some_and(|t| ends(t)));
    let Some(id) = texts.last().map(|n| n.id()) else { return };
    if let Some(mut node) = doc.tree.get_mut(id)
        && let Node::Text(text) = node.value()
    {
        let kept = text.text.trim_end().strip_suffix(ending).unwrap_or_default().to_owned();
        text.text = kept.as_str().into();
    }
}

/// Those of `lines` that are nothing but one link of `doc`, or little more: a headline and its date.
fn linked_lines(doc: &Html, lines: &[Line]) -> Vec<String> {
    let links = dom::links(doc.root_element()).map(dom::text_of).filter(|t| t.chars().count() >= LINK_CHARS_MIN);
    let links: HashSet<String> = links.collect();
    let bare = |line: &str| links.contains(line.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let mostly = |l: &Line| l.linked >= LINK_CHARS_MIN && l.linked * 100 >= l.text.chars().count() * LINKED_PERCENT;
    let is_linked = |l: &&Line| links.contains(&l.text) || bare(&l.text) || mostly(l);
    lines.iter().filter(is_linked).map(|l| l.text.clone()).collect()
}

/// The labelled fields of the elements that the recipe's selector `css` picks; a short text without label is the value.
pub(super) fn field(doc: &Html, css: Option<&str>) -> Option<Fields> {
    let picked = dom::select(doc, css?);
    let labelled = picked.iter().map(|e| labels::read(&labels::text_of(*e))).reduce(Fields::or)?;
    let whole = picked.iter().map(|e| dom::text_of(*e)).find(|t| !t.is_empty()).filter(|t| {
        t.chars().count() <= NAME_CHARS_MAX && !t.contains([':', '：', '|', '｜']) && t.chars().any(char::is_alphabetic)
    });
    let none_labelled = labelled == Fields::default();
    let whole = whole.filter(|_| none_labelled);
    Some(labelled.or(Fields { origin: whole.clone(), author: whole }))
}

/// The labelled fields beside the headline.
pub(super) fn beside_headline(index: &Index<'_>) -> Fields {
    let picked = index.beside_headline(BYLINE, BYLINES_MAX);
    let short = picked.filter_map(|e| labels::text_within(e, BYLINE_CHARS_MAX));
    short.map(|t| labels::read(&t)).reduce(Fields::or).unwrap_or_default()
}
