//! The shipped topic on a real portal's articles, in four renderings, when the samples are there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use tidings::{
    config::{self, presets},
    extract, model, text,
    topic::{Subject, Topics},
};

fn samples() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let folder = std::env::var_os("TIDINGS_SAMPLES").map_or(beside, PathBuf::from).join("discuz");
    folder.is_dir().then_some(folder)
}

fn shipped() -> Topics {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
    let settings = config::load(&path, &BTreeMap::new()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(settings.topics[0].id, "chip-export-controls");
    Topics::compile(&settings.topics[..1], &settings.vocabulary).unwrap()
}

#[test]
fn the_shipped_topic_finds_what_it_is_about_and_nothing_else() {
    let Some(folder) = samples() else { return };
    let topics = shipped();
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let by_aid: BTreeMap<i64, &serde_json::Value> =
        manifest["articles"].as_object().unwrap().values().map(|a| (a["aid"].as_i64().unwrap(), a)).collect();
    let source = model::Source {
        name: "Sample".into(),
        kind: model::SourceKind::Portal,
        time_zone: chrono_tz::Asia::Hong_Kong,
        recipe: presets::get("discuz").unwrap(),
        ..model::Source::at("sample", "http://127.0.0.1:8810/portal.php".parse().unwrap())
    };
    let now = chrono::DateTime::from_timestamp(1_796_000_000, 0).unwrap();
    let mut tried = 0;
    for rendering in ["utf8", "gbk", "big5", "big5_s2t"] {
        let here = folder.join(rendering);
        for line in std::fs::read_to_string(here.join("URLS.txt")).unwrap().lines() {
            let (file, rest) = line.split_once(' ').unwrap();
            let url: url::Url = rest.rsplit(' ').next().unwrap().parse().unwrap();
            let aid = url.query_pairs().find(|(k, _)| k == "aid").and_then(|(_, v)| v.parse().ok());
            let Some(about) = aid.and_then(|aid: i64| by_aid.get(&aid)) else { continue };
            let bytes = std::fs::read(here.join(file)).unwrap();
            let headers = std::fs::read_to_string(here.join(format!("{file}.headers"))).unwrap();
            let kind = headers.lines().find_map(|l| l.strip_prefix("Content-Type: "));
            let decoded = text::decode(&bytes, None, kind);
            let page = extract::Page { url: &url, text: &decoded.text };
            let Ok(draft) = extract::article(page, None, &source, now) else { continue };
            let found =
                !topics.matches(&Subject { title: &draft.title, text: &draft.text, ..Subject::default() }).is_empty();
            // One page of several may not say it all.
            if !(file.contains("multipage") && about["topic"] == "chip") {
                assert_eq!(found, about["topic"] == "chip", "{rendering}/{file}: {}", draft.title);
                tried += 1;
            }
        }
    }
    assert!(tried >= 40, "{tried}");
}
