//! A `[[sources]]` block for what `tidings try` has seen.

use std::fmt::Write;

use url::Url;

use crate::model::{Listing, ListingKind};
use crate::text::is_han;

/// Characters of a name.
const NAME_CHARS_MAX: usize = 60;
/// Characters of an id.
const ID_CHARS_MAX: usize = 40;

/// A block for the list at `url`, ready to be pasted; `preset` reads it best, `time_zone` is what its dates were read in.
pub(super) fn block(url: &Url, listing: &Listing, preset: Option<&str>, time_zone: &str) -> String {
    let mut out = String::from("\n# To poll it, paste this into config.toml:\n[[sources]]\n");
    let o = &mut out;
    let _ = writeln!(o, "id = {}", quoted(&id(url)));
    if let Some(title) = listing.title.as_deref().map(name).filter(|t| !t.is_empty()) {
        let _ = writeln!(o, "name = {}", quoted(&title));
    }
    let _ = writeln!(o, "url = {}", quoted(url.as_str()));
    if let Some(preset) = preset {
        let _ = writeln!(o, "preset = {}", quoted(preset));
    }
    let is_page = matches!(listing.kind, ListingKind::Portal | ListingKind::Recipe);
    let dated = listing.entries.iter().any(|e| e.published.is_some());
    if is_page && dated {
        let is_chinese = listing.entries.iter().filter_map(|e| e.title.as_deref()).any(|t| t.chars().any(is_han));
        let (zone, note) = match (time_zone, is_chinese) {
            ("UTC", true) => ("Asia/Shanghai", "   # guessed by its language"),
            ("UTC", false) => ("UTC", "   # where its dates are: \"Asia/Shanghai\", \"America/New_York\" ..."),
            (set, _) => (set, ""),
        };
        let _ = writeln!(o, "time_zone = {}{note}", quoted(zone));
    }
    if is_page && !dated && !listing.entries.is_empty() {
        let _ = writeln!(o, "# no dates were seen in the list; those of the article pages are used");
    }
    if let Some(feed) = listing.feeds.first().filter(|_| is_page) {
        let _ = writeln!(o, "announced = \"ignore\"   # \"prefer\" or \"merge\" reads the feed it announces, {feed}");
    }
    out
}

/// `news-example` for `www.news.example/…`, with what tells its sections apart.
pub(super) fn id(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let path: Vec<&str> =
        url.path_segments().into_iter().flatten().filter(|s| !s.is_empty() && !s.contains('.')).collect();
    let numbered = url.query_pairs().find(|(n, _)| n.ends_with("id")).map(|(n, v)| format!("-{n}-{v}"));
    let whole =
        format!("{} {} {}", host.strip_prefix("www.").unwrap_or(host), path.join(" "), numbered.unwrap_or_default());
    let words: Vec<String> = whole
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    let mut id = String::new();
    for word in words {
        if id.len() + word.len() < ID_CHARS_MAX {
            id.push_str(if id.is_empty() { "" } else { "-" });
            id.push_str(&word);
        }
    }
    if id.is_empty() { "source".into() } else { id }
}

/// The title of the page, short enough to be a name.
pub(super) fn name(title: &str) -> String {
    let clean: String = title.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect();
    clean.trim().to_owned()
}

/// `s` as TOML writes it.
pub(super) fn quoted(s: &str) -> String {
    toml::Value::String(s.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config;
    use crate::model::Entry;

    fn listing(kind: ListingKind, title: &str) -> Listing {
        let mut entry = Entry::at("https://n.example/a/1".parse().unwrap());
        entry.published = chrono::DateTime::from_timestamp(1_796_000_000, 0);
        Listing {
            title: Some(title.into()),
            feeds: vec!["https://n.example/feed".parse().unwrap()],
            ..Listing::of(kind, vec![entry])
        }
    }

    #[test]
    fn what_is_proposed_can_be_pasted() {
        for (url, title, id) in [
            ("https://www.n.example/portal.php?mod=list&catid=12", "要闻 \"头条\" \\ 首页", "n-example-catid-12"),
            ("http://127.0.0.1:80/", "\u{7}", "127-0-0-1"),
            ("https://xn--fiq.example/news/world/", "World", "xn-fiq-example-news-world"),
        ] {
            let url: Url = url.parse().unwrap();
            let block = block(&url, &listing(ListingKind::Portal, title), Some("discuz"), "Asia/Hong_Kong");
            let settings =
                config::parse("config.toml", &block, &BTreeMap::new()).unwrap_or_else(|e| panic!("{e}\n{block}"));
            let source = &settings.sources[0];
            assert_eq!((source.id.as_str(), &source.url), (id, &url), "{block}");
            assert_eq!(source.time_zone, chrono_tz::Asia::Hong_Kong);
            assert!(source.recipe.list.item.is_some());
        }
    }

    #[test]
    fn a_feed_needs_little() {
        let url: Url = "https://n.example/rss".parse().unwrap();
        let block = block(&url, &listing(ListingKind::Feed, "N"), None, "UTC");
        assert!(!block.contains("time_zone") && !block.contains("announced") && !block.contains("preset"), "{block}");
    }
}
