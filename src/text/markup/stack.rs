//! A model of the parser's stack of open elements, never deeper than the cap.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::tag::{
    BREAKOUT, CLOSES_P, FOREIGN, FORMATTING, INTEGRATION, MARKER, ROOT, SCOPE, SPECIAL, TABLE, Tag, VOID, class, is,
};

/// Open elements, one in another.
const DEPTH_MAX: usize = 256;
/// Open formatting elements, over all scopes.
const FORMATTING_MAX: usize = 64;
/// Equal open formatting elements; the standard ("Noah's Ark clause") keeps three.
const FORMATTING_EQUAL_MAX: usize = 3;
/// Formatting elements that the end of another one around them closes. The parser opens each again in what follows, beside
/// those that it has opened before, so that they nest without end.
const STRAYS_MAX: usize = 256;

/// Whether a tag may stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Granted,
    Refused,
}

#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    class: u16,
}

/// An entry of the list of active formatting elements.
enum Format<'a> {
    Marker,
    Element { name: &'a str, looks: u64 },
}

/// Open elements, outermost first.
#[derive(Default)]
pub(super) struct Stack<'a> {
    open: Vec<Open<'a>>,
    formats: Vec<Format<'a>>,
    /// How many of `open` are SVG or `MathML`.
    foreign: usize,
    /// Start tags that were refused for depth, by name: their end tags are refused too.
    refused: HashMap<String, u32>,
    strays: usize,
}

impl<'a> Stack<'a> {
    /// Whether any open element is SVG or `MathML`.
    pub(super) const fn has_foreign(&self) -> bool {
        self.foreign > 0
    }

    /// How many formatting elements are open.
    pub(super) const fn formatting_open(&self) -> usize {
        self.formats.len()
    }

    /// Takes the start tag `tag`, written `text`.
    pub(super) fn open(&mut self, tag: &Tag<'a>, class: u16, text: &str) -> Admission {
        if self.foreign > 0 {
            if tag.name.eq_ignore_ascii_case("font") {
                return Admission::Refused; // leaves SVG or stays in it, by its attributes
            }
            if is(class, BREAKOUT) && self.in_foreign() {
                self.leave_foreign();
            } else if self.in_foreign() {
                return if tag.self_closing { Admission::Granted } else { self.push(tag.name, class) };
            }
        }
        if is(class, ROOT) {
            return Admission::Granted;
        }
        if is(class, FOREIGN) && tag.self_closing {
            return Admission::Granted;
        }
        if is(class, TABLE) && !tag.name.eq_ignore_ascii_case("table") {
            return self.open_table_part(tag.name, class);
        }
        self.imply_ends(tag.name, class);
        if is(class, VOID) {
            return Admission::Granted;
        }
        // An anchor closes the one before it, so that they do not add up, and a list lives of them.
        let is_alone = tag.name.eq_ignore_ascii_case("a");
        if is(class, FORMATTING)
            && (self.strays > STRAYS_MAX && !is_alone || self.open_format(tag.name, text) == Admission::Refused)
        {
            return self.refuse(tag.name);
        }
        self.push(tag.name, class)
    }

    fn push(&mut self, name: &'a str, class: u16) -> Admission {
        if self.open.len() >= DEPTH_MAX {
            if is(class, FORMATTING) {
                self.drop_format(name);
            }
            return self.refuse(name);
        }
        self.open.push(Open { name, class });
        self.foreign += usize::from(is(class, FOREIGN));
        if is(class, MARKER) && !self.in_foreign() {
            self.formats.push(Format::Marker);
        }
        Admission::Granted
    }

    fn refuse(&mut self, name: &str) -> Admission {
        *self.refused.entry(name.to_ascii_lowercase()).or_default() += 1;
        Admission::Refused
    }

