//! Feeds are valid whatever stands in the stories: what is written is read back by another library.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use chrono::{DateTime, TimeDelta, Utc};
use feed_rs::model::Feed;
use proptest::prelude::*;
use quick_xml::events::Event;
use serde_json::Value;
use tidings::{
    model::{ArticleRow, Draft, Evidence, Field, Match, Outlet, StoryItem},
    render::{Content, FeedFacts, Outline, atom, clean, cut, json, opml, rss},
};
use url::Url;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn url(s: &str) -> Url {
    Url::parse(s).unwrap()
}

fn facts() -> FeedFacts {
    let (base, home) = (url("https://news.example.org/feeds/chip"), url("https://news.example.org/"));
    FeedFacts::new("chip", "Chips & controls", base, home, "news.example.org,2026")
}

fn outlet(source: &str, name: &str, title: &str) -> Outlet {
    Outlet {
        source: source.into(),
        name: name.into(),
        url: format!("https://{source}.example/a/1?x=1&y=2"),
        title: title.into(),
        first_seen_at: at(3),
    }
}

fn story(n: i64) -> StoryItem {
    let found = |found: &str, field, excerpt: &str, count| Evidence {
        term: "出口管制".into(),
        found: found.into(),
        field,
        excerpt: excerpt.into(),
        count,
    };
    StoryItem {
        number: 100 + n,
        lead: ArticleRow {
            id: 10 * n,
            story: n,
            source: "harbor".into(),
            draft: Draft {
                url: url("https://harbor.example/a/1?x=1&y=2"),
                title: "港口城市宣布新的晶片出口管制 <b>細則</b> & more".into(),
                text: format!("第一段談出口管制。\n{}", "第二段很長。".repeat(80)),
                html: "<p>第一段談<b>出口管制</b>。]]&gt;</p><p>x ]]> y</p>".into(),
                published: Some(at(-30)),
                modified: None,
                author: Some("林小明".into()),
                origin: Some("Harbor Wire".into()),
                language: Some("zh-Hant".into()),
                image: Some(url("https://harbor.example/i.jpg?a=1&b=2")),
                canonical: None,
                section: None,
                tags: vec![],
                comments: None,
                next: None,
            },
            first_seen_at: at(0),
            revised_at: at(60),
            revision: 2,
        },
        outlets: vec![outlet("harbor", "港口日報", "港口城市宣布"), outlet("delta", "Delta <News>", "New chip rules")],
        matches: vec![Match {
            topic: "chip-export-controls".into(),
            score: 7.5,
            evidence: vec![
                found("出口管制", Field::Title, "晶片出口管制", 1),
                found("出口管制", Field::Body, "第一段談出口管制 & <i>", 3),
            ],
        }],
    }
}

