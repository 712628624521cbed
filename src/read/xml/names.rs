//! Namespaces: every name gets the prefix that its namespace usually has.

/// Part of a namespace's address (lower case), and its usual prefix; the empty prefix is for feeds' own elements.
const NAMESPACES: &[(&str, &str)] = &[
    ("purl.org/rss/1.0/modules/content", "content"),
    ("purl.org/rss/1.0/modules", "module"),
    ("purl.org/rss/1.0", ""),
    ("purl.org/net/rss1.1", ""),
    ("my.netscape.com/rdf/simple/0.9", ""),
    ("channel.netscape.com/rdf/simple/0.9", ""),
    ("backend.userland.com/rss", ""),
    ("blogs.law.harvard.edu/tech/rss", ""),
    ("www.rssboard.org/rss-specification", ""),
    ("www.w3.org/2005/atom", "atom"),
    ("purl.org/atom/ns", "atom"),
    ("purl.org/dc/elements", "dc"),
    ("purl.org/dc/terms", "dcterms"),
    ("search.yahoo.com/mrss", "media"),
    ("www.itunes.com/dtds/podcast", "itunes"),
    ("www.w3.org/1999/02/22-rdf-syntax-ns", "rdf"),
    ("www.w3.org/1999/xhtml", "xhtml"),
    ("www.sitemaps.org/schemas/sitemap", "sitemap"),
    ("www.google.com/schemas/sitemap/0", "sitemap"),
    ("www.google.com/schemas/sitemap-news", "news"),
    ("www.google.com/schemas/sitemap-image", "image"),
    ("www.w3.org/xml/1998/namespace", "xml"),
];
/// Declarations in force after this many are left out.
const DECLARED_MAX: usize = 200;
/// Prefixes that mean what they usually mean when no one declared them.
const KNOWN: &[&str] =
    &["atom", "content", "dc", "dcterms", "media", "itunes", "rdf", "xhtml", "news", "image", "sitemap", "xml", "rss"];

/// Namespaces in force.
#[derive(Default)]
pub(super) struct Scope {
    /// Declarations, innermost last, as (depth, prefix, usual prefix).
    declared: Vec<(usize, String, String)>,
    /// Whether the document is Atom, so that Atom's elements are the feed's own.
    is_atom: bool,
}

impl Scope {
    /// Takes note of a declaration by the element at `depth`; `prefix` is empty for the default namespace.
    pub(super) fn declare(&mut self, depth: usize, prefix: &str, address: &str) {
        if self.declared.len() >= DECLARED_MAX {
            return;
        }
        let address = address.trim().to_ascii_lowercase();
        let known = NAMESPACES.iter().find(|(part, _)| address.contains(part)).map(|(_, usual)| *usual);
        // An address that nobody knows keeps the names apart, but for prefixes that can only mean one thing.
        let usual = known.or_else(|| usual_of(prefix)).unwrap_or(if prefix.is_empty() { "" } else { prefix });
        self.declared.push((depth, prefix.to_ascii_lowercase(), usual.to_ascii_lowercase()));
    }

    /// Forgets what elements deeper than `depth` declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|(d, ..)| *d > depth) {
            self.declared.pop();
        }
    }

    /// The name of the root, which decides whose elements go without a prefix: Atom's in Atom, RSS's elsewhere.
    pub(super) fn root(&mut self, raw: &str) -> String {
        let name = self.name(raw);
        self.is_atom = matches!(name.as_str(), "feed" | "entry" | "atom:feed" | "atom:entry");
        self.name(raw)
    }

    /// `raw` with the usual prefix of its namespace.
    pub(super) fn name(&self, raw: &str) -> String {
        let raw = raw.to_ascii_lowercase();
        let (prefix, local) = raw.split_once(':').unwrap_or(("", &raw));
        let declared = self.declared.iter().rev().find(|(_, p, _)| p == prefix).map(|(.., usual)| usual.as_str());
        match declared.or_else(|| usual_of(prefix)).unwrap_or(prefix) {
            "" | "rss" | "sitemap" => local.to_owned(),
            "atom" if self.is_atom || prefix.is_empty() => local.to_owned(),
            usual => format!("{usual}:{local}"),
        }
    }
}

fn usual_of(prefix: &str) -> Option<&'static str> {
    KNOWN.iter().find(|k| k.eq_ignore_ascii_case(prefix)).copied()
}
