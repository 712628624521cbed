//! Pages of a real portal, the same articles in four renderings: each decodes without loss, and all fold nearly alike.
//!
//! The samples are no part of the project: they are read from `TIDINGS_SAMPLES` or beside the repository, and where
//! they are absent there is nothing to check.

use std::{
    fs,
    path::{Path, PathBuf},
};

use scraper::{Html, Selector};
use tidings::model::Decided;
use tidings::text::{decode, fold};

/// Share of the characters of all articles that must fold alike in the original and in each other rendering.
const ALIKE_MIN: f64 = 0.999;

fn samples() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/samples"));
    let dir = std::env::var_os("TIDINGS_SAMPLES").map_or_else(beside, PathBuf::from).join("discuz");
    if !dir.is_dir() {
        eprintln!("no samples at {}: nothing checked", dir.display());
        return None;
    }
    Some(dir)
}

fn content_type(file: &Path) -> Option<String> {
    let headers = fs::read_to_string(format!("{}.headers", file.display())).ok()?;
    headers
        .lines()
        .find_map(|l| l.split_once(':').filter(|(k, _)| k.eq_ignore_ascii_case("content-type")))
        .map(|(_, v)| v.trim().to_owned())
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "html" || e == "xml"));
    files.sort();
    files
}

#[test]
fn every_rendering_decodes_without_loss() {
    let Some(dir) = samples() else { return };
    for (folder, used, by_header) in
        [("utf8", "UTF-8", true), ("gbk", "GBK", true), ("big5", "Big5", false), ("big5_s2t", "Big5", false)]
    {
        let files = documents(&dir.join(folder));
        assert!(files.len() > 20, "{folder}: {} documents", files.len());
        for file in files {
            let header = content_type(&file);
            let decoded = decode(&fs::read(&file).unwrap(), None, header.as_deref());
            let has_header = by_header && header.is_some_and(|h| h.contains("charset"));
            let decided = if has_header { Decided::Header } else { Decided::Document };
            assert_eq!((decoded.facts.used.as_str(), decoded.facts.decided), (used, decided), "{}", file.display());
            assert!(!decoded.text.contains('\u{FFFD}') && decoded.facts.garbled == 0.0, "{}", file.display());
        }
    }
}

#[test]
fn a_header_that_lies_changes_nothing() {
    let Some(dir) = samples() else { return };
    for (folder, used) in [("utf8", "UTF-8"), ("gbk", "GBK"), ("big5", "Big5"), ("big5_s2t", "Big5")] {
        for file in documents(&dir.join(folder)) {
            let bytes = fs::read(&file).unwrap();
            for lie in ["windows-1252", if used == "GBK" { "big5" } else { "gbk" }] {
                let decoded = decode(&bytes, None, Some(&format!("text/html; charset={lie}")));
                assert_eq!(decoded.facts.used, used, "{} said to be {lie}", file.display());
            }
        }
    }
}

#[test]
fn renderings_of_an_article_fold_alike() {
    let Some(dir) = samples() else { return };
    let body = Selector::parse("#article_content").unwrap();
    let text = |file: &Path| -> Option<String> {
        let page = Html::parse_document(&decode(&fs::read(file).ok()?, None, content_type(file).as_deref()).text);
        page.select(&body).next().map(|e| fold(&e.text().collect::<String>()).into_string())
    };
    for folder in ["gbk", "big5", "big5_s2t"] {
        let (mut all, mut same, mut unlike) = (0, 0, String::new());
        for file in documents(&dir.join("utf8")) {
            let name = file.file_name().unwrap();
            let (Some(one), Some(other)) = (text(&file), text(&dir.join(folder).join(name))) else { continue };
            let (n, equal) = common(&one, &other);
            all += n;
            same += equal;
            if n != equal {
                unlike.push_str(&format!("\n{} {} of {n}\n{one}\n{other}", name.display(), n - equal));
            }
        }
        assert!(all > 2_500, "{folder}: {all} characters");
        let rate = f64::from(same) / f64::from(all);
        println!("{folder}: {:.3} % of {all} characters", rate * 100.0);
        assert!(rate >= ALIKE_MIN, "{folder}: {:.3} % of {all} characters fold alike{unlike}", rate * 100.0);
    }
}

/// Characters of the longer text, and those in the longest common subsequence.
fn common(a: &str, b: &str) -> (u32, u32) {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row = vec![0; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (i, y) in b.iter().enumerate() {
            let above = row[i + 1];
            row[i + 1] = if x == y { diagonal + 1 } else { above.max(row[i]) };
            diagonal = above;
        }
    }
    (a.len().max(b.len()) as u32, row[b.len()])
}
