//! A tree as plain text: one paragraph a line.

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::ElementRef;

use crate::text::is_han;

use super::dom::{Step, attr, chars_in, walk};

/// Whether the element `name` stands on lines of its own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Labels below a country's that are not a site's own.
const SECOND_LEVELS: &[&str] = &["com", "co", "net", "org", "gov", "edu", "ac", "gob", "or", "ne", "go"];

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// Characters of it that are in links to the same site.
    pub(super) linked: usize,
    /// Whether it is in a heading.
    pub(super) heading: bool,
    /// Whether it is in a list.
    pub(super) item: bool,
}

/// The text of `root`: a line per paragraph, `<br>` or table row, without empty lines. Captions of pictures are none of
/// it, unless there is little else.
pub(super) fn lines(root: ElementRef<'_>, site: &[String]) -> Vec<Line> {
    let (body, captions) = read(root, site, false);
    let captioned = captions > body.iter().map(|l| l.text.chars().count()).sum::<usize>();
    if captioned { read(root, site, true).0 } else { body }
}

/// The lines of `root`, with or without captions, and the characters of those left out.
fn read(root: ElementRef<'_>, site: &[String], with_captions: bool) -> (Vec<Line>, usize) {
    let mut out = Lines::default();
    let mut preformatted = 0_usize;
    let mut left_out = 0;
    walk(root, |step| {
        match step {
            Step::Open(e) if e.value().name() == "figcaption" && !with_captions => {
                out.flush();
                left_out += chars_in(e);
                return false;
            }
            Step::Text(text) if preformatted > 0 => out.preformatted(text),
            Step::Text(text) => out.text(text),
            Step::Open(e) | Step::Close(e) => {
                let name = e.value().name();
                if name == "pre" {
                    preformatted =
                        preformatted.saturating_add_signed(if matches!(step, Step::Open(_)) { 1 } else { -1 });
                }
                let opens = matches!(step, Step::Open(_));
                if name == "br" || is_block(name) {
                    out.flush();
                } else if matches!(name, "td" | "th") {
                    out.text(" ");
                }
                let depth = match name {
                    "a" if stays(e, site) => &mut out.links,
                    "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => &mut out.headings,
                    "ul" | "ol" => &mut out.lists,
                    _ => return true,
                };
                *depth = depth.saturating_add_signed(if opens { 1 } else { -1 });
            }
        }
        true
    });
    out.flush();
    (out.done, left_out)
}

/// The lines of `root` that are not preformatted, captions included, each with the texts it is made of.
pub(super) fn texts(root: ElementRef<'_>) -> Vec<(String, Vec<NodeId>)> {
    let mut out = Lines::default();
    let mut found = Vec::new();
    let mut texts = Vec::new();
    for edge in root.traverse() {
        let (Edge::Open(node) | Edge::Close(node)) = edge;
        if let Some(text) = node.value().as_text().filter(|_| matches!(edge, Edge::Open(_))) {
            out.text(text);
            texts.push(node.id());
        } else if let Some(e) = node.value().as_element() {
            let name = e.name();
            if name == "br" || is_block(name) {
                out.flush();
                let texts = std::mem::take(&mut texts);
                found.extend(out.done.pop().map(|line| (line.text, texts)));
            } else if matches!(name, "td" | "th") {
                out.text(" ");
            }
        }
    }
    out.flush();
    found.extend(out.done.pop().map(|line| (line.text, texts)));
    found
}

/// Whether the link `e` leads to one of the domains `site`.
fn stays(e: ElementRef<'_>, site: &[String]) -> bool {
    let Some(href) = attr(e, "href") else { return false };
    match host(href) {
        Some(host) => site.contains(&domain(host)),
        None => !href.contains(':'),
    }
}

/// The host that `href` names, if it names one.
pub(super) fn host(href: &str) -> Option<&str> {
    let href = href.trim().trim_start_matches("https:").trim_start_matches("http:");
    href.strip_prefix("//")?.split(['/', '?', '#', ':']).next().filter(|h| !h.is_empty())
}