fn read(text: &str) -> Feed {
    feed_rs::parser::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn rss_and_atom_carry_the_story() {
    let stories = [story(1), story(2)];
    for text in [rss(&facts(), &stories), atom(&facts(), &stories)] {
        let feed = read(&text);
        assert_eq!(feed.title.unwrap().content, "Chips & controls");
        assert_eq!(feed.updated.unwrap().timestamp(), at(60).timestamp());
        let ids: Vec<_> = feed.entries.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(ids, ["tag:news.example.org,2026:story/1", "tag:news.example.org,2026:story/2"]);
        let e = &feed.entries[0];
        assert_eq!(e.title.as_ref().unwrap().content, "港口城市宣布新的晶片出口管制 ‹b›細則‹/b› & more");
        assert_eq!(e.links[0].href, "https://harbor.example/a/1?x=1&y=2");
        assert_eq!(e.published, Some(at(-30)));
        assert_eq!(e.authors[0].name.as_deref(), Some("林小明"));
        let terms: Vec<_> = e.categories.iter().map(|c| c.term.as_str()).collect();
        assert_eq!(terms[..2], ["chip-export-controls", "出口管制"]);
        let body = e.content.as_ref().unwrap().body.as_ref().unwrap();
        assert!(body.contains("<p>x ]]> y</p>"), "{body}");
        assert!(body.contains("第一段談<mark>出口管制</mark> &amp; &lt;i&gt;"), "{body}");
        assert!(
            body.contains("Also reported by: <a href=\"https://delta.example/a/1?x=1&amp;y=2\">Delta &lt;News&gt;</a>")
        );
        assert!(body.contains("from Harbor Wire"));
    }
}

#[test]
fn rss_says_what_the_board_asks() {
    let text = rss(&facts(), &[story(1)]);
    let channel = rss::Channel::read_from(text.as_bytes()).unwrap();
    assert_eq!(channel.ttl(), Some("5"));
    assert_eq!(channel.last_build_date(), Some(at(60).to_rfc2822().as_str()));
    let own = &channel.extensions()["atom"]["link"][0];
    assert_eq!(
        (own.attrs["rel"].as_str(), own.attrs["href"].as_str()),
        ("self", "https://news.example.org/feeds/chip.rss")
    );
    let item = &channel.items()[0];
    assert!(!item.guid().unwrap().is_permalink());
    assert_eq!(item.author(), None);
    let source = item.source().unwrap();
    assert_eq!((source.url(), source.title()), ("https://harbor.example/", Some("港口日報")));
    let dc = item.dublin_core_ext().unwrap();
    assert_eq!((dc.languages()[0].as_str(), dc.sources().len()), ("zh-Hant", 0));
    let origin = item.categories().last().unwrap();
    assert_eq!((origin.domain(), origin.name()), (Some("tag:news.example.org,2026:origin"), "Harbor Wire"));
    assert_eq!(item.extensions()["media"]["content"][0].attrs["url"], "https://harbor.example/i.jpg?a=1&b=2");
}

#[test]
fn atom_dates_and_languages_are_the_storys() {
    let feed: atom_syndication::Feed = atom(&facts(), &[story(1)]).parse().unwrap();
    let entry = &feed.entries[0];
    assert_eq!(entry.updated, at(60) + TimeDelta::microseconds(1), "no two alike: story 1");
    assert_eq!(entry.title.lang.as_deref(), Some("zh-Hant"));
    assert_eq!(entry.source.as_ref().unwrap().title.value, "港口日報");
    assert!(
        entry.links.iter().any(|l| l.rel == "related" && l.title.as_deref() == Some("Delta <News>: New chip rules"))
    );
    let own: Vec<_> = feed.links.iter().filter(|l| l.rel == "self").map(|l| l.href.as_str()).collect();
    assert_eq!(own, ["https://news.example.org/feeds/chip.atom"]);
}

#[test]
fn an_address_is_written_alike_in_every_format() {
    let mut s = story(1);
    s.lead.draft.url = "https://harbor.example/a?x=[1]|{2}".parse().unwrap();
    s.lead.draft.image = Some("https://img.example/a|b.jpg".parse().unwrap());
    for text in [rss(&facts(), &[s.clone()]), atom(&facts(), &[s.clone()]), json(&facts(), &[s.clone()])] {
        for address in ["https://harbor.example/a?x=%5B1%5D%7C%7B2%7D", "https://img.example/a%7Cb.jpg"] {
            assert!(text.contains(address), "{address}: {text}");
        }
    }
}

#[test]
fn json_feed_has_the_evidence_as_data() {
    let text = json(&facts(), &[story(1)]);
    assert_eq!(read(&text).entries[0].id, "tag:news.example.org,2026:story/1");
    let feed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["feed_url"], "https://news.example.org/feeds/chip.json");
    let item = &feed["items"][0];
    assert_eq!(item["language"], "zh-Hant");
    assert_eq!(item["image"], "https://harbor.example/i.jpg?a=1&b=2");
    assert_eq!(item["authors"][0]["name"], "林小明");
    let own = &item["_tidings"];
    assert_eq!(
        (own["story"].as_i64(), own["number"].as_i64(), own["revision"].as_i64()),
        (Some(1), Some(101), Some(2))
    );
    assert_eq!(own["origin"], "Harbor Wire");
    assert_eq!(own["matches"][0]["score"], 7.5);
    assert_eq!(own["matches"][0]["evidence"][1]["found"], "出口管制");
    assert_eq!(own["outlets"][1]["name"], "Delta <News>");
}

