//! Every feed is what the standards and validators ask for, and says the same to two libraries, whatever stands in the articles.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

use crate::world::{Told, World, at, on_both, path, source, told};

/// Titles that break writers and readers.
fn hostile() -> Vec<String> {
    [
        "]]> <![CDATA[ & &amp; &#0; < > \" '",
        "港口\u{1}\u{B}\u{1B}\u{85}\u{FFFE}\u{FFFF}\u{FFFD}芯片",
        "\u{202E}كتاب\u{202C} \u{2066}عنوان\u{2069} mixed",
        "</title></item><script>alert(1)</script>",
        "<?xml version=\"1.0\"?>",
        "line\r\nbreak\u{2028}and\ttab",
        "😀𠮷\u{E0001}",
        "",
        "   ",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["長".repeat(5_000)])
    .collect()
}

/// Names that pass for HTML, or have an address of mail in them.
const NAMES: [&str; 3] = ["Desk </b> &nbsp; & S&P500", "林知远 <lin@mail.example>", "A&amp;B </I>"];

async fn furnish(w: &World) {
    w.store.sync_sources(&[source("a", NAMES[0]), source("b", NAMES[2])], at(0)).await.unwrap();
    w.topics.send_modify(|topics| topics[0].title = NAMES[0].into());
    for (n, title) in hostile().into_iter().enumerate() {
        let author = NAMES[n % NAMES.len()];
        let n = i64::try_from(n).unwrap() + 1;
        let mut one = Told { title, author, ..told("a", n, &format!("港口新闻{n} ]]> <b>&amp;"), &["chip"]) };
        w.tell(&one).await;
        one.source = "b";
        one.n += 100;
        w.tell(&one).await;
    }
    w.edit(&told("a", 2, "港口新闻2，已更正", &["chip"]), true).await;
    w.edit(&told("a", 3, "港口新闻3，已更正", &["chip"]), true).await;
    let states = [("a".to_owned(), "failing", "the server <said> no & more".to_owned())];
    w.store.note_states(&states, at(2_000)).await.unwrap();
    w.store.sync_sinks(&["chat"], at(2_000)).await.unwrap();
    let states = [("chat".to_owned(), "failing", "the receiver <answered> ]]> 500".to_owned())];
    w.store.note_sink_states(&states, at(2_000)).await.unwrap();
}

/// Asks Python what is wrong with the files, and what feedparser reads in them.
fn checked(folder: &Path, files: &[String]) -> BTreeMap<String, Value> {
    let python = std::env::var("TIDINGS_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/feeds/check.py");
    let ran = Command::new(&python).arg(script).args(files).current_dir(folder).output();
    let ran = ran.unwrap_or_else(|e| panic!("this test needs {python}: run scripts/test ({e})"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

#[tokio::test]
async fn feeds_are_valid_and_two_libraries_read_the_same() {
    on_both(8, |w| async move {
        furnish(&w).await;
        let json = w.json("/feeds/chip.json").await;
        let archive = path(json["next_url"].as_str().unwrap()).replace(".json", "");
        let mut paths = vec!["/feeds/chip/changes.atom".to_owned(), "/feeds/incidents.atom".into()];
        for feed in ["/feeds/chip", "/feeds/all", "/feeds/source/b", "/feeds/rice", &archive] {
            paths.extend(["rss", "atom", "json"].map(|format| format!("{feed}.{format}")));
        }
        for more in ["?content=none", "?content=excerpt&limit=100", "?q=港口&limit=100", "?source=b&since=2"] {
            paths.extend(["rss", "atom", "json"].map(|format| format!("/feeds/all.{format}{more}")));
        }
        let folder = tempfile::tempdir().unwrap();
        let (mut files, mut bodies) = (vec![], BTreeMap::new());
        for (n, path) in paths.iter().enumerate() {
            let extension = ["rss", "atom", "json"].into_iter().find(|e| path.contains(&format!(".{e}"))).unwrap();
            let file = format!("{n}.{extension}");
            let body = w.text(path).await;
            std::fs::write(folder.path().join(&file), &body).unwrap();
            bodies.insert(file.clone(), (path.clone(), body));
            files.push(file);
        }
        for (file, found) in checked(folder.path(), &files) {
            let (path, body) = &bodies[&file];
            assert_eq!(found["wrong"], serde_json::json!([]), "{path}: {body}");
            if !path.contains(".json") {
                assert_eq!(found["bozo"], "", "{path}");
                alike(path, body, &found);
            }
        }
    })
    .await;
}

/// What feedparser and feed-rs read is the same.
fn alike(path: &str, body: &str, theirs: &Value) {
    let ours = feed_rs::parser::parse(body.as_bytes()).unwrap();
    assert_eq!(theirs["title"].as_str(), ours.title.as_ref().map(|t| t.content.as_str()), "{path}");
    let entries = theirs["entries"].as_array().unwrap();
    assert_eq!(entries.len(), ours.entries.len(), "{path}");
    for (theirs, ours) in entries.iter().zip(&ours.entries) {
        assert_eq!(theirs["id"], ours.id, "{path}");
        assert_eq!(theirs["title"].as_str(), ours.title.as_ref().map(|t| t.content.as_str()), "{path}");
        let link = ours.links.iter().find(|l| l.rel.as_deref().is_none_or(|r| r == "alternate")).unwrap();
        assert_eq!(theirs["link"], link.href.as_str(), "{path}");
        let published = ours.published.unwrap().format("%FT%T").to_string();
        assert_eq!(theirs["published"], published.as_str(), "{path}");
        let terms: Vec<&str> = ours.categories.iter().map(|c| c.term.as_str()).collect();
        assert_eq!(theirs["terms"], serde_json::json!(terms), "{path}");
        if let Some(content) = ours.content.as_ref().and_then(|c| c.body.as_ref()) {
            assert_eq!(theirs["content"].as_str(), Some(content.trim()), "{path}");
        }
        if path.contains("/changes") || path.contains("/incidents") {
            continue;
        }
        assert_eq!(theirs["author"].as_str(), ours.authors[0].name.as_deref(), "{path}");
        assert_eq!(theirs["image"], serde_json::json!(["https://img.example/1.jpg?a=1&b=2"]), "{path}");
    }
}
