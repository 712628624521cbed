//! The tree, built from events; tags are balanced by name, not by trust.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    super::reference::{NAME_BYTES_MAX, resolve},
    Element, Node,
    names::Scope,
};

/// Deeper elements are left out, their text kept.
const DEPTH_MAX: usize = 200;
/// Elements after this many are left out.
const ELEMENTS_MAX: usize = 600_000;
/// Attributes of one element after this many are left out.
const ATTRS_MAX: usize = 64;
/// Fields that hold text only: another field beginning inside one means that its end is missing.
const TEXT_FIELDS: &[&str] = &["title", "link", "guid", "id", "pubdate", "published", "updated"];
/// Fields that hold markup, in which only what markup never has tells that their end is missing.
const PROSE_FIELDS: &[&str] = &["description", "summary", "content:encoded"];
const NEVER_IN_PROSE: &[&str] = &["guid", "pubdate", "content:encoded", "dc:date", "dc:creator"];
/// What lists are made of; none of them is inside another.
const LISTED: &[&str] = &["item", "entry", "url"];
/// What publishers begin again after the end of the document.
const ROOTS: &[&str] = &["rss", "rdf:rdf", "feed", "channel", "item", "entry"];

/// A tree and what had to be mended to have it.
pub(in crate::read) struct Built<'a> {
    /// The root, if any tag was found.
    pub(in crate::read) root: Option<Element<'a>>,
    /// What was wrong, one sentence each.
    pub(in crate::read) notes: Vec<String>,
}

struct Builder<'a> {
    open: Vec<Element<'a>>,
    scope: Scope,
    root: Option<Element<'a>>,
    /// Open elements beyond [`DEPTH_MAX`].
    too_deep: usize,
    was_too_deep: bool,
    elements: usize,
    unbalanced: usize,
}

/// The tree of `text`, whose tags [`super::clean`] has seen.
pub(in crate::read) fn build(text: &str) -> Built<'_> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut builder = Builder {
        open: vec![],
        scope: Scope::default(),
        root: None,
        too_deep: 0,
        was_too_deep: false,
        elements: 0,
        unbalanced: 0,
    };
    let mut notes = vec![];
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => builder.start(&tag),
            Ok(Event::Empty(tag)) => {
                builder.start(&tag);
                builder.end(tag.name().as_ref());
            }
            Ok(Event::End(tag)) => builder.end(tag.name().as_ref()),
            Ok(Event::Text(t)) => builder.text(t.into_inner()),
            Ok(Event::CData(t)) => builder.text(t.into_inner()),
            Ok(Event::GeneralRef(r)) => builder.text(match &*r {
                "lt" => Cow::Borrowed("<"),
                "gt" => Cow::Borrowed(">"),
                "amp" => Cow::Borrowed("&"),
                name => Cow::Owned(resolve(name).unwrap_or_else(|| format!("&{name};"))),
            }),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            // What follows the root is read only in case there is more of the list.
            Err(_) if builder.is_over() => break,
            Err(e) => {
                notes.push(format!("the markup breaks off after {} bytes: {e}", reader.buffer_position()));
                break;
            }
        }
        if builder.elements >= ELEMENTS_MAX {
            break;
        }
    }
    if builder.was_too_deep {
        notes.push(format!("elements deeper than {DEPTH_MAX} are left out"));
    }
    if builder.elements >= ELEMENTS_MAX {
        notes.push(format!("only the first {ELEMENTS_MAX} elements are read"));
    }
    let open = builder.open.len();
    if open > 0 {
        notes.push("the document ends before its root does: it was cut off, or its tags do not balance".into());
    } else if builder.unbalanced > 0 {
        notes.push(format!("{} tags do not balance", builder.unbalanced));
    }
    (0..open).for_each(|_| builder.close());
    Built { root: builder.root, notes }
}

impl<'a> Builder<'a> {
    /// Whether the root has ended.
    fn is_over(&self) -> bool {
        self.root.is_some() && self.open.is_empty()
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        if self.is_over() && !ROOTS.contains(&self.scope.name(tag.name().as_ref()).as_str()) {
            return;
        }
        if self.too_deep > 0 {
            self.leave_entry(&self.scope.name(tag.name().as_ref()));
        }
        if self.open.len() >= DEPTH_MAX {
            self.too_deep += 1;
            self.was_too_deep = true;
            return;
        }
        self.elements += 1;
        let mut attrs = attributes(tag);
        let depth = self.open.len() + 1;
        for (name, value) in &attrs {
            if let Some(prefix) = name.strip_prefix("xmlns") {
                self.scope.declare(depth, prefix.trim_start_matches(':'), value);
            }
        }
        attrs.retain(|(name, _)| !name.starts_with("xmlns"));
        let raw = tag.name();
        let name = if depth == 1 { self.scope.root(raw.as_ref()) } else { self.scope.name(raw.as_ref()) };
        let is_one = |of: &[&str], e: &str| of.contains(&e);
        let ends = |field: &str| {
            is_one(TEXT_FIELDS, field) && (name == "description" || is_one(TEXT_FIELDS, &name))
                || is_one(PROSE_FIELDS, field) && is_one(NEVER_IN_PROSE, &name)
        };
        if self.open.last().is_some_and(|e| ends(&e.name)) {
            self.unbalanced += 1;
            self.close();
        }
        self.leave_entry(&name);
        self.open.push(Element { name, attrs, children: vec![] });
    }

