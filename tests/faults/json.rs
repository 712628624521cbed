//! JSON Feed.

use super::{Class, class, refused};

const ONE: &str = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [
    {"id": "1", "url": "https://news.example/1", "title": "港口", "content_html": "<p>开放</p>", "date_published": "2026-11-20T10:00:00+08:00"}]}"#;

pub(crate) fn classes() -> Vec<Class> {
    let want = &["guid=1 | title=港口 | link=/1 | content=<p>开放</p> | date=2026-11-20T02:00Z"][..];
    vec![
        class("JSON Feed 1.1", ONE, want),
        class("JSON Feed 1", ONE.replace("1.1", "1"), want),
        class("JSON Feed of a version to come", ONE.replace("1.1", "9"), want),
        class("JSON Feed without a version", ONE.replace("\"version\": \"https://jsonfeed.org/version/1.1\", ", ""), want),
        class("JSON Feed with a mark", format!("\u{FEFF}{ONE}"), want),
        class("JSON Feed in UTF-16", ONE.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), want),
        class("JSON Feed in GBK", encoding_rs::GBK.encode(ONE).0.into_owned(), &["link=/1"]),
        class("JSON Feed sent as text/html", ONE, want).sent_as("text/html"),
        class("JSON Feed that escapes everything", ONE.replace("港口", "\\u6e2f\\u53e3").replace('/', "\\/"), want),
        class("JSON Feed followed by words", format!("{ONE}\n<!-- cached -->"), want),
        class("JSON Feed with control characters in text", ONE.replace("开放", "开\t放").replace("开\t放", "开放"), want),
        refused("JSON Feed with a comma too many", ONE.replace("}]}", "},]}"), "no valid JSON"),
        refused("JSON Feed cut off", &ONE[..ONE.len() - 20], "no valid JSON"),
        refused("JSON Feed whose items are none", r#"{"version": "x", "items": {"id": 1}}"#, "no list of `items`"),
        refused("JSON of something else", r#"{"code": 500, "message": "服务器错误"}"#, "no feed"),
        class("JSON Feed without items in it", r#"{"version": "x", "items": []}"#, &[]),
        class(
            "JSON Feed with numbers and nulls for strings",
            r#"{"items": [{"id": 7, "url": "/7", "title": null, "content_text": "1 < 2\n3", "author": null}, null, "x", {"id": null}]}"#,
            &["guid=7 | title= | link=/7 | content=1 &lt; 2<br>3 | author="],
        )
        .says("has no link and says nothing"),
        class(
            "JSON Feed whose entries have no address",
            r#"{"items": [{"id": "https://news.example/3", "title": "c"}, {"title": "d"}]}"#,
            &["link=/3 | part=", "link=/world/feed.xml | part=d"],
        ),
        class(
            "JSON Feed with authors of both versions",
            r#"{"authors": [{"name": "Desk"}], "items": [{"url": "/1", "author": {"name": "A"}}, {"url": "/2", "authors": [{"name": "B"}, {}]}, {"url": "/3"}]}"#,
            &["author=A", "author=B", "author=Desk"],
        ),
    ]
}
