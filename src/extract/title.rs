//! The headline, without the site's name.

use scraper::Html;

use crate::model::{ArticleRecipe, Entry};

use super::dom::{collapse, select, text_of};
use super::index::Index;
use super::meta::Meta;

/// What parts a headline from the names of section and site in a `<title>`.
const SEPARATORS: &[&str] = &[" - ", " – ", " — ", " | ", "_", "｜", " |", "| ", " :: ", " » ", "--", "—"];
/// How names of Chinese outlets end, which stand behind a bare `-`.
const SITES: &[&str] = &["网", "網", "报", "報", "新闻", "新聞", "频道", "頻道", "在线", "社", "台", "臺"];
/// Longest name of an outlet, in characters.
const SITE_CHARS_MAX: usize = 12;
/// Longest headline, in characters.
const TITLE_CHARS_MAX: usize = 300;

/// Characters of a window's title, a heading or a declared headline that are looked at.
const LOOKED_AT_CHARS_MAX: usize = 2_000;

/// The headline of `doc`: the recipe's, else what the page declares, shows or is called, else the entry's.
pub(super) fn find(
    doc: &Html,
    index: &Index<'_>,
    meta: &Meta,
    recipe: &ArticleRecipe,
    entry: Option<&Entry>,
) -> Option<String> {
    let text_of = |e| beginning(&text_of(e));
    let own = |css: &str| select(doc, css).into_iter().map(text_of).find(|t| !t.is_empty());
    let from_recipe = recipe.title.as_deref().and_then(own);
    let window = index.titles.iter().copied().map(text_of).find(|t| !t.is_empty()).unwrap_or_default();
    let headings: Vec<String> = index.headlines.iter().copied().map(text_of).filter(|t| !t.is_empty()).collect();
    let declared = meta.headline.as_deref().or(meta.og_title.as_deref()).map(beginning);
    let title = from_recipe.or_else(|| {
        // A heading that the window's title begins with, or declares, is the headline; a lone logo in an `h1` is not.
        let head = headings.iter().find(|h| h.chars().count() > 3 && window.starts_with(h.as_str()));
        head.cloned()
            .or_else(|| declared.as_deref().map(|t| shorten(t, meta.site.as_deref(), &headings)))
            .or_else(|| Some(shorten(&window, meta.site.as_deref(), &headings)))
            .filter(|t| !t.is_empty())
    });
    title
        .or_else(|| headings.first().cloned())
        .or_else(|| entry.and_then(|e| e.title.as_deref()).map(collapse))
        .map(|t| t.trim_matches(['-', '_', '|', '–', ' ']).chars().take(TITLE_CHARS_MAX).collect::<String>())
        .filter(|t| !t.is_empty())
}

/// The part of `text` that may be a headline.
fn beginning(text: &str) -> String {
    text.chars().take(LOOKED_AT_CHARS_MAX).collect()
}

/// `title` without the names of section and site behind it.
fn shorten(title: &str, site: Option<&str>, headings: &[String]) -> String {
    if let Some(heading) = headings.iter().find(|h| h.as_str() == title) {
        return heading.clone();
    }
    let mut title = title.trim().to_owned();
    if let Some(site) = site.filter(|s| !s.is_empty()) {
        for separator in SEPARATORS {
            if let Some(rest) = title.strip_suffix(site).and_then(|r| r.trim_end().strip_suffix(separator.trim()))
                && !rest.trim().is_empty()
            {
                title = rest.trim().to_owned();
                break;
            }
        }
    }
    if let Some((head, tail)) = title.rsplit_once('-')
        && tail.chars().count() <= SITE_CHARS_MAX
        && SITES.iter().any(|s| tail.trim().ends_with(s))
        && !head.trim().is_empty()
    {
        title = head.trim().to_owned();
    }
    for separator in SEPARATORS {
        let parts: Vec<&str> = title.split(separator).map(str::trim).filter(|p| !p.is_empty()).collect();
        if parts.len() < 2 {
            continue;
        }
        // The headline comes first nearly everywhere; a short first part is a site that puts its name there.
        let (first, rest) = (parts[0], parts[1..].join(separator));
        let longest = parts.iter().map(|p| weight(p)).max().unwrap_or_default();
        let head = if weight(first) * 2 >= longest || parts.len() > 2 && weight(first) * 3 >= longest {
            first
        } else {
            rest.as_str()
        };
        // Parts of like length may both be headline.
        if weight(head) >= 6 && weight(&title) > weight(head) {
            return head.to_owned();
        }
    }
    title
}

/// Length of `s` as read: a Han character weighs as much as half a word.
fn weight(s: &str) -> usize {
    s.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use crate::model::{ArticleRecipe, Entry};

    use super::super::{dom, meta};
    use super::Index;

    fn title(html: &str) -> Option<String> {
        let doc = dom::parse(html, true).unwrap();
        super::find(&doc, &Index::of(&doc), &meta::read(&doc), &ArticleRecipe::default(), None)
    }

    #[test]
    fn site_and_section_go() {
        let discuz = "<title>港口新章程公布 船東觀望 - 航運 -  某某門戶（測試） -  Powered by Discuz!</title>";
        assert_eq!(title(discuz).as_deref(), Some("港口新章程公布 船東觀望"));
        assert_eq!(title("<title>港口新章程公布_航运_某某网</title>").as_deref(), Some("港口新章程公布"));
        assert_eq!(title("<title>港口新章程公布-某某网</title>").as_deref(), Some("港口新章程公布"));
        assert_eq!(title("<title>Port rules change – The Example Times</title>").as_deref(), Some("Port rules change"));
        assert_eq!(
            title("<title>Port rules change at last | Example</title>").as_deref(),
            Some("Port rules change at last")
        );
        let og =
            "<meta property=og:title content='A well-known e-port - Site'><meta property=og:site_name content=Site>";
        assert_eq!(title(og).as_deref(), Some("A well-known e-port"));
    }

    #[test]
    fn a_heading_that_the_title_begins_with_is_the_headline() {
        assert_eq!(
            title("<title>A - B and more - Site</title><h1>Site</h1><h1>A - B and more</h1>").as_deref(),
            Some("A - B and more")
        );
        assert_eq!(title("<h1>只有標題</h1>").as_deref(), Some("只有標題"));
    }

    #[test]
    fn the_recipe_wins_and_the_entry_is_last() {
        let doc = dom::parse("<title>x</title><h2 class=t>甲 <b>乙</b></h2>", true).unwrap();
        let recipe = ArticleRecipe { title: Some("h2.t".into()), ..Default::default() };
        assert_eq!(super::find(&doc, &Index::of(&doc), &meta::read(&doc), &recipe, None).as_deref(), Some("甲 乙"));
        let mut entry = Entry::at("https://example.org/".parse().unwrap());
        entry.title = Some("Entry".into());
        let empty = dom::parse("<p>no title</p>", true).unwrap();
        let found =
            super::find(&empty, &Index::of(&empty), &meta::read(&empty), &ArticleRecipe::default(), Some(&entry));
        assert_eq!(found.as_deref(), Some("Entry"));
    }
}
