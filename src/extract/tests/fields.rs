//! What a page says of its article besides the text.

use super::{PARAGRAPHS, read};
use crate::model::Draft;

fn page(head: &str, before: &str) -> Draft {
    read(&format!("<title>章程公布了 - 海港网</title>{head}<div><h1>章程公布了</h1>{before}{PARAGRAPHS}</div>"))
        .unwrap()
}

fn data(json: &str) -> String {
    format!(r#"<script type="application/ld+json">{json}</script>"#)
}

#[test]
fn linked_data_tells_most() {
    let draft = page(
        &data(
            r#"{"@context":"https://schema.org","@type":"NewsArticle","headline":"章程公布了","author":{"name":"甲"},
            "datePublished":"2026-05-05T10:00:00+08:00","dateModified":"2026-05-05T12:00:00+08:00","articleSection":["航運","港口"],
            "keywords":"章程, 船東,章程","commentCount":"7","inLanguage":{"name":"zh-Hant"},"image":{"url":"/i.jpg"},
            "mainEntityOfPage":{"@id":"https://port.example/news/7.html#top"},"isBasedOn":{"name":"乙報"}}"#,
        ),
        "",
    );
    assert_eq!((draft.section.as_deref(), draft.comments), (Some("航運, 港口"), Some(7)));
    assert_eq!(draft.tags, ["章程", "船東"]);
    assert_eq!(draft.canonical.unwrap().as_str(), "https://port.example/news/7.html");
    assert_eq!((draft.author.as_deref(), draft.origin.as_deref()), (Some("甲"), Some("乙報")));
    assert_eq!(draft.published.unwrap().to_rfc3339(), "2026-05-05T02:00:00+00:00");
    assert_eq!(draft.modified.unwrap().to_rfc3339(), "2026-05-05T04:00:00+00:00");
    assert_eq!(draft.image.unwrap().as_str(), "https://port.example/i.jpg");
    assert_eq!(draft.language.as_deref(), Some("zh-Hant"));
}

#[test]
fn open_graph_and_meta_come_next() {
    let draft = page(
        "<link rel=canonical href=/a/7><meta property=article:section content=航運><meta property=article:tag content=章程>
        <meta property=article:tag content=船東><meta name=keywords content='章程，港口'>",
        "",
    );
    assert_eq!(draft.canonical.unwrap().as_str(), "https://port.example/a/7");
    assert_eq!(draft.section.as_deref(), Some("航運"));
    assert_eq!(draft.tags, ["章程", "船東", "港口"]);
    let front = page("<link rel=canonical href=https://port.example/>", "");
    assert_eq!(front.canonical, None, "the front page is no article's address");
}

#[test]
fn microdata_comes_before_text() {
    let draft = page(
        "",
        "<div class=crumb><a href=/>首页</a> &gt; <a href=/s>航運</a> &gt; 正文</div><span itemprop=author><b itemprop=name>甲乙</b></span>
        <time itemprop=datePublished datetime=2026-05-05T10:00:00+08:00>昨天</time><time itemprop=dateModified datetime=2026-05-05T11:00:00+08:00></time>
        <p class=info>来源：海报 | 评论( 12 )</p>",
    );
    assert_eq!((draft.author.as_deref(), draft.origin.as_deref()), (Some("甲乙"), Some("海报")));
    assert_eq!((draft.section.as_deref(), draft.comments), (Some("航運"), Some(12)));
    assert_eq!(draft.published.unwrap().to_rfc3339(), "2026-05-05T02:00:00+00:00");
    assert_eq!(draft.modified.unwrap().to_rfc3339(), "2026-05-05T03:00:00+00:00");
}

#[test]
fn times_without_a_zone_are_the_sources() {
    for (before, at) in [
        ("<p class=info>2026-05-05 10:00</p>", "2026-05-05T02:00:00+00:00"),
        ("<time datetime='2026-05-05T10:00:00+09:00'>昨天</time>", "2026-05-05T01:00:00+00:00"),
        ("<p class=info>发布时间：2026年5月5日 10时00分</p>", "2026-05-05T02:00:00+00:00"),
    ] {
        assert_eq!(page("", before).published.unwrap().to_rfc3339(), at, "{before}");
    }
}

#[test]
fn every_label_of_an_origin_is_known() {
    for (line, origin) in [
        ("來源：海報", "海報"),
        ("来源: 海报", "海报"),
        ("稿源：海报", "海报"),
        ("文章来源：海报", "海报"),
        ("本文转自：海报", "海报"),
        ("转载自：海报", "海报"),
        ("Source: Harbor Wire", "Harbor Wire"),
        ("via Harbor Wire", "Harbor Wire"),
    ] {
        assert_eq!(page("", &format!("<p class=source>{line}</p>")).origin.as_deref(), Some(origin), "{line}");
    }
}

#[test]
fn a_publisher_elsewhere_is_the_origin() {
    let publisher = |name: &str, url: &str| {
        let json = format!(r#"{{"@type":"NewsArticle","publisher":{{"name":"{name}","url":"{url}"}}}}"#);
        page(&format!("<meta property=og:site_name content='Harbor Portal'>{}", data(&json)), "").origin
    };
    assert_eq!(publisher("Sea Times", "https://news.port.example/").as_deref(), None, "on the same domain");
    assert_eq!(publisher("Sea Times", "https://www.seatimes.test/").as_deref(), Some("Sea Times"));
    assert_eq!(publisher("Harbor Portal Ltd", "https://harbor.test/").as_deref(), None, "the site by another name");
}
