//! Lists read by the selectors of a recipe.

use scraper::{ElementRef, Selector};
use url::Url;

use crate::model::address::canonical;
use crate::model::{Entry, ListRecipe};

use super::{
    headline::headline,
    item as around, next,
    page::{Doc, date_near, date_of},
    plain,
    reading::{Collected, ENTRIES_MAX, Reading, short},
};

/// What became of reading by recipe.
pub(super) enum Outcome {
    /// The recipe fits the page.
    Read { entries: Vec<Entry>, next: Option<Url> },
    /// There is no recipe for items, or it fits no longer; the list has to be found.
    NoRecipe {
        next: Option<Url>,
        /// Why it does not fit, if there is one.
        broken: Option<String>,
    },
}

struct Selectors {
    link: Option<Selector>,
    title: Option<Selector>,
    date: Option<Selector>,
    summary: Option<Selector>,
}

/// What is wrong with the selectors of `list`: (key, message).
pub(super) fn check(list: &ListRecipe) -> Vec<(&'static str, String)> {
    fields(list).into_iter().filter_map(|(key, css)| Some((key, compile(css?).err()?))).collect()
}

fn fields(list: &ListRecipe) -> [(&'static str, Option<&str>); 6] {
    [
        ("list.item", list.item.as_deref()),
        ("list.link", list.link.as_deref()),
        ("list.title", list.title.as_deref()),
        ("list.date", list.date.as_deref()),
        ("list.summary", list.summary.as_deref()),
        ("list.next", list.next.as_deref()),
    ]
}

fn compile(css: &str) -> Result<Selector, String> {
    Selector::parse(css).map_err(|e| format!("`{css}` is no CSS selector: {e}"))
}

/// Reads the list of `doc` by the recipe of the source.
pub(super) fn read(doc: &Doc, reading: &mut Reading<'_>) -> Outcome {
    let list = &reading.source.recipe.list;
    for (key, message) in check(list) {
        reading.problem("recipe", format!("{key}: {message}"));
    }
    let ready = |css: &Option<String>| css.as_deref().and_then(|css| compile(css).ok());
    let next = ready(&list.next).and_then(|s| doc.html.select(&s).find_map(|a| next::leads(doc, a, reading.page.url)));
    let (Some(css), Some(item)) = (&list.item, ready(&list.item)) else {
        return Outcome::NoRecipe { next, broken: None };
    };
    let selectors = Selectors {
        link: ready(&list.link),
        title: ready(&list.title),
        date: ready(&list.date),
        summary: ready(&list.summary),
    };
    let (mut found, mut items) = (Collected::default(), 0);
    for element in doc.html.select(&item) {
        items += 1;
        if items > ENTRIES_MAX {
            reading.problem("list", format!("only the first {ENTRIES_MAX} items are taken"));
            break;
        }
        match entry(doc, element, &selectors, reading) {
            Some(entry) => found.push(entry),
            None => {
                let text = plain::of_element(element);
                reading.problem("entry", format!("item {items} has no link to a page: `{}`", short(&text)));
            }
        }
    }
    if items == 0
        && !containers(css).iter().filter_map(|c| compile(c).ok()).any(|c| doc.html.select(&c).next().is_some())
    {
        let broken = format!("container gone: neither `{css}` nor what it stands in is on the page");
        reading.problem("recipe", format!("{broken}; the list is guessed"));
        return Outcome::NoRecipe { next, broken: Some(broken) };
    }
    unmatched(doc, list, items, &item, reading);
    Outcome::Read { entries: found.into_entries(), next }
}

/// Complains of selectors that match in no item at all: the others would hide that they no longer fit. One with alternatives is
/// made for several layouts, and need not fit all of them.
fn unmatched(doc: &Doc, list: &ListRecipe, items: usize, item: &Selector, reading: &mut Reading<'_>) {
    for (key, css) in [("link", &list.link), ("title", &list.title), ("date", &list.date)] {
        let Some((css, selector)) = css.as_deref().and_then(|c| Some((c, compile(c).ok()?))) else { continue };
        if items > 0
            && !css.contains(',')
            && !doc.html.select(item).take(ENTRIES_MAX).any(|i| i.select(&selector).next().is_some())
        {
            reading.problem("recipe", format!("list.{key}: `{css}` matches nothing in any of {items} items"));
        }
    }
}

fn entry(doc: &Doc, item: ElementRef<'_>, selectors: &Selectors, reading: &mut Reading<'_>) -> Option<Entry> {
    let anchor = match &selectors.link {
        Some(link) => item.select(link).find(|a| doc.link(*a).is_some()),
        None => {
            let linked = || item.descendent_elements().filter(|a| a.value().name() == "a" && doc.link(*a).is_some());
            linked().find(|a| !plain::of_element(*a).is_empty()).or_else(|| linked().next())
        }
    };
    let anchor = anchor.or_else(|| Some(item).filter(|i| doc.link(*i).is_some()))?;
    let mut entry = Entry::at(doc.link(anchor)?);
    let text = |s: &Selector| item.select(s).map(plain::of_element).find(|t| !t.is_empty());
    entry.title = selectors.title.as_ref().and_then(text).or_else(|| headline(anchor));
    let own = |a: ElementRef<'_>| doc.link(a).is_some_and(|url| canonical(&url) == canonical(&entry.link));
    let summary = |s: &Selector| item.select(s).map(|e| around::running_text(e, &own)).find(|t| !t.is_empty());
    entry.summary = selectors.summary.as_ref().and_then(summary);
    entry.image = around::image(item, &doc.base);
    entry.published = match &selectors.date {
        Some(date) => {
            let mut dated = item.select(date).peekable();
            let shown = dated.peek().map(|e| plain::of_element(*e));
            let at = dated.find_map(|e| date_of(e, reading));
            if let Some(shown) = shown.filter(|s| at.is_none() && !s.is_empty()) {
                reading.problem("date", format!("no date in `{}`", short(&shown)));
            }
            at
        }
        None => date_near(item, anchor, reading),
    };
    Some(entry)
}

/// For each selector of the list `css`, the part before its last combinator: what items stand in.
fn containers(css: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    let (mut combinator, mut out) = (None, vec![]);
    for (i, c) in css.char_indices().chain([(css.len(), ',')]) {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                // White space at the end of a selector is no combinator.
                let end = start + css[start..i].trim_end().len();
                let within = combinator.filter(|at| *at < end).map(|at: usize| &css[start..at]);
                out.extend(within.map(|w| w.trim_matches([' ', '\t', '\n', '>', '+', '~'])).filter(|w| !w.is_empty()));
                (start, combinator) = (i + 1, None);
            }
            (None, '>' | '+' | '~' | ' ' | '\t' | '\n') if depth == 0 => {
                let rest = css[i..].trim_start_matches([' ', '\t', '\n', '>', '+', '~']);
                let last = !rest.is_empty() && !rest.starts_with(',');
                if last && !css[start..i].trim().is_empty() {
                    combinator = Some(i);
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_what_stands_before_the_last_combinator() {
        assert_eq!(containers("div.x > dl.y"), ["div.x"]);
        assert_eq!(containers("dl.y , #a:has(> b) + c ul > li[x='> ,']"), ["#a:has(> b) + c ul"]);
        assert_eq!(containers("ul > li , ol li "), ["ul", "ol"]);
        assert!(containers("dl.y").is_empty());
    }

    #[test]
    fn bad_selectors_are_named_by_key() {
        let list = ListRecipe { item: Some("li".into()), next: Some("a[".into()), ..ListRecipe::default() };
        let wrong = check(&list);
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].0, "list.next");
        assert!(wrong[0].1.contains("`a[`"), "{}", wrong[0].1);
    }
}
