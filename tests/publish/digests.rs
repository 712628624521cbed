//! Mails that a real SMTP server took: each story once, under one name, though daemons and servers die.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc, Weekday};
use tidings::{
    fetch,
    mail::{Settings, Tls},
    model::ChangeKind,
    publish::{self, Digest, Schedule},
    store::Store,
};
use tokio_util::sync::CancellationToken;

use crate::servers::{Mail, Server};
use crate::support::TestDb;
use crate::world::World;

const CHANGES: i64 = 40;
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Due at these instants.
fn digest(server: &Server, occasions: impl IntoIterator<Item = DateTime<Utc>>) -> Digest {
    let at = occasions.into_iter().map(|at| at.time()).collect();
    Digest {
        id: "morning".into(),
        title: "早报".into(),
        server: Settings { host: "127.0.0.1".into(), port: server.port, tls: Tls::None, login: None },
        private: true,
        from: "News <news@here.example>".parse().unwrap(),
        to: vec!["lin@there.example".parse().unwrap(), "Chen <chen@there.example>".parse().unwrap()],
        topics: vec!["chip".into()],
        topic_titles: vec!["Chips & <more>".into()],
        kinds: vec![ChangeKind::StoryNew],
        schedule: Schedule { at, days: WEEK.to_vec(), zone: chrono_tz::UTC },
        stories_max: 100,
        timeout: Duration::from_secs(3),
    }
}

/// What a mail server does beyond what its command line can be told.
const CHOOSY: &str = r"
from aiosmtpd import handlers, smtp

class Choosy(handlers.Mailbox):
    @classmethod
    def from_cli(cls, parser, folder, asks):
        if asks == 'login':
            made = smtp.SMTP.__init__
            def make(self, *given, **named):
                made(self, *given, **named, auth_required=True, auth_require_tls=False, authenticator=known)
            smtp.SMTP.__init__ = make
        return cls(folder)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('gone'):
            return '550 5.1.1 nobody is called so'
        if address.startswith('full'):
            return '452 4.2.2 no room for now'
        envelope.rcpt_tos.append(address)
        return '250 OK'

def known(server, session, envelope, mechanism, data):
    return smtp.AuthResult(success=(data.login, data.password) == (b'me', b'T0K3N'), handled=False)
";

/// A mail server which has no mailbox for addresses that begin with `gone`, and none for now for those that begin with `full`; it
/// lets nobody in but `me` with the password `T0K3N`, if it asks for one.
fn choosy(asks: bool) -> Server {
    let asks = if asks { "login" } else { "open" };
    let start = |port: u16, folder: &Path| {
        std::fs::write(folder.join("choosy.py"), CHOOSY).unwrap();
        let (mails, listen) = (folder.join("mails").display().to_string(), format!("127.0.0.1:{port}"));
        ["-n", "-l", &listen, "-c", "choosy.Choosy", &mails, asks].map(ToOwned::to_owned).to_vec()
    };
    Server::start("aiosmtpd", start)
}

/// An occasion in so many milliseconds.
fn soon(ms: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::milliseconds(ms)
}