    /// Closes everything from `at` on.
    fn truncate(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(closed) = self.open.pop() else { return };
            self.foreign -= usize::from(is(closed.class, FOREIGN));
            if is(closed.class, MARKER) && self.formats.iter().any(|f| matches!(f, Format::Marker)) {
                while let Some(Format::Element { .. }) = self.formats.pop() {}
            }
        }
    }

    /// The innermost open element called one of `names`, not looked for beyond one that `stops`.
    fn find(&self, names: &[&str], stops: impl Fn(&Open<'a>) -> bool) -> Option<usize> {
        for (i, open) in self.open.iter().enumerate().rev() {
            if names.iter().any(|name| open.name.eq_ignore_ascii_case(name)) {
                return Some(i);
            }
            if stops(open) {
                return None;
            }
        }
        None
    }

    /// Takes an end tag.
    pub(super) fn close(&mut self, name: &str, class: u16) -> Admission {
        if !self.refused.is_empty()
            && let Some(count) = self.refused.get_mut(&name.to_ascii_lowercase())
            && *count > 0
        {
            *count -= 1;
            return Admission::Refused;
        }
        if is(class, FORMATTING) && !self.in_foreign() {
            self.close_format(name);
        } else if is(class, TABLE) {
            let at = self.find(&[name], |o| ends_table_scope(o.name) || is(o.class, FOREIGN));
            at.inspect(|&at| self.truncate(at));
        } else if is(class, SPECIAL) {
            const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];
            let name = [name];
            let names = if HEADINGS.iter().any(|h| h.eq_ignore_ascii_case(name[0])) { HEADINGS } else { &name };
            let at = self.find(names, |o| is(o.class, SCOPE | FOREIGN) || narrows(names[0], o.name));
            at.inspect(|&at| self.truncate(at));
        } else {
            let at = self.find(&[name], |o| is(o.class, SPECIAL));
            at.inspect(|&at| self.truncate(at));
        }
        Admission::Granted
    }

    /// Whether what comes next is read by the rules of SVG or `MathML`.
    fn in_foreign(&self) -> bool {
        self.foreign > 0
            && self.open.iter().rev().find(|o| is(o.class, FOREIGN | INTEGRATION)).is_some_and(|o| is(o.class, FOREIGN))
    }

    fn leave_foreign(&mut self) {
        while self.in_foreign() {
            self.truncate(self.open.len() - 1);
        }
    }

    /// Closes what the start tag `name` closes without an end tag.
    fn imply_ends(&mut self, name: &str, class: u16) {
        let named = |names: &[&str]| names.iter().any(|n| name.eq_ignore_ascii_case(n));
        let items: &[&str] = if named(&["li"]) {
            &["li"]
        } else if named(&["dd", "dt"]) {
            &["dd", "dt"]
        } else {
            &[]
        };
        if !items.is_empty() {
            let transparent = |n: &str| ["address", "div", "p"].iter().any(|t| n.eq_ignore_ascii_case(t));
            let at = self.find(items, |o| is(o.class, SPECIAL) && !transparent(o.name));
            at.inspect(|&at| self.truncate(at));
        }
        if is(class, CLOSES_P) {
            let at = self.find(&["p"], |o| is(o.class, SCOPE | FOREIGN) || o.name.eq_ignore_ascii_case("button"));
            at.inspect(|&at| self.truncate(at));
        }
        let closes_top: &[&str] = match name.len() {
            2 if class & CLOSES_P != 0 && name.as_bytes()[0].eq_ignore_ascii_case(&b'h') => {
                &["h1", "h2", "h3", "h4", "h5", "h6"]
            }
            2 if named(&["rt", "rp", "rb"]) => &["rt", "rp", "rb"],
            6 if named(&["option"]) => &["option"],
            8 if named(&["optgroup"]) => &["option", "optgroup"],
            _ => &[],
        };
        while self.open.last().is_some_and(|o| closes_top.iter().any(|n| o.name.eq_ignore_ascii_case(n))) {
            self.truncate(self.open.len() - 1);
        }
        if named(&["button"]) {
            let at = self.find(&["button"], |o| is(o.class, SCOPE | FOREIGN));
            at.inspect(|&at| self.truncate(at));
        }
        if named(&["a", "nobr"]) {
            self.close_format(name);
        }
    }

    /// Takes the start tag of a row, a cell or another part of a table.
    fn open_table_part(&mut self, name: &'a str, class: u16) -> Admission {
        let (row, cell) = (name.eq_ignore_ascii_case("tr"), is(class, MARKER) && !name.eq_ignore_ascii_case("caption"));
        let parents: &[&str] = match (row, cell) {
            (true, _) => &["table", "template", "tbody", "thead", "tfoot"],
            (_, true) => &["table", "template", "tbody", "thead", "tfoot", "tr"],
            _ => &["table", "template"],
        };
        let Some(at) = self.find(parents, |o| is(o.class, FOREIGN)) else {
            return Admission::Granted; // no table is open: the parser passes over the tag
        };
        self.truncate(at + 1);
        let parent = self.open[at].name;
        let is_body = !parent.eq_ignore_ascii_case("table") && !parent.eq_ignore_ascii_case("tr");
        let depth = self.open.len();
        // The parser supplies the row and the body that a cell lacks.
        if (row || cell) && parent.eq_ignore_ascii_case("table") {
            self.open.push(Open { name: "tbody", class: self::class("tbody") });
        }
        if cell && (is_body || parent.eq_ignore_ascii_case("table")) {
            self.open.push(Open { name: "tr", class: self::class("tr") });
        }
        let admission = self.push(name, class);
        if admission == Admission::Refused {
            self.open.truncate(depth);
        }
        admission
    }

    fn open_format(&mut self, name: &'a str, text: &str) -> Admission {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let looks = hasher.finish();
        let since_marker = self.formats.iter().rposition(|f| matches!(f, Format::Marker)).map_or(0, |i| i + 1);
        let equal = |f: &Format<'_>| matches!(f, Format::Element { looks: l, .. } if *l == looks);
        let equals = self.formats[since_marker..].iter().filter(|f| equal(f)).count();
        if equals >= FORMATTING_EQUAL_MAX
            && let Some(first) = self.formats[since_marker..].iter().position(equal)
        {
            self.formats.remove(since_marker + first);
        }
        if self.formats.len() >= FORMATTING_MAX {
            return Admission::Refused;
        }
        self.formats.push(Format::Element { name, looks });
        Admission::Granted
    }

    /// Forgets the last open formatting element `name` of this scope.
    fn drop_format(&mut self, name: &str) {
        let mut candidates = self.formats.iter().enumerate().rev().take_while(|(_, f)| !matches!(f, Format::Marker));
        let is_it = |f: &Format<'_>| matches!(f, Format::Element { name: n, .. } if n.eq_ignore_ascii_case(name));
        if let Some((at, _)) = candidates.find(|(_, f)| is_it(f)) {
            self.formats.remove(at);
        }
    }

    /// Closes the formatting element `name`; blocks opened inside it stay open.
    fn close_format(&mut self, name: &str) {
        self.drop_format(name);
        let Some(at) = self.find(&[name], |o| is(o.class, SCOPE | FOREIGN)) else { return };
        if self.open[at..].iter().any(|o| is(o.class, SPECIAL)) {
            self.open.remove(at);
        } else {
            let is_active = |open: &&Open<'_>| {
                let is_it =
                    |f: &Format<'_>| matches!(f, Format::Element { name, .. } if name.eq_ignore_ascii_case(open.name));
                is(open.class, FORMATTING) && self.formats.iter().any(is_it)
            };
            self.strays += self.open[at + 1..].iter().filter(is_active).count();
            self.truncate(at);
        }
    }
}

fn ends_table_scope(name: &str) -> bool {
    ["table", "template"].iter().any(|n| name.eq_ignore_ascii_case(n))
}

/// Whether the search for an end tag's `name` stops at the open element `at`, beyond the common scope.
fn narrows(name: &str, at: &str) -> bool {
    let named = |n: &str| at.eq_ignore_ascii_case(n);
    (name.eq_ignore_ascii_case("li") && (named("ol") || named("ul")))
        || (name.eq_ignore_ascii_case("p") && named("button"))
}
