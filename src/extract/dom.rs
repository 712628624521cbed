//! A page as a tree: parsing, walking and pruning it, without recursion.

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Node, Selector};

use crate::text;

/// Nodes of a page; a page of more is refused.
const NODES_MAX: usize = 600_000;
/// Elements that never hold any of an article's text.
const NEVER: &[&str] = &[
    "script", "style", "noscript", "template", "iframe", "frame", "object", "embed", "applet", "svg", "math", "canvas",
    "audio", "video", "map", "button", "input", "select", "textarea", "datalist", "dialog", "link", "meta", "rp", "rt",
];
/// Longest name of an attribute that is asked for, in bytes.
const ATTRIBUTE_BYTES_MAX: usize = 24;
/// A form of more characters holds the page, not a question to the reader.
const FORM_CHARS_MAX: usize = 500;
/// A longer title is none: it has no end, and what follows is in it. Readability takes minutes over one of megabytes.
const TITLE_CHARS_MAX: usize = 2_000;

/// What a walk over a tree meets.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    /// An element begins.
    Open(ElementRef<'a>),
    /// An element that was gone into ends.
    Close(ElementRef<'a>),
    /// Text.
    Text(&'a str),
}

/// Parses a page, with `every_attribute` or only those that are asked for here.
///
/// # Errors
/// When it has more nodes than any article.
pub(super) fn parse(page: &str, every_attribute: bool) -> Result<Html, String> {
    let doc = Html::parse_document(&text::tame_text(page, &|name| every_attribute || is_asked_for(name)));
    if doc.tree.values().take(NODES_MAX + 1).count() > NODES_MAX {
        return Err("the page has more elements than any article".into());
    }
    Ok(doc)
}

/// Whether anything asks for attributes called `name`, the parser included.
fn is_asked_for(name: &str) -> bool {
    let mut lower = [0; ATTRIBUTE_BYTES_MAX];
    let Some(lower) = lower.get_mut(..name.len()) else { return false };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    matches!(
        &*lower,
        b"class" | b"id" | b"href" | b"src" | b"srcset" | b"alt" | b"title" | b"width" | b"height" | b"style"
            | b"hidden" | b"aria-hidden" | b"role" | b"rel" | b"itemprop" | b"datetime" | b"pubdate" | b"content"
            | b"property" | b"name" | b"http-equiv" | b"type" | b"lang" | b"colspan" | b"rowspan"
            // Of what pictures scripts load.
            | b"zoomfile" | b"file" | b"data-original" | b"data-src" | b"data-lazy-src" | b"data-actualsrc"
            | b"data-echo" | b"data-url" | b"data-original-src" | b"data-srcset"
            // By which fonts and drawings are told apart.
            | b"face" | b"color" | b"size" | b"encoding"
    )
}

/// Parses a piece of a page.
pub(super) fn fragment(html: &str) -> Html {
    Html::parse_fragment(&text::tame(html))
}

/// Where a walk goes next.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Next {
    /// Into the element.
    Into,
    /// Past it.
    Over,
    /// Nowhere.
    Stop,
}

/// Walks `root` and all in it in document order; an element is gone into when `visit` says so.
pub(super) fn walk<'a>(root: ElementRef<'a>, mut visit: impl FnMut(Step<'a>) -> bool) {
    walk_some(root, |step| if visit(step) { Next::Into } else { Next::Over });
}

/// The same, until `visit` says stop.
pub(super) fn walk_some<'a>(root: ElementRef<'a>, mut visit: impl FnMut(Step<'a>) -> Next) {
    let top = root.id();
    let mut node = *root;
    loop {
        let next = match node.value() {
            Node::Text(text) => visit(Step::Text(text)),
            Node::Element(_) => ElementRef::wrap(node).map_or(Next::Over, |e| visit(Step::Open(e))),
            _ => Next::Over,
        };
        let mut inside = match next {
            Next::Into => node.value().is_element(),
            Next::Over => false,
            Next::Stop => return,
        };
        if inside && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            if inside
                && let Some(element) = ElementRef::wrap(node)
                && visit(Step::Close(element)) == Next::Stop
            {
                return;
            }
            if node.id() == top {
                return;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return };
            node = parent;
            inside = true;
        }
    }
}

/// The selector `css`, if it is one.
pub(super) fn selector(css: &str) -> Option<Selector> {
    Selector::parse(css).ok()
}

/// What is wrong with the selector `css`.
pub(super) fn complaint(css: &str) -> Option<String> {
    if css.trim().is_empty() {
        return Some("the selector is empty".into());
    }
    Selector::parse(css).err().map(|e| format!("`{css}` is no CSS selector: {e}"))
}

