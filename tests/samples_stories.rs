//! One story over the renderings of a real portal, when the samples are there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::path::{Path, PathBuf};

use tidings::{config::presets, extract, fingerprint, model, text};

fn samples() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    let folder = std::env::var_os("TIDINGS_SAMPLES").map_or(beside, PathBuf::from).join("discuz");
    folder.is_dir().then_some(folder)
}

fn draft(folder: &Path, file: &str) -> Option<model::Draft> {
    let bytes = std::fs::read(folder.join(file)).unwrap();
    let headers = std::fs::read_to_string(folder.join(format!("{file}.headers"))).unwrap();
    let kind = headers.lines().find_map(|l| l.strip_prefix("Content-Type: "));
    let decoded = text::decode(&bytes, None, kind);
    let url = "http://127.0.0.1:8810/portal.php?mod=view&aid=1".parse().unwrap();
    let source = model::Source {
        name: "Sample".into(),
        kind: model::SourceKind::Portal,
        time_zone: chrono_tz::Asia::Hong_Kong,
        recipe: presets::get("discuz").unwrap(),
        ..model::Source::at("sample", "http://127.0.0.1:8810/portal.php".parse().unwrap())
    };
    let now = chrono::DateTime::from_timestamp(1_796_000_000, 0).unwrap();
    extract::article(extract::Page { url: &url, text: &decoded.text }, None, &source, now).ok()
}

#[test]
fn the_renderings_of_an_article_are_one_story() {
    let Some(folder) = samples() else { return };
    let mut files: Vec<String> = std::fs::read_dir(folder.join("utf8"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|f| f.starts_with("article_") && f.ends_with(".html"))
        .collect();
    files.sort();
    let (mut same, mut all) = (0, 0);
    for file in &files {
        let Some(original) = draft(&folder.join("utf8"), file) else { continue };
        let digest = fingerprint::digest(&original.title, &original.text);
        for rendering in ["gbk", "big5", "big5_s2t"] {
            let other =
                draft(&folder.join(rendering), file).unwrap_or_else(|| panic!("{rendering}/{file} is no article"));
            all += 1;
            if fingerprint::digest(&other.title, &other.text) == digest {
                same += 1;
            } else {
                let (a, b) = (text::fold(&original.text), text::fold(&other.text));
                let at = a.as_str().chars().zip(b.as_str().chars()).position(|(x, y)| x != y);
                let show = |s: &str| s.chars().skip(at.unwrap_or(0).saturating_sub(4)).take(12).collect::<String>();
                println!("{rendering}/{file} differs: {} | {}", show(a.as_str()), show(b.as_str()));
            }
        }
    }
    println!("{same} of {all} renderings have the digest of the original");
    assert!(all >= 30 && same * 100 >= all * 90, "{same} of {all}");
}
