//! The architecture, as a test: no module imports from its own floor or above, no file outgrows a screenful of ideas.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Top-level module and the floor it stands on. A module may import only from lower floors.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("text", 1),
    ("cadence", 2),
    ("read", 2),
    ("extract", 2),
    ("fingerprint", 2),
    ("topic", 2),
    ("search", 2),
    ("render", 2),
    ("websub", 2),
    ("fetch", 3),
    ("store", 3),
    ("telemetry", 3),
    ("bus", 3),
    ("mail", 3),
    ("visit", 4),
    ("frontier", 5),
    ("ledger", 5),
    ("publish", 5),
    ("serve", 5),
    ("config", 6),
    ("daemon", 7),
    ("demo", 8),
    ("cli", 9),
];
const FILE_LINES_MAX: usize = 400;

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(m, _)| *m == module).map(|(_, f)| *f)
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for e in fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if e.is_dir() {
            walk(&e, out)
        } else if e.extension().is_some_and(|x| x == "rs") {
            out.push(e)
        }
    }
}

fn untidy(src: &Path) -> Vec<String> {
    let (mut files, mut errors) = (vec![], vec![]);
    walk(src, &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let rel = file.strip_prefix(src).unwrap();
        let module = rel.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_string();
        let lines = text.lines().count();
        if lines > FILE_LINES_MAX {
            errors.push(format!("{}: {lines} lines", rel.display()));
        }
        let Some(here) = floor(&module) else {
            if !matches!(module.as_str(), "main" | "lib") {
                errors.push(format!("{}: module not on any floor", rel.display()));
            }
            continue;
        };
        for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for hit in line.match_indices("crate::").map(|(i, _)| &line[i + 7..]) {
                let target: String = hit.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if target == module {
                    continue;
                }
                if floor(&target).is_none_or(|there| there >= here) {
                    errors.push(format!("{}:{}: {module} (floor {here}) imports {target}", rel.display(), n + 1));
                }
            }
        }
    }
    errors
}

#[test]
fn the_crate_stands_on_its_floors() {
    assert_eq!(untidy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")), Vec::<String>::new());
}

#[test]
fn what_does_not_stand_on_its_floor_is_found() {
    let scratch = tempfile::tempdir().unwrap();
    let d = scratch.path();
    fs::create_dir_all(d.join("read")).unwrap();
    fs::write(d.join("read/mod.rs"), "use crate::model::Item;\n").unwrap();
    fs::write(d.join("model.rs"), "pub struct Item;\n").unwrap();
    fs::write(d.join("visit.rs"), "use crate::{fetch::Fetcher};\nuse crate::read::read;\n").unwrap();
    assert_eq!(untidy(d), ["visit.rs:1: visit (floor 4) imports "]); // nested `crate::{..}` is refused on purpose
    fs::write(d.join("visit.rs"), "use crate::fetch::Fetcher;\nuse crate::read::read;\n").unwrap();
    assert!(untidy(d).is_empty());
    fs::write(d.join("read/feed.rs"), "use crate::store::Store;\n").unwrap();
    fs::write(d.join("misc.rs"), "\n").unwrap();
    let mut e = untidy(d);
    e.sort();
    assert_eq!(e, ["misc.rs: module not on any floor", "read/feed.rs:1: read (floor 2) imports store"]);
}