/// What mails tell, whoever forgets those that he has had: the titles by mail, in order.
fn told(mails: &[Mail]) -> Vec<Vec<String>> {
    let mut by_id: BTreeMap<String, Mail> = BTreeMap::new();
    let mut told = vec![];
    for mail in mails {
        let id = mail.header("Message-ID")[0].to_owned();
        let lines = mail.text.lines().filter_map(|line| line.strip_prefix("* ")).map(ToOwned::to_owned);
        match by_id.get(&id) {
            Some(before) => assert_eq!((&before.text, &before.html), (&mail.text, &mail.html), "{id}"),
            None => told.push(lines.collect()),
        }
        by_id.insert(id, mail.clone());
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_that_comes_late_is_called_by_the_day_it_was_due() {
    for db in TestDb::both().await {
        let server = Server::smtp(&[]);
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![digest(&server, [])]).await;
        world.publish("第1条", true).await;
        let due = "2026-02-28T07:00:00Z".parse().unwrap();
        world.store.open_period("morning", due, 1).await.unwrap();
        let telling = world.tell("one");
        world.until("morning", |row| row.cursor == 1).await;
        telling.end().await;
        assert_eq!(server.mails()[0].header("Subject"), ["早报: 1 story, 2026-02-28"]);
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_story_is_told_in_one_mail_though_daemons_and_servers_die() {
    for db in TestDb::both().await {
        println!("on {}", db.name);
        let mut server = Server::smtp(&[]);
        let every = (0..40).map(|n| soon(500 * n)).collect::<Vec<_>>();
        let digest = Digest { stories_max: 3, ..digest(&server, every) };
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![digest]).await;
        let dying = async {
            for life in 0..10_u64 {
                let holder = format!("daemon {life}");
                let alive = world.live(&holder, &db.url);
                tokio::time::sleep(Duration::from_millis(250 + 83 * (life % 4))).await;
                if life % 4 == 2 {
                    server.kill();
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    server.rise();
                }
                alive.kill().await;
                world.forget(&holder).await;
            }
        };
        let ingest = async {
            for n in 1..=CHANGES {
                world.publish(&format!("第{n}条"), n % 2 == 0).await;
                tokio::time::sleep(Duration::from_millis(70)).await;
            }
        };
        tokio::join!(dying, ingest);
        let telling = world.tell("the last");
        let row = world.until("morning", |row| row.cursor == CHANGES).await;
        telling.end().await;
        assert_eq!((row.delivered, row.tries, row.trying_to), (CHANGES / 2, 0, None));
        let mails = told(&server.mails());
        assert!(mails.len() >= 7 && mails.iter().all(|titles| (1..=3).contains(&titles.len())), "{mails:?}");
        let titles: Vec<String> = mails.concat();
        let once: BTreeSet<&String> = titles.iter().collect();
        let expected: BTreeSet<String> = (1..=CHANGES).filter(|n| n % 2 == 0).map(|n| format!("第{n}条")).collect();
        assert_eq!(once, expected.iter().collect());
        assert_eq!(once.len(), titles.len(), "{mails:?}");
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_says_what_happened_and_why_and_nothing_that_a_page_smuggles_in() {
    for db in TestDb::both().await {
        let server = Server::smtp(&[]);
        let hook = digest(&server, [soon(1200)]);
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![hook]).await;
        world.publish("港口\r\nBcc: all@there.example\r\n\r\n<script>x()</script>", true).await;
        world.publish("无关", false).await;
        let telling = world.tell("one");
        world.until("morning", |row| row.cursor == 2).await;
        telling.end().await;
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        let day = Utc::now().format("%F");
        assert_eq!(mail.header("Subject"), [format!("早报: 1 story, {day}")]);
        assert_eq!(mail.header("From"), ["News <news@here.example>"]);
        assert_eq!(mail.header("To"), ["lin@there.example, Chen <chen@there.example>"]);
        assert_eq!(mail.header("Message-ID"), ["<morning.t3st.1-2@here.example>"]);
        assert_eq!(mail.header("List-Id"), ["<morning.tidings.here.example>"]);
        assert_eq!((mail.header("Auto-Submitted"), mail.header("Bcc")), (vec!["auto-generated"], vec![]));
        for (part, expected) in [
            (&mail.text, "== Chips & <more> ==\n\n* 港口 Bcc: all@there.example <script>x()</script>\n"),
            (&mail.text, "新的**出口管制**清单"),
            (&mail.text, "  https://harbor.example/1\n"),
            (&mail.html, "<h2>Chips &amp; &lt;more&gt;</h2>"),
            (&mail.html, "<a href=\"https://harbor.example/1\">港口 Bcc: all@there.example &lt;script&gt;"),
            (&mail.html, "新的<mark>出口管制</mark>清单"),
        ] {
            assert!(part.contains(expected), "{expected} is not in {part}");
        }
        assert!(!mail.html.contains("<script") && !mail.text.contains("无关"));
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_to_tell_is_no_mail_and_an_occasion_comes_once() {
    for db in TestDb::both().await {
        let server = Server::smtp(&[]);
        let world = World::new(Store::open(&db.url).await.unwrap(), vec![digest(&server, [soon(600)])]).await;
        world.publish("无关", false).await;
        let telling = world.tell("one");
        world.until("morning", |row| row.cursor == 1).await;
        let ended = world.store.period("morning").await.unwrap().unwrap();
        assert!(ended.ended_at.is_some() && ended.due_at.is_none() && ended.upto.is_none(), "{ended:?}");
        // What comes after it waits for the next one.
        world.publish("有关", true).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        telling.end().await;
        assert_eq!((world.row("morning").await.cursor, server.mails().len()), (1, 0));
        assert_eq!(world.row("morning").await.last_success_at, None);
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_refused_is_tried_again_until_it_is_skipped() {
    for db in TestDb::both().await {
        // It takes nothing that is longer than a few lines.
        let small = Server::smtp(&["-s", "300"]);
        let server = Server::smtp(&[]);
        let mut world = World::new(Store::open(&db.url).await.unwrap(), vec![digest(&small, [soon(600)])]).await;
        world.publish("一条", true).await;
        world.publish("又一条", true).await;
        let telling = world.tell("one");
        let row = world.until("morning", |row| row.tries > 1).await;
        telling.end().await;
        assert_eq!((row.cursor, row.trying_to, row.last_status), (0, Some(2), Some(552)));
        let sink = digest(&server, [soon(1200)]);
        assert_eq!(publish::skip(&world.store, &sink.clone().into()).await.unwrap(), Some(2));
        assert_eq!(publish::skip(&world.store, &sink.clone().into()).await.unwrap(), None, "nothing is being tried");
        let letters = world.store.dead_letters("morning").await.unwrap();
        assert_eq!(letters.iter().map(|l| l.number).collect::<Vec<_>>(), [1, 2]);
        world.instead(vec![sink]);
        world.publish("第三条", true).await;
        let telling = world.tell("one");
        world.until("morning", |row| row.cursor == 3).await;
        assert_eq!(told(&server.mails()), [["第三条"]]);
        // Set back, it is all in the next mail.
        assert!(world.store.rewind_sink("morning", 0).await.unwrap());
        telling.end().await;
        world.instead(vec![digest(&server, [soon(300)])]);
        let telling = world.tell("one");
        world.until("morning", |row| row.cursor == 3).await;
        telling.end().await;
        assert_eq!(told(&server.mails())[1], ["第三条", "又一条", "一条"]);
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_dialled_or_told_in_the_open_who_should_not_be() {
    let db = TestDb::sqlite();
    let server = Server::smtp(&[]);
    let mut world = World::new(Store::open(&db.url).await.unwrap(), vec![digest(&server, [soon(100)])]).await;
    world.publish("一条", true).await;
    let secret = Some(("me".to_owned(), "T0K3N".to_owned()));
    let with = |tls| Settings { tls, login: secret.clone(), ..digest(&server, []).server };
    world.instead(vec![Digest { private: false, ..digest(&server, [soon(100)]) }]);
    let guarded = fetch::Settings::default();
    let error = loop {
        world.sinks("guarded", &guarded).once(&CancellationToken::new()).await.unwrap();
        if let Some(error) = world.row("morning").await.last_error {
            break error;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(error.contains("a loopback address") && error.contains("allow_networks"), "{error}");
    for (digest, why) in [
        (Digest { server: with(Tls::Starttls), ..digest(&server, [soon(100)]) }, "STARTTLS"),
        (Digest { server: with(Tls::None), ..digest(&server, [soon(100)]) }, "did not take the mail"),
    ] {
        world.instead(vec![digest]);
        let before = world.row("morning").await.tries;
        let telling = world.tell("one");
        let error = world.until("morning", |row| row.tries > before).await.last_error.unwrap();
        telling.end().await;
        assert!(error.contains(why) && !error.contains("T0K3N"), "{error}");
    }
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_has_left_keeps_nobody_from_the_mail_and_one_without_room_is_waited_for() {
    for db in TestDb::both().await {
        let server = choosy(false);
        let to = |readers: &[&str]| readers.iter().map(|r| r.parse().unwrap()).collect::<Vec<_>>();
        let morning = |readers: &[&str]| Digest { to: to(readers), ..digest(&server, [soon(300)]) };
        let left = morning(&["gone@there.example", "lin@there.example"]);
        let mut world = World::new(Store::open(&db.url).await.unwrap(), vec![left]).await;
        world.publish("一条", true).await;
        let telling = world.tell("one");
        let row = world.until("morning", |row| row.cursor == 1).await;
        telling.end().await;
        assert_eq!((row.delivered, row.tries), (1, 0));
        assert_eq!(told(&server.mails()), [["一条"]]);
        world.publish("又一条", true).await;
        for (readers, status) in
            [(["gone@there.example", "gone2@there.example"], 550), (["lin@there.example", "full@there.example"], 452)]
        {
            world.instead(vec![morning(&readers)]);
            let before = world.row("morning").await.tries;
            let telling = world.tell("one");
            let row = world.until("morning", |row| row.tries > before).await;
            telling.end().await;
            assert_eq!((row.cursor, row.last_status), (1, Some(status)), "{row:?}");
        }
        assert_eq!(server.mails().len(), 1, "nobody has it twice");
        world.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_asks_who_we_are_is_told_and_nobody_else_sees_it() {
    let db = TestDb::sqlite();
    let server = choosy(true);
    let with = |login: Option<(&str, &str)>| {
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        Digest { server: Settings { login, ..digest(&server, []).server }, ..digest(&server, [soon(300)]) }
    };
    let mut world = World::new(Store::open(&db.url).await.unwrap(), vec![with(None)]).await;
    world.publish("一条", true).await;
    for (login, status) in [(None, 530), (Some(("me", "Wr0ng")), 535)] {
        world.instead(vec![with(login)]);
        let before = world.row("morning").await.tries;
        let telling = world.tell("one");
        let row = world.until("morning", |row| row.tries > before).await;
        telling.end().await;
        let error = row.last_error.unwrap();
        assert!(row.last_status == Some(status) && !error.contains("Wr0ng"), "{error}");
    }
    world.instead(vec![with(Some(("me", "T0K3N")))]);
    let telling = world.tell("one");
    world.until("morning", |row| row.cursor == 1).await;
    telling.end().await;
    assert_eq!(told(&server.mails()), [["一条"]]);
}