#[test]
fn an_excerpt_stands_for_the_content_when_asked() {
    let short = FeedFacts { content: Content::Excerpt, ..facts() };
    for text in [rss(&short, &[story(1)]), atom(&short, &[story(1)]), json(&short, &[story(1)])] {
        let feed = read(&text);
        let entry = &feed.entries[0];
        let body = entry.content.as_ref().unwrap().body.clone().unwrap();
        assert!(body.contains("<p>第一段談出口管制。 第二段很長。"), "{body}");
        assert!(!body.contains("]]>") && body.chars().filter(|c| *c == '長').count() < 60);
    }
}

#[test]
fn a_feed_never_outgrows_its_bound() {
    let mut big = story(1);
    big.lead.draft.html = format!("<p>{}</p>", "x".repeat(5 << 20));
    let stories = [big.clone(), big.clone(), story(3)];
    let text = rss(&facts(), &stories);
    assert!(text.len() < 9 << 20, "{}", text.len());
    let feed = read(&text);
    let body = |n: usize| feed.entries[n].content.as_ref().unwrap().body.clone().unwrap();
    assert!(body(1).contains("第二段很長。"), "the second carries the excerpt");
    assert!(body(2).contains("x ]]> y"), "the third still has room");
}

#[test]
fn empty_feeds_are_valid_and_never_change() {
    let feed = read(&atom(&facts(), &[]));
    assert_eq!(feed.updated.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
    let channel = rss::Channel::read_from(rss(&facts(), &[]).as_bytes()).unwrap();
    assert_eq!((channel.last_build_date(), channel.items().len()), (None, 0));
    assert!(read(&json(&facts(), &[])).entries.is_empty());
}

#[test]
fn the_query_of_a_narrowed_feed_is_kept() {
    let narrow = FeedFacts { base: url("https://news.example.org/feeds/chip?source=delta"), ..facts() };
    assert!(atom(&narrow, &[]).contains("href=\"https://news.example.org/feeds/chip.atom?source=delta\""));
}

#[test]
fn long_and_absent_titles_have_a_stand_in() {
    let (mut long, mut none) = (story(1), story(2));
    long.lead.draft.title = "長".repeat(5_000);
    none.lead.draft.title = " \u{0}\n".into();
    let feed = read(&rss(&facts(), &[long, none]));
    let title = |n: usize| feed.entries[n].title.as_ref().unwrap().content.clone();
    assert_eq!(title(0), format!("{}…", "長".repeat(299)));
    assert!(title(1).starts_with("第一段談出口管制。"));
}

#[test]
fn dates_beyond_the_formats_are_clamped() {
    let mut s = story(1);
    s.lead.draft.published = Some(DateTime::<Utc>::MIN_UTC);
    s.lead.revised_at = DateTime::<Utc>::MAX_UTC;
    for text in [rss(&facts(), &[s.clone()]), atom(&facts(), &[s.clone()]), json(&facts(), &[s.clone()])] {
        assert_eq!(
            read(&text).entries[0].published.unwrap().to_rfc3339(),
            at(0).to_rfc3339(),
            "no article is that old"
        );
    }
    s.lead.draft.published = Some(at(600));
    assert_eq!(read(&atom(&facts(), &[s])).entries[0].published, Some(at(0)), "no younger than its first sight");
}

#[test]
fn only_web_addresses_become_links() {
    let mut s = story(1);
    s.outlets[1].url = "javascript:alert(1)".into();
    s.lead.draft.image = Some(url("data:image/png;base64,AAAA"));
    for text in [rss(&facts(), &[s.clone()]), atom(&facts(), &[s.clone()])] {
        assert!(!text.contains("javascript:") && !text.contains("data:image"), "{text}");
    }
}

#[test]
fn opml_lists_every_feed() {
    let address = url("https://news.example.org/feeds/chip.atom?a=1&b=2");
    let feeds = [Outline { title: "Chips & \"controls\"".into(), url: address, is_page: false }];
    assert_eq!(
        opml("tidings <all>", &feeds, &[("Sources", &[])]),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><opml version=\"2.0\"><head><title>tidings &lt;all&gt;</title></head>\
         <body><outline type=\"rss\" text=\"Chips &amp; &quot;controls&quot;\" title=\"Chips &amp; &quot;controls&quot;\" \
         xmlUrl=\"https://news.example.org/feeds/chip.atom?a=1&amp;b=2\"/></body></opml>"
    );
}

/// Every character, and the ones that break writers far more often than by chance.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "]]>",
            "<![CDATA[",
            "&amp;",
            "&#0;",
            "<",
            ">",
            "\"",
            "'",
            "&",
            "\u{0}",
            "\u{B}",
            "\u{FFFE}",
            "\u{FFFF}",
            "\r",
            "\n",
            "\u{85}",
            "\u{2028}",
            "</title>",
            "-->",
            "<?",
            "芯片",
            "\u{202E}",
            "x",
            " ",
        ])
        .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|p| p.concat())
}

