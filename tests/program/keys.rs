//! Keys of feeds, and lists of subscriptions, by the commands.

use crate::process::{Daemon, Folder, output};
use crate::support::TestDb;

const CONFIG: &str = "[[topics]]\nid = \"chip\"\nquery = \"芯片\"\n[[sources]]\nid = \"one\"\n\
                      url = \"http://127.0.0.1:9/feed\"\n";

#[test]
fn a_key_opens_its_feed_until_it_is_revoked_and_stands_in_no_log() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for db in runtime.block_on(TestDb::both()) {
        println!("on {}", db.name);
        let folder = Folder::with(CONFIG);
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str()), ("TIDINGS_LOG_LEVEL", "trace")];
        let mut daemon = Daemon::start(&folder.path(), &env);
        let run = |arguments: &[&str]| {
            let ran = output(&folder.path(), arguments, &env);
            (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned())
        };
        let (code, address) = run(&["key", "add", "chip", "--note", "Lin"]);
        assert_eq!(code, Some(0));
        let path = address.trim().strip_prefix("http://127.0.0.1:8473").unwrap();
        let key = path.trim_start_matches("/feeds/_/").trim_end_matches(".atom");
        assert!(key.len() == 40 && key.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
        let feed = daemon.get(path);
        assert!(feed.status == 200 && feed.body.contains("<title>chip</title>"), "{}", feed.body);
        assert_eq!(daemon.get(&path.replace(".atom", ".xml")).status, 404);
        let (_, listed) = run(&["key", "list"]);
        assert!(listed.contains("opens chip") && listed.contains("Lin") && !listed.contains(key), "{listed}");
        assert_eq!(run(&["key", "add", "nothing"]).0, Some(2));
        assert_eq!((run(&["key", "revoke", "1"]).0, run(&["key", "revoke", "1"]).0), (Some(0), Some(2)));
        let gone = daemon.wait_for(path, |a| a.status == 404);
        assert!(!gone.body.contains(key), "{}", gone.body);
        let said = daemon.said();
        assert!(said.contains("listening on") && !said.contains(key), "{said}");
    }
}

#[test]
fn subscriptions_go_in_and_out() {
    let folder = Folder::with(CONFIG);
    let list = output(&folder.path(), &["export"], &[]);
    let list = String::from_utf8_lossy(&list.stdout)
        .replace("<body>", "<body><outline text=\"Two\" xmlUrl=\"https://two.example/f\"/>");
    std::fs::write(folder.path().join("list.opml"), list).unwrap();
    let imported = output(&folder.path(), &["import", "list.opml"], &[]);
    let text = String::from_utf8_lossy(&imported.stdout).into_owned();
    assert!(text.contains("id = \"two-example-f\"") && !text.contains("127.0.0.1"), "only what is new: {text}");
    std::fs::write(folder.path().join("config.toml"), format!("{CONFIG}{text}")).unwrap();
    let checked = output(&folder.path(), &["check"], &[]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("2 sources"), "{checked:?}");
    assert_eq!(output(&folder.path(), &["import", "config.toml"], &[]).status.code(), Some(2), "no OPML");
}
