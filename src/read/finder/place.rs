//! Parts of a page by what they are for: navigation, what stands beside the page's own list, and adverts.

use std::collections::HashMap;

use scraper::{ElementRef, Node};

use super::{super::plain, share};

/// Ancestors that are asked what they are for.
const LEVELS_MAX: usize = 64;
/// What holds more of a page's links is the page.
const WHOLE: f64 = 0.85;
/// What holds more of them may be the page's own matter.
const HALF: f64 = 0.5;
/// Wider is no label of a box.
const LABEL_WIDTH_MAX: usize = 24;
/// Elements from the first of a box inwards among which its label is.
const LABEL_LEVELS: usize = 4;

/// Words in `class` and `id` that mark what is no list of articles.
const REGIONS: &[&str] = &[
    "nav",
    "navbar",
    "navigation",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "crumb",
    "crumbs",
    "footer",
    "foot",
    "pager",
    "pagination",
    "toolbar",
    "topbar",
    "nv",
    "ft",
    "ad",
    "ads",
    "advert",
    "advertisement",
    "sponsored",
];
/// The same, but for pages that are about nothing else: what is found by a search, or under a tag.
const CORNERS: &[&str] = &["login", "search", "share", "copyright", "tags", "tagcloud"];
/// The same for what stands beside the list: it may hold articles, but others first.
const SIDES: &[&str] = &[
    "sidebar",
    "side",
    "sider",
    "aside",
    "sd",
    "related",
    "widget",
    "rank",
    "ranking",
    "hot",
    "popular",
    "trending",
    "recommend",
    "recommended",
    "mostread",
    "tuijian",
    "paihang",
    "phb",
];
/// Words in the label of a box of articles that are not the page's own list.
const LABELS: &[&str] = &[
    "排行",
    "热门",
    "熱門",
    "热点",
    "熱點",
    "热榜",
    "熱榜",
    "热读",
    "熱讀",
    "热文",
    "熱文",
    "周榜",
    "月榜",
    "点击",
    "點擊",
    "點閱",
    "推荐",
    "推薦",
    "精彩",
    "猜你喜欢",
    "猜你喜歡",
    "相关",
    "相關",
    "延伸",
    "最受",
    "最多",
    "人气",
    "人氣",
    "友情",
    "链接",
    "連結",
    "标签",
    "標籤",
    "most read",
    "most viewed",
    "most popular",
    "popular",
    "trending",
    "recommended",
    "related",
    "you may",
    "also like",
    "sponsored",
    "most commented",
    "tags",
    "categories",
];
/// Labels of an item that is an advert.
const ADVERTS: &[&str] = &[
    "广告",
    "廣告",
    "推广",
    "推廣",
    "赞助",
    "贊助",
    "赞助内容",
    "贊助內容",
    "advertisement",
    "advertisement feature",
    "sponsored",
    "promoted",
    "paid content",
];

/// Words in a class that make the others tell of something else: `has-sidebar` stands beside one, and `search-results` are
/// a list.
const OTHERWISE: &[&str] = &["has", "with", "no", "without", "layout", "results", "result", "list", "page"];

/// What the place of an element is.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Navigation, adverts and the like: no list of articles.
    pub(super) outside: bool,
    /// Beside the page's own matter: most read articles, related ones.
    pub(super) aside: bool,
    /// Within an element that frames matter of its own, whose header is not the page's.
    framed: bool,
}