/// Tags balance, and text and attributes hold no entity that XML does not know.
fn well_formed(text: &str) -> Result<(), String> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Eof => return Ok(()),
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let value = attribute.map_err(|e| e.to_string())?.value;
                    quick_xml::escape::unescape(&value).map_err(|e| e.to_string())?;
                }
            }
            Event::GeneralRef(entity) if !entity.is_char_ref() => {
                let known = ["amp", "lt", "gt", "quot", "apos"].contains(&&*entity);
                known.then_some(()).ok_or("an entity that XML does not know")?;
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn hostile_strings_give_documents_that_parse(s in prop::collection::vec(hostile(), 12), score in any::<f64>()) {
        let mut item = story(7);
        let d = &mut item.lead.draft;
        (d.title, d.text, d.html) = (format!("t{}", s[0]), s[1].clone(), s[2].clone());
        (d.author, d.origin, d.language) = (Some(s[3].clone()), Some(s[4].clone()), Some(s[5].clone()));
        item.outlets[1].name = s[6].clone();
        item.outlets[1].title = s[7].clone();
        item.outlets[1].url = format!("https://delta.example/{}", s[7]);
        item.lead.draft.image = Url::parse(&format!("https://harbor.example/{}?{}&{}", s[7], s[8], s[7])).ok();
        item.outlets[0].name = s[8].clone();
        item.matches[0].score = score;
        item.matches[0].topic = s[9].clone();
        for e in &mut item.matches[0].evidence {
            (e.found, e.excerpt, e.term) = (s[10].clone(), s[11].clone(), s[9].clone());
        }
        let facts = FeedFacts { title: format!("f{}", s[6]), authority: s[3].clone(), ..facts() };
        let expected = cut(&clean(&item.lead.draft.title), 300);
        let closes = expected.split("</").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        let in_xml = if closes { expected.replace('<', "‹").replace('>', "›") } else { expected.clone() };
        let items = [item];
        for text in [rss(&facts, &items), atom(&facts, &items)] {
            prop_assert!(well_formed(&text).is_ok(), "{:?}: {text}", well_formed(&text));
            let is_legal = |c| matches!(c, '\n' | '\t' | ' '..='\u{FFFC}' | '\u{10000}'..);
            prop_assert!(text.chars().all(is_legal), "{text}");
            let feed = feed_rs::parser::parse(text.as_bytes()).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
            prop_assert_eq!(&feed.entries[0].title.as_ref().unwrap().content, &in_xml);
        }
        let feed: Value = serde_json::from_str(&json(&facts, &items)).unwrap();
        prop_assert_eq!(feed["items"][0]["title"].as_str().unwrap(), expected);
        prop_assert_eq!(rss(&facts, &items), rss(&facts, &items));
    }
}
