//! The text of a robots.txt, read by RFC 9309: which paths of a host our product token may visit.
//!
//! In: at most [`super::robots::ROBOTS_BYTES_MAX`] bytes of anything. Out: the rules of our group, and its
//! `Crawl-delay`. Deliberately absent: regular expressions. Matching takes at most one pass over the path per rule and
//! storage is the patterns themselves, so a hostile file costs no more than its own size.

use std::time::Duration;

use encoding_rs::Encoding;
use url::{Position, Url};

/// Longest Crawl-delay that is heeded.
pub(super) const CRAWL_DELAY_MAX: Duration = Duration::from_secs(60);

/// One `Allow` or `Disallow` line, its pattern normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: Box<[u8]>,
    allow: bool,
}

/// What a robots.txt says to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// Longest pattern first, `Allow` before `Disallow` of the same length: the first that matches decides.
    rules: Vec<Rule>,
    /// The gap asked for between two requests, at most [`CRAWL_DELAY_MAX`].
    pub(super) crawl_delay: Option<Duration>,
}

/// What one line says.
enum Line<'a> {
    Agent(&'a [u8]),
    Rule(bool, &'a [u8]),
    Delay(&'a [u8]),
}

impl Rules {
    /// The rules of `text` for `token`: those of every group that names it, else those of every group for `*`.
    pub(super) fn parse(token: &str, text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        // It is to be UTF-8 (RFC 9309, section 2.3), and some editors know better.
        let decoded = Encoding::for_bom(text).map(|(encoding, _)| encoding.decode(text).0);
        let text = decoded.as_deref().map_or(text, str::as_bytes);
        let (mut ours, mut anyones) = (None::<Self>, None::<Self>);
        let (mut for_us, mut for_any, mut heading) = (false, false, false);
        for line in text.split(|b| matches!(b, b'\n' | b'\r' | 0)).filter_map(read_line) {
            if let Line::Agent(agent) = line {
                if !heading {
                    (for_us, for_any, heading) = (false, false, true);
                }
                if names(agent, token) {
                    for_us = true;
                    ours.get_or_insert_default();
                } else if agent.first() == Some(&b'*') {
                    for_any = true;
                    anyones.get_or_insert_default();
                }
                continue;
            }
            heading = false;
            for group in [ours.as_mut().filter(|_| for_us), anyones.as_mut().filter(|_| for_any)].into_iter().flatten()
            {
                group.add(&line);
            }
        }
        let mut chosen = ours.or(anyones).unwrap_or_default();
        chosen.rules.sort_by(|a, b| b.pattern.len().cmp(&a.pattern.len()).then(b.allow.cmp(&a.allow)));
        chosen.rules.shrink_to_fit();
        chosen
    }

    fn add(&mut self, line: &Line<'_>) {
        match line {
            Line::Rule(_, []) => {}
            Line::Rule(allow, pattern) => {
                self.rules.push(Rule { pattern: normalise(pattern).into(), allow: *allow });
            }
            Line::Delay(value) => self.crawl_delay = self.crawl_delay.or_else(|| delay(value)),
            Line::Agent(_) => {}
        }
    }

    /// Whether `url` may be visited.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let path =
            normalise(&url.as_str().as_bytes()[url[..Position::BeforePath].len()..url[..Position::AfterQuery].len()]);
        self.rules.iter().find(|rule| matches(&rule.pattern, &path)).is_none_or(|rule| rule.allow)
    }

    /// Memory held, in bytes, roughly.
    pub(super) fn weight_bytes(&self) -> usize {
        size_of::<Self>() + self.rules.iter().map(|rule| size_of::<Rule>() + rule.pattern.len()).sum::<usize>()
    }
}

fn read_line(line: &[u8]) -> Option<Line<'_>> {
    let line = line.split(|b| *b == b'#').next().unwrap_or_default();
    let colon = line.iter().position(|b| *b == b':')?;
    let (key, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
    let is = |words: &[&str]| words.iter().any(|word| key.eq_ignore_ascii_case(word.as_bytes()));
    if is(&["user-agent", "useragent", "user agent"]) {
        Some(Line::Agent(value))
    } else if is(&["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"]) {
        Some(Line::Rule(false, value))
    } else if is(&["allow"]) {
        Some(Line::Rule(true, value))
    } else if is(&["crawl-delay", "crawldelay", "crawl delay"]) {
        Some(Line::Delay(value))
    } else {
        None
    }
}

/// Whether a `User-agent` value names the product `token`: its leading token counts, versions and the like do not.
fn names(agent: &[u8], token: &str) -> bool {
    let end = agent.iter().position(|b| !is_token(*b)).unwrap_or(agent.len());
    !token.is_empty() && agent[..end].eq_ignore_ascii_case(token.as_bytes())
}

fn is_token(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

/// The product token of a user agent: `tidings` of `tidings/1.0 (+https://example.org)`.
pub(super) fn product_token(user_agent: &str) -> &str {
    let end = user_agent.bytes().position(|b| !is_token(b)).unwrap_or(user_agent.len());
    &user_agent[..end]
}

fn delay(value: &[u8]) -> Option<Duration> {
    let seconds = std::str::from_utf8(value).ok()?.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0)?;
    Duration::try_from_secs_f64(seconds.min(CRAWL_DELAY_MAX.as_secs_f64())).ok()
}

/// One spelling for every way to percent-encode the same path (RFC 9309, section 2.2.2).
fn normalise(path: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut out = Vec::with_capacity(path.len());
    let mut at = 0;
    while at < path.len() {
        let decoded = match path[at..] {
            [b'%', high, low, ..] => digit(high).zip(digit(low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        let (byte, raw) = (decoded.unwrap_or(path[at]), decoded.is_none());
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        let kept = raw && byte.is_ascii_graphic() && !b"\"<>`{}^|\\".contains(&byte);
        if unreserved || kept {
            out.push(byte);
        } else {
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        at += if raw { 1 } else { 3 };
    }
    out
}

/// Whether `pattern` matches the start of `path`; `*` stands for anything, a last `$` for the end.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, anchored) = pattern.strip_suffix(b"$").map_or((pattern, false), |head| (head, true));
    let mut parts = pattern.split(|b| *b == b'*');
    let head = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(head) else { return false };
    let Some(last) = parts.next_back() else { return !anchored || rest.is_empty() };
    for part in parts {
        let Some(at) = find(rest, part) else { return false };
        rest = &rest[at + part.len()..];
    }
    if anchored { rest.ends_with(last) } else { find(rest, last).is_some() }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(text: &str, path: &str) -> bool {
        Rules::parse("tidings", text.as_bytes()).allows(&Url::parse(&format!("http://h.example{path}")).unwrap())
    }

    #[test]
    fn the_longest_rule_decides_and_a_tie_allows() {
        let text = "User-agent: *\nDisallow: /news\nAllow: /news/open\nDisallow: /news/open/draft\n";
        assert!(!allows(text, "/news/1"));
        assert!(allows(text, "/news/open/1"));
        assert!(!allows(text, "/news/open/draft9"));
        assert!(allows(text, "/other"));
        assert!(allows("User-agent: *\nDisallow: /p\nAllow: /p\n", "/p"));
    }

    #[test]
    fn what_an_editor_wrote_in_another_encoding_is_read() {
        let text = "User-agent: *\nDisallow: /a\n";
        let bytes: Vec<u8> = "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [bytes, [b"\xef\xbb\xbf", text.as_bytes()].concat()] {
            let rules = Rules::parse("tidings", &bytes);
            let allows = |path: &str| rules.allows(&Url::parse(&format!("https://h.example{path}")).unwrap());
            assert!(!allows("/a/1") && allows("/b"), "{bytes:?}");
        }
    }

    #[test]
    fn patterns_may_hold_stars_and_an_end() {
        let cases = [
            ("/*.php$", "/a/b.php", false),
            ("/*.php$", "/a/b.php?x=1", true),
            ("/*.php", "/a/b.php?x=1", false),
            ("/a*b*c", "/axxbyyczz", false),
            ("/a*b*c", "/axxcyyb", true),
            ("/$", "/", false),
            ("/$", "/x", true),
            ("*", "/x", false),
            ("/a$b", "/a$b", false),
            ("/*?page=*&", "/l?page=2&s=1", false),
            ("/ab*ba$", "/aba", true),
            ("/x**y", "/x-y", false),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(allows(&format!("User-agent: *\nDisallow: {pattern}\n"), path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn spellings_of_one_path_are_one() {
        for pattern in ["/新闻", "/%E6%96%B0%E9%97%BB", "/%e6%96%b0%e9%97%bb"] {
            let text = format!("User-agent: *\nDisallow: {pattern}\n");
            assert!(!allows(&text, "/新闻/1") && !allows(&text, "/%e6%96%B0%E9%97%BB/1"), "{pattern}");
        }
        assert!(!allows("User-agent: *\nDisallow: /%61b\n", "/ab"));
        assert!(allows("User-agent: *\nDisallow: /a%2Fb\n", "/a/b"));
    }

    #[test]
    fn our_group_beats_the_one_for_all() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: Tidings/9.9\nDisallow: /mine\n";
        assert!(allows(text, "/x") && !allows(text, "/mine"));
        let empty = "User-agent: tidings\nDisallow:\nUser-agent: *\nDisallow: /\n";
        assert!(allows(empty, "/x"));
        let bare = "User-agent: *\nDisallow: /\nUser-agent: tidings";
        assert!(allows(bare, "/x"));
        let twice =
            "User-agent: tidings\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: tidings\nDisallow: /c";
        assert!(!allows(twice, "/a") && allows(twice, "/b") && !allows(twice, "/c"));
        let shared = "User-agent: other\nSitemap: x\nUser-agent: tidings\nDisallow: /a\n";
        assert!(!allows(shared, "/a"));
        assert!(allows("User-agent: tidingsbot\nDisallow: /\n", "/a"));
        assert!(allows("Disallow: /\n", "/a"), "rules outside any group bind nobody");
    }

    #[test]
    fn sloppy_files_are_understood() {
        assert!(!allows("\u{feff}USER-AGENT : *  # all\r\nDISALLOW:/a # no\r\n", "/a"));
        assert!(!allows("user-agent: *\rdisalow: /a\r", "/a"));
        assert!(allows("<!doctype html><html><a href='http://x/'>Disallow: /</a>", "/a"));
        assert!(allows("", "/a"));
    }

    #[test]
    fn the_delay_is_of_our_group_and_bounded() {
        let of = |text: &str| Rules::parse("tidings", text.as_bytes()).crawl_delay;
        assert_eq!(of("User-agent: *\nCrawl-delay: 2.5\n"), Some(Duration::from_millis(2500)));
        assert_eq!(of("User-agent: *\nCrawl-delay: 86400\n"), Some(CRAWL_DELAY_MAX));
        assert_eq!(of("User-agent: other\nCrawl-delay: 30\nUser-agent: *\nDisallow: /x\n"), None);
        for junk in ["-1", "nan", "inf", "ten", "", "1e999"] {
            assert_eq!(of(&format!("User-agent: *\nCrawl-delay: {junk}\n")), None, "{junk}");
        }
    }

    #[test]
    fn the_token_is_the_first_word_of_the_user_agent() {
        assert_eq!(product_token("tidings/0.1 (+https://e.example)"), "tidings");
        assert_eq!(product_token("My_News-Bot"), "My_News-Bot");
        assert_eq!(product_token("(none)"), "");
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(text in proptest::collection::vec(any::<u8>(), 0..2000), path in "/\\PC{0,60}") {
            let url = Url::parse(&format!("http://h.example{path}")).unwrap();
            let rules = Rules::parse("tidings", &text);
            let _ = rules.allows(&url);
            prop_assert!(rules.weight_bytes() <= size_of::<Rules>() + text.len() * (size_of::<Rule>() + 3));
        }

        #[test]
        fn any_lines_give_an_answer(lines in proptest::collection::vec("(User-agent|Allow|Disallow|Crawl-delay): ?[*/$a%0-9]{0,12}", 0..40), path in "/[a/$*%0-9]{0,20}") {
            let url = Url::parse(&format!("http://h.example{path}")).unwrap();
            let _ = Rules::parse("tidings", lines.join("\n").as_bytes()).allows(&url);
        }

        #[test]
        fn a_plain_pattern_is_a_prefix(pattern in "/[a-z/]{0,8}", path in "/[a-z/]{0,12}") {
            let url = Url::parse(&format!("http://h.example{path}")).unwrap();
            let text = format!("User-agent: *\nDisallow: {pattern}\n");
            prop_assert_eq!(Rules::parse("tidings", text.as_bytes()).allows(&url), !url.path().starts_with(&pattern));
        }
    }
}