/// The place at which each of `anchors` stands.
pub(super) fn places(anchors: &[ElementRef<'_>]) -> Vec<Place> {
    let mut held: HashMap<_, usize> = HashMap::new();
    for anchor in anchors {
        anchor.ancestors().take(LEVELS_MAX).for_each(|n| *held.entry(n.id()).or_default() += 1);
    }
    let part = |e: ElementRef<'_>| share(held.get(&e.id()).copied().unwrap_or_default(), anchors.len());
    let mut known = HashMap::new();
    let mut out = Vec::with_capacity(anchors.len());
    for anchor in anchors {
        let mut above = vec![];
        let mut place = Place::default();
        for e in anchor.ancestors().take(LEVELS_MAX).filter_map(ElementRef::wrap) {
            if let Some(seen) = known.get(&e.id()) {
                place = *seen;
                break;
            }
            above.push(e);
        }
        for e in above.into_iter().rev() {
            place = within(e, place, part(e));
            known.insert(e.id(), place);
        }
        out.push(place);
    }
    out
}

/// The place that the inside of `e` is, where `e` itself stands at `outer` and holds `part` of the page's links.
fn within(e: ElementRef<'_>, outer: Place, part: f64) -> Place {
    let name = e.value().name();
    // The names of the body, and of what holds nearly all, tell what kind of page it is, not what part of it.
    if matches!(name, "body" | "html") || (part > WHOLE && !matches!(name, "nav" | "footer")) {
        return Place { framed: outer.framed || matches!(name, "main" | "section" | "article"), ..outer };
    }
    let role = e.attr("role").unwrap_or_default();
    let by_name = match name {
        // Not `form`: forums and old portals wrap whole lists in one.
        "nav" | "footer" => true,
        // Cards have headers too.
        "header" => !outer.framed,
        _ => matches!(role, "navigation" | "contentinfo" | "search" | "menu"),
    };
    // Engines put what an article is about into its classes.
    let by_word = !matches!(name, "article" | "tr") && (has_word(e, REGIONS) || (part < HALF && has_word(e, CORNERS)));
    let is_box = matches!(name, "div" | "section" | "aside" | "ul" | "ol" | "dl" | "table" | "td");
    let aside = (name == "aside" && !outer.framed)
        || role == "complementary"
        || e.value().id() == Some("secondary")
        || (is_box && name != "td" && has_word(e, SIDES))
        || (is_box && is_labelled_aside(e));
    Place {
        outside: outer.outside || by_name || by_word,
        aside: outer.aside || aside,
        framed: outer.framed || matches!(name, "article" | "li" | "main" | "section"),
    }
}

/// Whether a class or the id of `e` has one of `words` in it.
fn has_word(e: ElementRef<'_>, words: &[&str]) -> bool {
    e.value().classes().chain(e.value().id()).any(|class| {
        let class = class.to_ascii_lowercase();
        let mut own = class.split(['-', '_']);
        let tells_of_another = own.clone().any(|w| OTHERWISE.contains(&w));
        !tells_of_another && own.any(|w| words.contains(&w))
    })
}

/// Whether the label of the box `e`, at its beginning or just before it, tells that it is not the page's own list.
fn is_labelled_aside(e: ElementRef<'_>) -> bool {
    let before = e.prev_siblings().filter_map(ElementRef::wrap).take(2).any(is_side_label);
    // A label may be no more than the first words.
    let first_words = e.children().find_map(|n| match n.value() {
        Node::Text(t) if t.trim().is_empty() => None,
        Node::Text(t) => Some(t.to_string()),
        Node::Element(_) => Some(String::new()),
        _ => None,
    });
    if first_words.is_some_and(|words| is_side_word(&words)) {
        return true;
    }
    let mut inside = e.child_elements().next();
    for _ in 0..LABEL_LEVELS {
        let Some(first) = inside else { break };
        // The first item is no label.
        if matches!(first.value().name(), "li" | "article" | "a" | "img") {
            break;
        }
        if is_side_label(first) {
            return true;
        }
        inside = first.child_elements().next();
    }
    before
}

fn is_side_label(e: ElementRef<'_>) -> bool {
    let headed = matches!(e.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "caption" | "legend");
    let linked = || e.descendent_elements().any(|a| a.value().name() == "a");
    if matches!(e.value().name(), "li" | "article" | "script" | "style" | "p") || (!headed && linked()) {
        return false;
    }
    is_side_word(&plain::of_element(e))
}

fn is_side_word(text: &str) -> bool {
    let text = plain::collapse(text).to_lowercase();
    plain::width(&text) <= LABEL_WIDTH_MAX && LABELS.iter().any(|label| text.contains(label))
}

/// Whether `anchor` says by `rel` that it is no headline.
pub(super) fn is_no_headline(anchor: ElementRef<'_>) -> bool {
    anchor.attr("rel").is_some_and(|rel| {
        rel.split_whitespace()
            .any(|r| matches!(r, "tag" | "author" | "category" | "sponsored" | "next" | "prev" | "home"))
    })
}

/// Whether `item` says of itself that it is an advert.
pub(super) fn is_advert(item: ElementRef<'_>) -> bool {
    item.descendent_elements()
        .filter(|e| e.child_elements().next().is_none())
        .any(|e| ADVERTS.contains(&plain::of_element(e).to_lowercase().as_str()))
}