/// Elements that match `css`, in document order; none when it is no selector.
pub(super) fn select<'a>(doc: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    selector(css).map(|s| doc.select(&s).collect()).unwrap_or_default()
}

/// The links in `element`.
pub(super) fn links(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendent_elements().filter(|e| e.value().name() == "a" && attr(*e, "href").is_some())
}

/// The attribute `name` of `e`; looks at its attributes alone, where the tree would first look the name up in a table.
pub(super) fn attr<'a>(e: ElementRef<'a>, name: &str) -> Option<&'a str> {
    e.value().attrs().find(|(n, _)| *n == name).map(|(_, value)| value)
}

/// Text of `element` with white space collapsed and elements parted by a space.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    text_within(element, usize::MAX).unwrap_or_default()
}

/// The same, if it is of `chars_max` characters at most; looks at little more of a longer one.
pub(super) fn text_within(element: ElementRef<'_>, chars_max: usize) -> Option<String> {
    let bytes_max = chars_max.saturating_mul(char::MAX.len_utf8());
    let mut out = String::new();
    let mut gap = false;
    walk_some(element, |step| {
        match step {
            Step::Text(text) => {
                gap |= text.starts_with(char::is_whitespace);
                for word in text.split_whitespace() {
                    if gap && !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(word);
                    gap = true;
                }
                gap &= text.ends_with(char::is_whitespace) || text.is_empty();
            }
            Step::Open(e) | Step::Close(e) => {
                let name = e.value().name();
                gap |= super::plain::is_block(name) || name == "br";
                if matches!(step, Step::Open(_)) && NEVER.contains(&name) {
                    return Next::Over;
                }
            }
        }
        if out.len() > bytes_max { Next::Stop } else { Next::Into }
    });
    (out.len() <= chars_max || (out.len() <= bytes_max && out.chars().count() <= chars_max)).then_some(out)
}

/// `s` trimmed, with every run of white space as one space.
pub(super) fn collapse(s: &str) -> String {
    s.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters of text in `element` that are no white space.
pub(super) fn chars_in(element: ElementRef<'_>) -> usize {
    element.text().flat_map(str::chars).filter(|c| !c.is_whitespace()).count()
}

/// Takes the node `id` out of `doc`.
pub(super) fn detach(doc: &mut Html, id: NodeId) {
    if let Some(mut node) = doc.tree.get_mut(id) {
        node.detach();
    }
}

/// Leaves of `doc` the nodes `kept`, in its root element.
pub(super) fn keep(doc: &mut Html, kept: impl Iterator<Item = NodeId>) {
    let root = doc.root_element().id();
    let rest: Vec<NodeId> = doc.root_element().children().map(|n| n.id()).collect();
    rest.into_iter().for_each(|id| detach(doc, id));
    let Some(mut root) = doc.tree.get_mut(root) else { return };
    for id in kept {
        root.append_id(id);
    }
}

/// Removes the elements that `unwanted` picks, with all in them.
pub(super) fn prune(doc: &mut Html, unwanted: impl Fn(ElementRef<'_>) -> bool) {
    let picked: Vec<_> = doc
        .tree
        .nodes()
        .filter(|n| n.value().is_comment() || ElementRef::wrap(*n).is_some_and(&unwanted))
        .map(|n| n.id())
        .collect();
    picked.into_iter().for_each(|id| detach(doc, id));
}

/// Removes what no reader sees: scripts, styles, forms, hidden elements.
pub(super) fn strip(doc: &mut Html) {
    prune(doc, |e| {
        let name = e.value().name();
        NEVER.contains(&name)
            || is_hidden(e)
            || (name == "form" && chars_in(e) < FORM_CHARS_MAX)
            || (name == "title" && chars_in(e) > TITLE_CHARS_MAX)
    });
}

/// Whether a browser would not show `e`. Whole pages are hidden until a script shows them, so those count as shown.
fn is_hidden(e: ElementRef<'_>) -> bool {
    let e = e.value();
    let hides = |(name, value): (&str, &str)| match name {
        "hidden" => value != "until-found",
        "aria-hidden" => value.eq_ignore_ascii_case("true"),
        "style" => hides(value),
        _ => false,
    };
    e.attrs().any(hides) && !matches!(e.name(), "html" | "body" | "main" | "article")
}

/// Whether `style` says that its element is not shown.
fn hides(style: &str) -> bool {
    // Most styles are of colours and sizes.
    if !style.contains(['n', 'N', 'h', 'H']) {
        return false;
    }
    let style = style.to_ascii_lowercase().replace(char::is_whitespace, "");
    style.contains("display:none") || style.contains("visibility:hidden")
}
