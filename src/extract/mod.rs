//! Floor 2: page to article draft.
//!
//! In: the text of a page, what the listing said of it, the source's recipe, now. Out: a [`Draft`], or why the page is no
//! article. The recipe's selectors come first; what they leave open is found by readability, by what the page declares
//! and by its labelled text. Hidden and executable parts are gone before anything is read but the page's declarations.
//! Deliberately absent: a clock, fetching of further pages (the caller follows `next` and calls [`join`]), charsets.

mod asides;
mod body;
mod dates;
mod dom;
mod facts;
mod generic;
mod html;
mod imprint;
mod index;
mod labels;
mod language;
mod linked;
mod meta;
mod pager;
mod parts;
mod phrases;
mod picture;
mod plain;
mod tail;
#[cfg(test)]
mod tests;
mod title;
mod verdict;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use url::Url;

use crate::model::{ArticleRecipe, Draft, Entry, Recipe, Source};

use body::Body;
use index::{Index, PART};
use labels::Fields;

/// Lines from which a repeated line of a further page counts as repeated, in characters; shorter ones may recur.
const REPEATED_CHARS_MIN: usize = 8;
/// Headline made of a text that has none, in characters.
const MADE_TITLE_CHARS_MAX: usize = 60;

/// A decoded document and where it came from.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Address after redirects.
    pub url: &'a Url,
    /// The decoded text.
    pub text: &'a str,
}

/// Extracts the article of `page`; `entry` is what the listing said of it.
///
/// # Errors
/// When the page is no article: why not, in a sentence.
pub fn article(page: Page<'_>, entry: Option<&Entry>, source: &Source, now: DateTime<Utc>) -> Result<Draft, String> {
    let recipe = &source.recipe.article;
    let mut doc = dom::parse(page.text, names_attributes(recipe))?;
    let meta = meta::read(&doc);
    let base = meta.base(page.url);
    dom::strip(&mut doc);
    let index = Index::of(&doc);
    // A notice beside the article that the recipe finds is no message instead of it.
    if !body::is_found(&doc, recipe)
        && let Some(message) = verdict::message(&index)
    {
        return Err(message);
    }
    // Everything around the body is read before the recipe's `drop` takes parts away.
    let title = title::find(&doc, &index, &meta, recipe, entry);
    let dates = dates::Reader { source, now };
    let published = dates.published(&doc, &index, &meta, entry);
    let modified = dates.modified(&meta, entry, published);
    let next = pager::next(&doc, &index, &meta, recipe.next.as_deref(), page.url, &base);
    let selected = Fields {
        origin: body::field(&doc, recipe.origin.as_deref()).and_then(|f| f.origin),
        author: body::field(&doc, recipe.author.as_deref()).and_then(|f| f.author),
    };
    let beside = body::beside_headline(&index);
    let facts = facts::read(&index, &meta, page.url, &base);

    let parts: Vec<_> = index.called(PART).map(|e| e.id()).collect();
    let Body { lines, linked, html, image, fields, by_recipe } =
        body::find(doc, recipe, &parts, &base, title.as_deref(), meta.body.as_deref());
    let case = verdict::Case {
        meta: &meta,
        title: title.as_deref().unwrap_or_default(),
        lines: &lines,
        linked: &linked,
        by_recipe,
        has_recipe: recipe.body.is_some(),
    };
    if let Some(reason) = verdict::against(&case) {
        return Err(reason);
    }
    let title = title.ok_or("the page has text but no headline")?;
    let declared = Fields {
        origin: meta.origin.as_deref().and_then(labels::name).or_else(|| facts.origin.clone()),
        author: meta.author.as_deref().and_then(labels::name),
    };
    let told = Fields { origin: entry.and_then(|e| e.origin.clone()), author: entry.and_then(|e| e.author.clone()) };
    let fields = selected.or(declared).or(beside).or(fields).or(told);
    let text = lines.join("\n");
    let declared_image = meta.image.as_deref().and_then(|i| web(&base, i));
    Ok(Draft {
        url: page.url.clone(),
        language: language::tag(&text, [meta.language.as_deref(), entry.and_then(|e| e.language.as_deref())]),
        title,
        text,
        html,
        published,
        modified,
        author: fields.author,
        origin: fields.origin.filter(|o| *o != source.name),
        image: declared_image.or(image).or_else(|| entry.and_then(pictured)),
        canonical: facts.canonical,
        section: facts.section,
        tags: meta.tags,
        comments: facts.comments,
        next,
    })
}

