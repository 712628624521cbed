//! `tidings topic` and `tidings explain`, on what is stored.

use std::collections::BTreeSet;

use crate::process::{Folder, output};
use crate::whole::{databases, portal};

#[test]
fn a_query_is_tried_on_what_is_stored() {
    let (runtime, portal) = portal();
    portal.publish(usize::MAX, chrono::Utc::now());
    for db in databases(&runtime) {
        let folder = Folder::with(&portal.config());
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str())];
        let run = |arguments: &[&str]| output(&folder.path(), arguments, &env);
        let told = |arguments: &[&str]| -> serde_json::Value {
            let out = run(arguments);
            assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
            serde_json::from_slice(&out.stdout).unwrap()
        };
        assert!(run(&["run", "--once"]).status.success());
        let own = told(&["topic", "test", "chip-export-controls", "--json", "--limit", "1000"]);
        let count = |report: &serde_json::Value, key: &str| report[key].as_array().unwrap().len();
        let keys = |topic: &str| {
            portal.published().into_iter().filter(|a| a.topic == topic).map(|a| a.key).collect::<BTreeSet<_>>().len()
        };
        let matches = count(&own, "best");
        assert!(matches >= keys("chip") && own["matches"] == matches, "{matches} articles of {} stories", keys("chip"));
        assert_eq!(
            own["by_day"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>(),
            matches as u64
        );
        assert_eq!((count(&own, "gained"), count(&own, "lost"), &own["behind"]), (0, 0, &false.into()));
        assert!(own["best"][0]["match"]["evidence"].as_array().is_some_and(|e| !e.is_empty()));
        // Another query in its place: what it gains and loses adds up.
        let other = told(&[
            "topic",
            "test",
            "chip-export-controls",
            "--query",
            "title:的 OR title:the",
            "--json",
            "--limit",
            "9",
        ]);
        assert_eq!(
            other["matches"].as_u64().unwrap() + count(&other, "lost") as u64,
            matches as u64 + count(&other, "gained") as u64
        );
        let strict = told(&["topic", "test", "chip-export-controls", "--threshold", "1000", "--json"]);
        assert_eq!((&strict["matches"], count(&strict, "lost")), (&0.into(), matches));
        assert_eq!(strict["nearest"][0]["missing"].as_array().map(Vec::len), Some(0), "only the score is missing");
        // One article, clause by clause.
        let url = own["best"][0]["url"].as_str().unwrap();
        let said = told(&["explain", url, "--topic", "chip-export-controls", "--json"]);
        assert_eq!((&said[0]["stored"], &said[0]["tree"]["holds"]), (&true.into(), &true.into()));
        assert_eq!(said[0]["match"], own["best"][0]["match"], "the same reasons and score");
        let text = String::from_utf8(run(&["explain", url]).stdout).unwrap();
        assert!(text.contains("chip-export-controls matches, score"), "{text}");
        assert!(text.contains("yes ") && text.contains(" in title"), "{text}");
    }
}

#[test]
fn what_cannot_be_tried_is_said() {
    let (runtime, portal) = portal();
    let folder = Folder::with(&portal.config());
    let db = databases(&runtime).into_iter().next().unwrap();
    let run = |arguments: &[&str]| {
        let out = output(&folder.path(), arguments, &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
        (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (code, said) = run(&["topic", "test", "--query", "芯片 AND (出口管制"]);
    assert_eq!(code, Some(2));
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].contains("never closed"), "{said}");
    assert_eq!(lines[2].find('^'), Some("  ".len() + "芯片 AND ".chars().count() + 2), "under the parenthesis: {said}");
    let (code, said) = run(&["topic", "test", "chips"]);
    assert!(code == Some(2) && said.contains("topics: chip-export-controls"), "{said}");
    let (code, said) = run(&["topic", "aliases", "nothing"]);
    assert!(code == Some(2) && said.contains("@semiconductor"), "{said}");
    let (code, said) = run(&["topic", "test"]);
    assert!(code == Some(2) && said.contains("--query"), "{said}");
    let (code, said) = run(&["topic", "test", "--query", "a", "--since", "x"]);
    assert!(code == Some(2) && said.contains("30d"), "{said}");
    let (code, said) = run(&["topic", "test", "--query", "a", "--threshold", "nan"]);
    assert!(code == Some(2) && said.contains("from 0 to 100000"), "{said}");
    assert_eq!(run(&["topic", "test", "--query", "a", "--since", "10000y"]).0, Some(0));
    let (code, said) = run(&["explain", "http://127.0.0.1:9/none"]);
    assert!(code == Some(1) && said.contains("not stored"), "{said}");
    let (code, said) = run(&["explain", "none"]);
    assert!(code == Some(2) && said.contains("no stored article"), "{said}");
}