    /// Closes the entry that is open when another of this `name` begins: it was never closed.
    fn leave_entry(&mut self, name: &str) {
        if LISTED.contains(&name)
            && let Some(n) = self.open.iter().rposition(|e| e.name == name)
        {
            self.unbalanced += 1;
            self.too_deep = 0;
            (n..self.open.len()).for_each(|_| self.close());
        }
    }

    fn end(&mut self, raw: &str) {
        if self.is_over() {
            return;
        }
        let name = self.scope.name(raw);
        if self.too_deep > 0 {
            // Whatever the entry nests and does not close, it ends at its own end.
            if !(LISTED.contains(&name.as_str()) && self.open.iter().any(|e| e.name == name)) {
                self.too_deep -= 1;
                return;
            }
            self.too_deep = 0;
        }
        match self.open.iter().rposition(|e| e.name == name) {
            Some(n) => {
                self.unbalanced += self.open.len() - 1 - n;
                (n..self.open.len()).for_each(|_| self.close());
            }
            None => self.unbalanced += 1,
        }
    }

    /// Closes the innermost open element.
    fn close(&mut self) {
        let Some(mut element) = self.open.pop() else { return };
        self.scope.leave(self.open.len());
        element.children.iter_mut().for_each(unwrap_sections);
        match self.open.last_mut().or(self.root.as_mut()) {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: Cow<'a, str>) {
        let Some(parent) = self.open.last_mut() else { return };
        if let Some(Node::Text(before)) = parent.children.last_mut() {
            before.to_mut().push_str(&text);
        } else {
            parent.children.push(Node::Text(text));
        }
    }
}

/// Takes the marks of a section of character data out of text in which they stand as text: one in another, or escaped.
fn unwrap_sections(node: &mut Node<'_>) {
    let Node::Text(text) = node else { return };
    for mark in ["<![CDATA[", "<![cdata["] {
        if text.contains(mark) {
            *text = Cow::Owned(text.replace(mark, "").replace("]]>", ""));
        }
    }
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    tag.html_attributes()
        .with_checks(false)
        .take(ATTRS_MAX)
        .flatten()
        .map(|a| (a.key.as_ref().to_ascii_lowercase(), resolve_all(&a.value)))
        .collect()
}

/// `s` with every reference that names something resolved, the rest as written.
fn resolve_all(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(NAME_BYTES_MAX).position(|b| b == b';');
        match end.and_then(|end| Some((resolve(&rest[..end])?, end))) {
            Some((resolved, end)) => {
                out.push_str(&resolved);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(text: &str) -> String {
        build(&super::super::clean(text)).root.map(|r| r.inner_xhtml()).unwrap_or_default()
    }

    #[test]
    fn references_resolve_or_stay() {
        assert_eq!(inner("<a>&eacute;&#x65B0;&#32862;&nbsp;</a>"), "é新聞\u{a0}");
        assert_eq!(inner("<a>AT&T; a&b &nosuch; &#146;&#1;</a>"), "AT&amp;T; a&amp;b &amp;nosuch; ’");
        let root = build("<a href='/x?a=1&copy=2&amp;b=&#51;'/>").root.unwrap();
        assert_eq!(root.attr("href"), Some("/x?a=1&copy=2&b=3"));
    }

    #[test]
    fn tags_are_balanced_by_name() {
        assert_eq!(
            inner("<r><item><t>1</item><item><t>2</t></b></item></r>"),
            "<item><t>1</t></item><item><t>2</t></item>"
        );
        assert_eq!(inner("<r><item>1<item>2</item></r>"), "<item>1</item><item>2</item>");
        assert_eq!(inner("<r><item>1</item><item>2"), "<item>1</item><item>2</item>");
    }

    #[test]
    fn names_carry_the_usual_prefix() {
        let root =
            build("<r xmlns:q='http://purl.org/dc/elements/1.1/'><q:Date/><DC:creator/><x:y/></r>").root.unwrap();
        let names: Vec<_> = root.elements().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["dc:date", "dc:creator", "x:y"]);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("<r>{}x{}</r>", "<d>".repeat(50_000), "</d>".repeat(50_000));
        assert_eq!(build(&deep).root.unwrap().text(), "x");
    }
}
