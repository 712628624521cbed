//! Markup of feeds and sitemaps as a small tree, whatever state it is in.
//!
//! In: text from its root tag on. Out: [`Element`]s whose names say their namespace by its usual prefix, and notes on what was mended.
//! Tags need not balance, end or be declared; a document cut off in the middle gives the tree so far. Deliberately
//! absent: document types and the entities they declare (so nothing expands), encoding declarations (the text is decoded).

mod build;
mod clean;
mod names;

use std::borrow::Cow;

pub(super) use build::build;
pub(super) use clean::clean;

/// A node of the tree.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    /// Text, references resolved.
    Text(Cow<'a, str>),
    /// An element.
    Element(Element<'a>),
}

/// An element; `name` is lower case, with the usual prefix of its namespace (`dc:date`) or none for feeds' own elements.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element<'a> {
    pub(super) name: String,
    /// Names lower case as written, values with references resolved.
    pub(super) attrs: Vec<(String, String)>,
    pub(super) children: Vec<Node<'a>>,
}

impl<'t> Element<'t> {
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|n| if let Node::Element(e) = n { Some(e) } else { None })
    }

    /// Children named one of `names`.
    pub(super) fn all<'a>(&'a self, names: &'a [&'a str]) -> impl Iterator<Item = &'a Self> + use<'a, 't> {
        self.elements().filter(|e| names.contains(&e.name.as_str()))
    }

    /// The first child of the first of `names` that has one with text.
    pub(super) fn first(&self, names: &[&str]) -> Option<&Self> {
        names.iter().find_map(|name| self.elements().find(|e| e.name == *name && !e.is_blank()))
    }

    /// Trimmed text of [`Self::first`].
    pub(super) fn text_of(&self, names: &[&str]) -> Option<String> {
        self.first(names).map(|e| e.text().trim().to_owned())
    }

    /// All text inside, markup left out.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match &self.children[..] {
            [] => return Cow::Borrowed(""),
            [Node::Text(t)] => return Cow::Borrowed(t),
            _ => {}
        }
        let mut out = String::new();
        self.gather(&mut out);
        Cow::Owned(out)
    }

    /// Whether there is neither text nor an element inside.
    pub(super) fn is_blank(&self) -> bool {
        self.children.iter().all(|n| matches!(n, Node::Text(t) if t.trim().is_empty()))
    }

    fn gather(&self, out: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(t) => out.push_str(t),
                Node::Element(e) => e.gather(out),
            }
        }
    }

    /// What is inside as HTML: text that was escaped markup becomes markup, unless elements stand beside it.
    pub(super) fn inner_html(&self) -> Cow<'_, str> {
        if self.elements().next().is_none() {
            return self.text();
        }
        let mut out = String::new();
        self.children.iter().for_each(|n| write(n, &mut out));
        Cow::Owned(out)
    }

    /// What is inside as HTML, text being text.
    pub(super) fn inner_xhtml(&self) -> String {
        let mut out = String::new();
        self.children.iter().for_each(|n| write(n, &mut out));
        out
    }
}

fn write(node: &Node<'_>, out: &mut String) {
    const VOID: [&str; 7] = ["br", "hr", "img", "input", "col", "source", "wbr"];
    match node {
        Node::Text(t) => out.push_str(&quick_xml::escape::partial_escape(t.as_ref())),
        Node::Element(e) => {
            // `xhtml:p` is the `p` of HTML.
            let name = e.name.rsplit(':').next().unwrap_or_default();
            out.push('<');
            out.push_str(name);
            for (n, v) in e.attrs.iter().filter(|(n, _)| !n.starts_with("xmlns")) {
                out.push_str(&format!(" {n}=\"{}\"", quick_xml::escape::escape(v.as_str())));
            }
            out.push('>');
            e.children.iter().for_each(|n| write(n, out));
            if !VOID.contains(&name) {
                out.push_str(&format!("</{name}>"));
            }
        }
    }
}
