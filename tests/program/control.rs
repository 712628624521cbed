//! Orders to a running daemon, by HTTP and from the command line, on both databases.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::{
    process::{Answer, Daemon, Folder, get, output},
    whole::{databases, portal},
};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// POSTs to `path` with extra header lines.
pub(crate) fn post(address: &str, path: &str, headers: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\n{headers}\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or_default();
    (status, text)
}

fn state(answer: &Answer, id: &str) -> String {
    let json = answer.json();
    let source = json["sources"].as_array().unwrap().iter().find(|s| s["id"] == id).unwrap();
    source["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_source_is_polled_paused_and_resumed() {
    let (runtime, portal) = portal();
    for db in databases(&runtime) {
        let config = portal.config().replace("every = \"10s\"", "every = \"1h\"");
        let folder = Folder::with(&config);
        let env = [("TIDINGS_DATABASE_URL", db.url.as_str()), ("TIDINGS_WEB_TOKEN", TOKEN)];
        let daemon = Daemon::start(&folder.path(), &env);
        let id = portal.outlets()[0].id;
        daemon.wait_for("/api/v1/sources", |a| state(a, id) == "ok");
        let url = format!("http://{}/", daemon.address);
        let command = |arguments: &[&str]| {
            let mut all = arguments.to_vec();
            all.extend(["--url", url.as_str()]);
            let out = output(&folder.path(), &all, &env);
            let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
            (out.status.code(), text)
        };

        let listings =
            || portal.requests().iter().filter(|r| r.path.contains("list") || r.path.contains("portal")).count();
        let before = listings();
        let (code, said) = command(&["poll", id]);
        assert!(code == Some(0) && said.contains("entries"), "{said}");
        assert!(listings() > before, "it was asked");

        let (code, said) = command(&["pause", id]);
        assert!(code == Some(0) && said.contains("paused"), "{said}");
        assert_eq!(state(&daemon.get("/api/v1/sources"), id), "paused");
        let (code, said) = command(&["poll", id]);
        assert!(code == Some(2) && said.contains("resume"), "{said}");
        daemon.wait_for("/feeds/incidents.atom", |a| a.body.contains("paused"));
        let (code, said) = command(&["release", id]);
        assert!(code == Some(2) && said.contains("nothing of"), "{said}");
        let (code, said) = command(&["resume", id]);
        assert!(code == Some(0), "{said}");
        assert_ne!(state(&daemon.get("/api/v1/sources"), id), "paused");
        let (code, said) = command(&["pause", "nobody"]);
        assert!(code == Some(2) && said.contains("no source nobody"), "{said}");

        let path = format!("/api/v1/sources/{id}/pause");
        let (status, text) = post(&daemon.address, &path, "");
        assert_eq!(status, 401, "orders need the token here as well");
        assert!(text.contains("www-authenticate: Bearer") && !text.contains("Basic"), "no password opens them: {text}");
        assert_eq!(post(&daemon.address, &path, "Authorization: Bearer 0123456789abcdef\r\n").0, 401);
        assert_eq!(get(&daemon.address, &path, &[]).status, 405);
        let (status, text) = post(&daemon.address, &path, &format!("Authorization: Bearer {TOKEN}\r\n"));
        assert!(status == 200 && text.contains("\"state\":\"paused\""), "{text}");
        daemon.signal("TERM");
        assert_eq!(daemon.wait(), Some(0));
    }
}

#[test]
fn without_a_token_nobody_gives_orders() {
    let (runtime, portal) = portal();
    let [db, _] = databases(&runtime);
    let folder = Folder::with(&portal.config());
    let daemon = Daemon::start(&folder.path(), &[("TIDINGS_DATABASE_URL", db.url.as_str())]);
    let (status, text) = post(&daemon.address, &format!("/api/v1/sources/{}/pause", portal.outlets()[0].id), "");
    assert!(status == 403 && text.contains("token_file"), "{text}");
}