/// The picture that `entry` names, else the first that it shows.
fn pictured(entry: &Entry) -> Option<Url> {
    let shown = || {
        entry.content.as_deref().filter(|c| c.contains("<img")).and_then(|c| body::of_fragment(c, &entry.link).image)
    };
    entry.image.clone().or_else(shown)
}

/// The article that a feed entry carries by itself: its content, else its summary.
#[must_use]
pub fn from_entry(entry: &Entry, source: &Source) -> Option<Draft> {
    let content = entry.content.as_deref().filter(|c| !c.trim().is_empty());
    let says = |b: &Body| !b.lines.is_empty() || (b.image.is_some() && entry.summary.is_none());
    let body = content.map(|c| body::of_fragment(c, &entry.link)).filter(says).or_else(|| {
        // Summaries are plain text by contract; as markup they would lose a `<`.
        let escaped = entry.summary.as_deref()?.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
        Some(body::of_fragment(&escaped, &entry.link))
    });
    let body = body.unwrap_or_default();
    let text = body.lines.join("\n");
    let title = entry.title.as_deref().map(dom::collapse).filter(|t| !t.is_empty());
    let made = || body.lines.first().map(|l| l.chars().take(MADE_TITLE_CHARS_MAX).collect::<String>());
    Some(Draft {
        url: entry.link.clone(),
        title: title.or_else(made)?,
        html: body.html,
        published: entry.published,
        modified: entry.updated.filter(|u| entry.published.is_none_or(|p| *u > p)),
        author: entry.author.clone().or(body.fields.author),
        origin: entry.origin.clone().or(body.fields.origin).filter(|o| *o != source.name),
        language: language::tag(&text, [entry.language.as_deref()]),
        image: entry.image.clone().or(body.image),
        canonical: None,
        section: None,
        tags: vec![],
        comments: None,
        next: None,
        text,
    })
}

/// The pages of one article, in order, as one draft; paragraphs that a page repeats are dropped.
#[must_use]
pub fn join(first: Draft, rest: Vec<Draft>) -> Draft {
    let mut whole = first;
    let mut seen: HashSet<String> = whole.text.lines().map(str::to_owned).collect();
    for page in rest {
        let fresh: HashSet<&str> =
            page.text.lines().filter(|l| !seen.contains(*l) || l.chars().count() < REPEATED_CHARS_MIN).collect();
        let repeated: Vec<String> = page.text.lines().filter(|l| !fresh.contains(l)).map(str::to_owned).collect();
        let lines: Vec<&str> = page.text.lines().filter(|l| fresh.contains(l)).collect();
        // A site that answers a page past the end with the last one adds nothing but its short lines.
        let is_repeat = !repeated.is_empty() && lines.iter().all(|l| l.chars().count() < REPEATED_CHARS_MIN);
        if lines.is_empty() || is_repeat {
            continue;
        }
        seen.extend(lines.iter().map(|l| (*l).to_owned()));
        whole.text.push('\n');
        whole.text.push_str(&lines.join("\n"));
        whole.html.push_str(&if repeated.is_empty() {
            page.html
        } else {
            body::without(&page.html, &repeated, &page.url)
        });
        whole.image = whole.image.or(page.image);
        whole.modified = whole.modified.max(page.modified);
    }
    whole.next = None;
    whole
}

/// What is wrong with the article selectors of `recipe`: (key, message).
#[must_use]
pub fn check(recipe: &Recipe) -> Vec<(&'static str, String)> {
    let a = &recipe.article;
    let single = [
        ("article.title", &a.title),
        ("article.body", &a.body),
        ("article.date", &a.date),
        ("article.author", &a.author),
        ("article.origin", &a.origin),
        ("article.next", &a.next),
    ];
    let single = single.into_iter().filter_map(|(key, css)| css.as_deref().map(|css| (key, css)));
    let all = single.chain(a.drop.iter().map(|css| ("article.drop", css.as_str())));
    all.filter_map(|(key, css)| Some((key, dom::complaint(css)?))).collect()
}

/// Whether a selector of `recipe` may ask for attributes that nothing else does.
fn names_attributes(recipe: &ArticleRecipe) -> bool {
    let ArticleRecipe { title, body, date, author, origin, next, drop } = recipe;
    let selectors = [title, body, date, author, origin, next].into_iter().flatten().chain(drop);
    selectors.into_iter().any(|css| css.contains('['))
}

/// `href` as an address of the web.
fn web(base: &Url, href: &str) -> Option<Url> {
    base.join(href.trim()).ok().filter(|u| matches!(u.scheme(), "http" | "https"))
}