/// What `host` shares with the other hosts of its site: `news.a.example` is of `a.example`, `b.com.cn` of itself.
pub(super) fn domain(host: &str) -> String {
    let labels: Vec<&str> = host.rsplit('.').take(3).collect();
    let second = labels.get(1).is_some_and(|l| SECOND_LEVELS.contains(l)) && labels[0].len() == 2;
    let count = if second { 3 } else { 2 };
    let mut kept: Vec<&str> = labels.into_iter().take(count).collect();
    kept.reverse();
    kept.join(".").to_ascii_lowercase()
}

#[derive(Default)]
struct Lines {
    done: Vec<Line>,
    line: String,
    /// Characters of the line in links.
    linked: usize,
    /// Open elements of these kinds.
    links: usize,
    headings: usize,
    lists: usize,
    /// Whether any of the line was in a heading, a list.
    heading: bool,
    item: bool,
    /// White space seen since the last character: `Some(true)` when it holds a line break.
    gap: Option<bool>,
}

impl Lines {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' | '\r' => self.gap = Some(true),
                ' ' | '\t' | '\x0c' | '\u{a0}' => self.gap = Some(self.gap.unwrap_or(false)),
                // Invisible: joiners are left, for scripts that need them.
                '\u{200b}' | '\u{feff}' | '\u{ad}' | '\u{2060}' => {}
                c if c.is_control() => {}
                c => {
                    if let Some(broken) = self.gap.take()
                        && let Some(last) = self.line.chars().last()
                        && !(broken && is_wide(last) && is_wide(c))
                    {
                        self.line.push(' ');
                    }
                    self.line.push(c);
                    self.linked += usize::from(self.links > 0);
                    self.heading |= self.headings > 0;
                    self.item |= self.lists > 0;
                }
            }
        }
    }

    fn preformatted(&mut self, text: &str) {
        for (n, part) in text.split('\n').enumerate() {
            if n > 0 {
                self.flush();
            }
            self.line.extend(part.chars().filter(|c| !c.is_control() || *c == '\t'));
        }
    }

    fn flush(&mut self) {
        self.gap = None;
        let line = self.line.trim();
        if !line.is_empty() {
            let Self { linked, heading, item, .. } = *self;
            self.done.push(Line { text: line.to_owned(), linked, heading, item });
        }
        self.line.clear();
        (self.linked, self.heading, self.item) = (0, false, false);
    }
}

/// Whether `c` belongs to a script that puts no space where the source breaks a line.
fn is_wide(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3000}'..='\u{30ff}' | '\u{ff00}'..='\u{ffef}' | '“' | '”' | '‘' | '’' | '…' | '—')
}

#[cfg(test)]
mod tests {
    use super::super::dom;

    fn lines(html: &str) -> Vec<String> {
        super::lines(dom::fragment(html).root_element(), &[]).into_iter().map(|l| l.text).collect()
    }

    #[test]
    fn paragraphs_breaks_and_blocks_are_lines() {
        assert_eq!(
            lines("<p>　　一段。</p>\n<p>&nbsp; 二段<br>三段<br /><br/></p><div>四<b>段</b></div>尾"),
            ["一段。", "二段", "三段", "四段", "尾"]
        );
        assert_eq!(
            lines("<font>a <span>b</span>\n c</font><ul><li>x<li>y</ul><blockquote>q</blockquote>"),
            ["a b c", "x", "y", "q"]
        );
        assert!(lines("<p> </p><br>&nbsp;<div>\u{3000}</div>").is_empty());
    }

    #[test]
    fn table_rows_are_lines_of_cells() {
        assert_eq!(lines("<table><tr><th>甲<th>乙<tr><td> 1 <td>2</table>後"), ["甲 乙", "1 2", "後"]);
    }

    #[test]
    fn preformatted_text_keeps_its_lines() {
        assert_eq!(lines("<pre>a  b\n  c</pre>d  e"), ["a  b", "c", "d e"]);
    }

    #[test]
    fn word_markup_is_text() {
        let html =
            "<p class=MsoNormal><span><span lang=EN-US>&nbsp;</span>正文</span></p><o:p></o:p><p>次\n段<o:p></o:p></p>";
        assert_eq!(lines(html), ["正文", "次段"]);
    }

    #[test]
    fn a_line_break_in_the_source_parts_words_but_not_han() {
        assert_eq!(lines("<p>中\n文，\n字 one\ntwo\u{200b}</p>"), ["中文，字 one two"]);
    }
}
