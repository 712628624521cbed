//! The configuration through its front door: what a newcomer is told, what the environment sets, what is never shown.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use proptest::prelude::*;
use tidings::{
    config::{self, Errors, Place, Settings},
    extract,
    model::{ArticleRecipe, ListRecipe, Recipe},
    read,
    topic::{Spec, Topics},
};

const SHIPPED: &str = include_str!("../config.toml");

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

fn parse(text: &str) -> Result<Settings, Errors> {
    config::parse("config.toml", text, &BTreeMap::new())
}

/// The messages of all errors of `text` with `env`.
fn messages(text: &str, env: &BTreeMap<String, String>) -> Vec<String> {
    let Err(errors) = config::parse("config.toml", text, env) else { return vec![] };
    errors.problems().iter().map(|p| p.message.clone()).collect()
}

#[test]
fn every_mistake_is_shown_in_its_place() {
    let shown = parse(include_str!("config/broken.toml")).unwrap_err().to_string();
    assert!(!shown.contains("hunter2") && !shown.contains("s3cret"), "a secret is shown");
    insta::assert_snapshot!(shown);
}

#[test]
fn broken_syntax_is_shown_as_far_as_it_can_be_told() {
    let shown = parse(include_str!("config/syntax.toml")).unwrap_err().to_string();
    assert!(!shown.contains("s3cret"), "a secret is shown");
    insta::assert_snapshot!(shown);
}

#[test]
fn the_shipped_file_has_no_problem() {
    let settings = config::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml")), &env(&[])).unwrap();
    assert_eq!(settings.warnings.to_string(), "");
    insta::assert_snapshot!(settings.summary().join("\n"));
    let plain =
        Settings { sources: vec![], topics: vec![], vocabulary: Settings::default().vocabulary, ..settings.clone() };
    assert_eq!(Settings { warnings: plain.warnings.clone(), ..Settings::default() }, plain, "it states the defaults");
    let backchina = &settings.sources[0];
    assert_eq!(backchina.time_zone, chrono_tz::Asia::Hong_Kong);
    assert!(backchina.recipe.list.item.is_some(), "the preset is applied");
    assert_eq!(backchina.every, Some(Duration::from_secs(600)));
}

/// What the shipped file shows but does not set is right as well, and no key is left out.
#[test]
fn the_shipped_file_documents_every_key() {
    let shown = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) || rest.starts_with("[[") => {
            format!("{rest}\n")
        }
        _ => format!("{line}\n"),
    };
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("url"), "sqlite://x.db\n").unwrap();
    fs::write(dir.path().join("cookie"), "a=b\n").unwrap();
    fs::write(dir.path().join("key"), format!("whsec_{}\n", "QUJD".repeat(10))).unwrap();
    let all: String = SHIPPED.lines().map(shown).collect();
    let all =
        all.replace("\nurl = \"sqlite://data/tidings.db\"", "").replace("/run/secrets/tidings-database-url", "url");
    let all =
        all.replace("/run/secrets/backchina-cookie", "cookie").replace("/run/secrets/backchina-password", "cookie");
    let all = all.replace("\ntoken_file = \"/run/secrets/tidings-token\"", "");
    let all = all.replace("\nproxy_file = \"/run/secrets/backchina-proxy\"", "");
    let all = all.replace("/run/secrets/tidings-webhook", "key");
    let all = all.replace("/run/secrets/tidings-nats", "bus");
    fs::write(dir.path().join("bus"), "tls://me:hunter2@bus.example\n").unwrap();
    let all = all.replace("\nurl_file = \"/run/secrets/tidings-smtp\"", "");
    let name = dir.path().join("config.toml").display().to_string();
    let settings = config::parse(&name, &all, &env(&[])).unwrap();
    assert_eq!(settings.warnings.to_string(), "");
    assert_eq!(settings.database_url, "sqlite://x.db");
    assert_eq!(settings.sources[0].headers[1], ("Cookie".into(), "a=b".into()));
    assert_eq!((settings.webhooks[0].secrets.len(), settings.webhooks[0].kinds.len()), (2, 2));
    let (bus, digest) = (&settings.nats[0], &settings.digests[0]);
    assert_eq!((bus.bus.servers.len(), bus.kinds.len(), bus.prefix.as_str()), (2, 4, "news"));
    assert_eq!(digest.server.login, Some(("news@example.org".into(), "password".into())));
    assert_eq!((digest.schedule.days.len(), digest.server.port, digest.topics.len()), (5, 587, 1));
    assert_eq!(settings.sources[0].headers[2], ("Authorization".into(), "Basic cmVhZGVyOmE9Yg==".into()));
    assert_eq!(settings.fetch.hosts["news.example.org"].robots, Some(false));

    // The program itself knows its keys: it lists them where one is unknown.
    let tables = [
        "[database]",
        "[web]",
        "[websub]",
        "[fetch]",
        "[dedupe]",
        "[retention]",
        "[log]",
        "[[sources]]",
        "[[topics]]",
        "[[webhooks]]",
        "[[nats]]",
        "[[digests]]",
        "[[hosts]]",
    ];
    let nonsense: String = tables.iter().map(|t| format!("{t}\nqqqqqqqqqqqqqqqq = 1\n")).collect();
    let errors = parse(&nonsense).unwrap_err();
    let lists = errors.problems().iter().filter_map(|p| p.hint.as_ref()?.strip_prefix("the keys are "));
    let keys: Vec<&str> = lists.flat_map(|l| l.split(", ")).collect();
    assert!(keys.len() > 35, "{keys:?}");
    for key in keys {
        assert!(
            all.lines().any(|l| l.starts_with(&format!("{key} = ")))
                || ["url", "proxy_file", "token_file"].contains(&key),
            "{key} is not in config.toml"
        );
    }
}

#[test]
fn an_empty_file_will_do_but_is_odd() {
    let settings = parse("").unwrap();
    insta::assert_snapshot!(settings.warnings.to_string(), @r"
    warning: there are no sources: nothing is polled
    --> config.toml
     = help: add a [[sources]] with an id and a url

    1 warning in config.toml
    ");
    assert_eq!(Settings { warnings: settings.warnings.clone(), ..Settings::default() }, settings);
}

#[test]
fn the_environment_wins_over_the_file() {
    let text = "[database]\nurl_file = 'not-there-but-overridden'\n[web]\nlisten = '127.0.0.1:1'\nitems = 7\n";
    let env = env(&[
        ("TIDINGS_DATABASE_URL", "postgres://me:hunter2@db/news?password=hunter3&a=b"),
        ("TIDINGS_WEB_LISTEN", "[::1]:9000"),
        ("TIDINGS_WEB_ITEMS", "8"),
        ("TIDINGS_FETCH_TIMEOUT", "5s"),
        ("TIDINGS_FETCH_BODY_MAX", "2 MB"),
        ("TIDINGS_FETCH_ALLOW_NETWORKS", "10.0.0.0/8, ::1"),
        ("TIDINGS_RETENTION_ARTICLES", "forever"),
        ("TIDINGS_LOG_FORMAT", "json"),
        ("TIDINGS_CONFIG", "elsewhere.toml"),
        ("TIDINGS_SAMPLES", "samples"),
        ("TIDINGS_TEST_DATABASE", "x"),
        ("HOME", "/home/me"),
    ]);
    let settings = config::parse("config.toml", text, &env).unwrap();
    assert_eq!(settings.serve.listen.to_string(), "[::1]:9000");
    assert_eq!(settings.serve.items, 8);
    assert_eq!(settings.fetch.timeout, Duration::from_secs(5));
    assert_eq!(settings.fetch.body_bytes_max, 2_000_000);
    assert_eq!(settings.fetch.allow_networks.len(), 2);
    assert_eq!(settings.ledger.articles_kept, None);
    assert!(settings.telemetry.json);
    assert_eq!(settings.redacted_database_url(), "postgres://me:***@db/news?password=***&a=b");
    assert!(settings.database_url.contains("hunter2"));
    assert!(!format!("{settings:?} {:?}", settings.summary()).contains("hunter"), "{settings:?}");
}

#[test]
fn mistakes_of_the_environment_are_shown_by_name() {
    let env = env(&[
        ("TIDINGS_DATABASE_URL", "postgres:me:hunter2@db/news"),
        ("TIDINGS_FETCH_TIMEOUT", "20 parsecs"),
        ("TIDINGS_FETCH_TIMEOUTS", "20s"),
        ("TIDINGS_FETCH_ALLOW_NETWORKS", "10.0.0.0/8,nas"),
        ("TIDINGS_DATABASE_PASSWORD", "hunter2"),
        ("TIDINGS_WEB_ITEMS", ""),
    ]);
    let shown = config::parse("config.toml", "[[sources]]\nid = 'a'\nurl = 'https://a.example/'\n", &env).unwrap_err();
    assert!(!shown.to_string().contains("hunter2"), "a secret is shown");
    insta::assert_snapshot!(shown.to_string());
}

#[test]
fn secrets_come_from_files_beside_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(dir.path().join("database-url"), "postgres://me:hunter2@db/news\n").unwrap();
    fs::write(dir.path().join("cookie"), "sid=s3cret\n").unwrap();
    fs::write(dir.path().join("bad"), "mysql://me:hunter2@db/news\n").unwrap();
    let source = "[[sources]]\nid = 'a'\nurl = 'https://a.example/'\nheaders_file = { Cookie = 'cookie' }\n";
    fs::write(&path, format!("[database]\nurl_file = 'database-url'\n{source}")).unwrap();
    let settings = config::load(&path, &env(&[])).unwrap();
    assert_eq!(settings.database_url, "postgres://me:hunter2@db/news");
    assert_eq!(settings.sources[0].headers, [("Cookie".to_owned(), "sid=s3cret".to_owned())]);
    assert!(!format!("{settings:?}").contains("s3cret"));

    fs::write(&path, "[database]\nurl_file = 'bad'\n").unwrap();
    let shown = config::load(&path, &env(&[])).unwrap_err().to_string();
    assert!(shown.contains("`mysql:` is not a database") && shown.contains("config.toml:2:12"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");

    let both = "[database]\nurl = 'sqlite://a.db'\nurl_file = 'database-url'\n";
    fs::write(&path, both).unwrap();
    let shown = config::load(&path, &env(&[])).unwrap_err().to_string();
    assert!(shown.contains("both `url` and `url_file` are set"), "{shown}");
    let settings = config::load(&path, &env(&[("TIDINGS_DATABASE_URL", "sqlite://b.db")]));
    assert_eq!(settings.unwrap().database_url, "sqlite://b.db");
    let settings = config::load(&path, &env(&[("TIDINGS_DATABASE_URL_FILE", "database-url")]));
    assert_eq!(settings.unwrap().database_url, "postgres://me:hunter2@db/news");
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    let shown = config::load(&path, &env(&[])).unwrap_err().to_string();
    assert!(shown.contains("cannot read") && shown.contains("--config"), "{shown}");
    fs::write(&path, b"[aliases]\nchip = [\"\xb3\xf6\xbf\xda\"]\n").unwrap();
    let shown = config::load(&path, &env(&[])).unwrap_err().to_string();
    assert!(shown.contains("config.toml:2:") && shown.contains("UTF-8, not in GBK"), "{shown}");
}

/// A terminal draws a Han character two columns wide, and the carets must stand under the place all the same.
#[test]
fn carets_stand_under_the_place_behind_han() {
    let text = "[[sources]]\nid = 'a'\nurl = 'https://a.example/'\nlist = { title = '標題', itme = '項' }\n";
    let shown = parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(shown, @r"
    error: source a list: unknown key `itme`
     --> config.toml:4:24
      |
    4 | list = { title = '標題', itme = '項' }
      |                          ^^^^ unknown key of this table
      |
      = help: did you mean `item`?

    1 problem in config.toml
    ");
}

#[test]
fn a_password_in_an_address_is_allowed_and_remarked_on() {
    let settings = parse("[[sources]]\nid = 'a'\nurl = 'https://me:hunter2@a.example/feed'\n").unwrap();
    let shown = settings.warnings.to_string();
    assert!(shown.contains("holds a password") && shown.ends_with("1 warning in config.toml"), "{shown}");
    assert!(!format!("{shown}{settings:?}").contains("hunter2"), "{shown}");
    assert_eq!(settings.sources[0].url.password(), Some("hunter2"));
}

#[test]
fn a_webhook_is_read_and_neither_its_key_nor_its_address_is_shown() {
    let (key, other) = (format!("whsec_{}", "QUJD".repeat(10)), format!("whsec_{}", "WFla".repeat(8)));
    let topic = "[[topics]]\nid = \"chip\"\nquery = \"chip\"\n";
    let good = format!(
        "{topic}[[webhooks]]\nid = \"chat\"\nurl = \"https://x.example/T0K3N\"\ntopics = [\"chip\"]\n\
         kinds = [\"story_joined\", \"story_joined\"]\nsecret = [\"{key}\", \"{other}\"]\nbatch = 20\ntimeout = \"5s\"\n"
    );
    let settings = parse(&good).unwrap();
    let hook = &settings.webhooks[0];
    assert_eq!((hook.secrets.len(), hook.batch, hook.timeout), (2, 20, Duration::from_secs(5)));
    assert_eq!((hook.topics.as_slice(), hook.kinds.len()), (["chip".to_owned()].as_slice(), 1));
    let shown = format!("{settings:?}");
    assert!(!shown.contains("QUJD") && !shown.contains("WFla") && !shown.contains("T0K3N"), "{shown}");
    for (bad, message) in [
        (good.replace("[\"chip\"]\nkinds", "[\"chop\"]\nkinds"), "no topic has the id `chop`"),
        (good.replace("story_joined", "story_jointed"), "`story_jointed` is none of the choices"),
        (good.replace("batch = 20", "batch = 101"), "out of bounds"),
        (good.replace("timeout = \"5s\"", "timeout = \"5m\""), "too long"),
        (good.replace("https://x", "ftp://x"), "cannot be fetched"),
        (good.replace("\"QUJD", "\"").replace("whsec_QUJD", "whsec_QU"), "not base64"),
        (good.replace("secret = ", "secrets = "), "has no `secret`"),
        (good.replace("kinds = [\"story_joined\", \"story_joined\"]", "kinds = []"), "none is named"),
        (good.replace("batch = 20", "batch = 20\nkey = \"whsec_QUJDQUJD\""), "unknown key `key`"),
        (good.replace("batch = 20", "secret = \"whsec_QUJDQUJD"), "not TOML"),
    ] {
        let errors = parse(&bad).unwrap_err().to_string();
        assert!(errors.contains(message), "{message}: {errors}");
        for secret in ["QUJD", "WFla", "T0K3N"] {
            assert!(!errors.contains(secret), "{message}: {errors}");
        }
    }
}

#[test]
fn hubs_are_read_and_what_they_cannot_reach_is_remarked_on() {
    let text = "[web]\npublic_url = 'https://news.example.org'\n[websub]\nhub = false\nping = ['https://hub.example/']\n\
                [[sources]]\nid = 'a'\nurl = 'https://a.example/feed'\nwebsub = false\n";
    let settings = parse(text).unwrap();
    assert_eq!(settings.warnings.to_string(), "");
    assert_eq!((settings.serve.websub.hub, settings.serve.websub.ping.len()), (Some(false), 1));
    assert!(!settings.sources[0].websub && parse("").unwrap().serve.websub.hub.is_none());
    let local = text.replace("public_url", "#public_url").replace("hub = false", "hub = true");
    let said = parse(&local).unwrap().warnings.to_string();
    assert!(said.contains("cannot reach our feeds") && !said.contains("do not know our address"), "{said}");
    let wide = local.replace("[web]", "[web]\nlisten = '0.0.0.0:80'\npublic = true");
    assert!(parse(&wide).unwrap().warnings.to_string().contains("do not know our address"));
    let many = format!(
        "[web]\npublic_url = 'https://news.example.org'\n[websub]\nping = [{}]\n",
        "'https://hub.example/',".repeat(11)
    );
    assert_eq!(messages(&many, &env(&[]))[0], "[websub] ping: too many hubs");
}

#[test]
fn a_token_is_read_and_never_shown() {
    let token = "d8c0c1b9f6a94bd38f7a";
    let settings = parse(&format!("[web]\ntoken = \"{token}\"\npublic = true\nlisten = \"0.0.0.0:80\"\n")).unwrap();
    assert_eq!(settings.serve.token.as_ref().unwrap().reveal(), token);
    assert!(settings.serve.public && !format!("{settings:?}").contains(token));
    for (bad, message) in [
        ("[web]\ntoken = \"d8c0c1b9f6\"\n".to_owned(), "it has 10 characters"),
        (format!("[web]\ntoken = \"{token} x\"\n"), "other than visible ASCII"),
        (format!("[web]\ntoken = [\"{token}\"]\n"), "token"),
        (format!("[web]\ntoken = \"{token}\"\ntoken_file = \"t\"\n"), "both `token` and `token_file` are set"),
    ] {
        let errors = parse(&bad).unwrap_err().to_string();
        assert!(errors.contains(message) && !errors.contains("d8c0c1"), "{message}: {errors}");
    }
    let closed = parse("[web]\nlisten = \"0.0.0.0:80\"\n").unwrap().warnings.to_string();
    assert!(closed.contains("none of them may read") && closed.contains("public = true"), "{closed}");
}

#[test]
fn a_misplaced_secret_is_not_shown_either() {
    let typo = "[[sources]]\r\nid = 'a'\r\nheader = { Cookie = 'hunter2' }\r\n[web]\r\napi_key = 'hunter2'\r\n";
    let shown = parse(typo).unwrap_err().to_string();
    assert!(shown.contains("did you mean `headers`?") && !shown.contains("hunter2") && !shown.contains('␍'), "{shown}");
    for url in [
        "me:hunter2@db/news",
        "postgres://me:hunter2 hunter2@db:x/news",
        "postgres:me:hunter2@db/news",
        "mysql://db/?password=hunter2",
    ] {
        let shown = parse(&format!("[database]\nurl = \"{url}\"\n")).unwrap_err().to_string();
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_is_wrong_in_shape_is_told_once() {
    let none = env(&[]);
    assert_eq!(
        messages("web = 3\n[[sources]]\nid = 'a'\nurl = 'https://a/'\n", &none),
        ["[web] is an integer, not a table"]
    );
    assert_eq!(messages("[sources]\nid = 'a'\n", &none), ["`sources` must be a list of tables"]);
    assert_eq!(messages("sources = [1]\n", &none), ["source 1 is an integer, not a table"]);
    assert_eq!(messages("[[source]]\nid = 'a'\n", &none)[0], "unknown key `source`".to_owned());
}

/// What is called equal, and what ships with the program, is refused at the word.
#[test]
fn bad_words_are_shown_at_the_word() {
    let text = "[aliases]\nchip = ['@semiconductor', '@chipz', 'a(b']\n[folding]\nsame = [['芯片'], ['台积电', 'TSMC'], 3]\n\
        [[topics]]\nid = 'a'\nquery = '@chipmaker OR @semiconductor'\nthreshold = -1\n";
    let errors = parse(text).unwrap_err();
    let at = |p: &Place| match p {
        Place::File { start, end } => text[*start..*end].to_owned(),
        _ => panic!("no place"),
    };
    let told: Vec<_> = errors.problems().iter().map(|p| (at(&p.at), p.message.clone(), p.hint.clone())).collect();
    insta::assert_debug_snapshot!(told);
    let good = parse("[aliases]\nchip = ['@semiconductor', '钙钛矿']\n").unwrap().vocabulary.aliases;
    assert_eq!(good["chip"].len(), good["semiconductor"].len() + 1);
}

/// Whatever the topics refuse is shown, each inside the string of the query that is at fault.
#[test]
fn every_bad_query_is_shown_inside_its_string() {
    let queries =
        ["芯片 AND (出口管制", "NOT chip", "@chp OR x", "\"unfinished", "", "title: AND OR", "chip AND export"];
    let spec = |(i, query): (usize, &&str)| Spec {
        id: format!("t{i}"),
        title: "T".into(),
        query: (*query).into(),
        threshold: 0.0,
    };
    let specs: Vec<Spec> = queries.iter().enumerate().filter(|(_, q)| !q.is_empty()).map(spec).collect();
    let aliases = BTreeMap::from([("chip".to_owned(), vec!["芯片".to_owned()])]);
    let refused = Topics::compile(&specs, &aliases.into()).err().unwrap_or_default();
    let table = |(i, q): (usize, &&str)| format!("[[topics]]\nid = 't{i}'\ntitle = 'T'\nquery = '{q}'\n");
    let text: String = queries.iter().enumerate().map(table).collect();
    let text = format!("[aliases]\nchip = ['芯片']\n{text}");
    let errors = parse(&text).unwrap_err();
    // One more than the topics refuse: the empty one is refused before them.
    assert_eq!(errors.problems().len(), refused.len() + 1, "{errors}");
    for problem in errors.problems() {
        let Place::File { start, end } = problem.at else { panic!("{problem:?} has no place") };
        let line = text[..start].rfind('\n').map_or("", |i| text[i + 1..].lines().next().unwrap());
        assert!(line.starts_with("query = ") && !text[start..end].contains('\n'), "{line}: {problem:?}");
    }
}

/// Whatever the readers refuse of a recipe is shown at the key.
#[test]
fn every_bad_selector_is_shown_at_its_key() {
    let recipe = Recipe {
        list: ListRecipe { item: Some("li[".into()), link: Some("a::b::c".into()), ..ListRecipe::default() },
        article: ArticleRecipe { body: Some("#".into()), drop: vec![">>".into()], ..ArticleRecipe::default() },
    };
    let refused = [read::check(&recipe), extract::check(&recipe)].concat();
    let source = "[[sources]]\nid = 'a'\nurl = 'https://a.example/'\n";
    let text = format!(
        "{source}[sources.list]\nitem = 'li['\nlink = 'a::b::c'\n[sources.article]\nbody = '#'\ndrop = ['>>']\n"
    );
    let shown = messages(&text, &env(&[]));
    assert_eq!(shown.len(), refused.len());
    for (key, message) in refused {
        assert!(shown.contains(&format!("source a {key}: {message}")), "{key}: {message} is not in {shown:?}");
    }
}

#[test]
fn a_flood_of_problems_is_cut_and_counted() {
    let text: String = (0..2000).map(|i| format!("k{i} = 1\n")).collect();
    let errors = parse(&text).unwrap_err();
    let shown = errors.to_string();
    assert!(shown.ends_with("2000 problems in config.toml"), "{}", &shown[shown.len() - 200..]);
    assert!(shown.lines().count() < 1500);
}

#[test]
fn colour_is_there_when_asked_for_only() {
    let errors = parse("x = 1\n").unwrap_err();
    assert!(errors.render(true).contains('\u{1b}') && !errors.render(false).contains('\u{1b}'));
}

/// No text makes the reader panic, and every place that it names lies in the text.
#[track_caller]
fn holds(text: &str) {
    let Err(errors) = parse(text) else { return };
    assert!(!errors.problems().is_empty());
    for problem in errors.problems() {
        if let Place::File { start, end } = problem.at {
            assert!(start <= end && end <= text.len(), "{start}..{end} of {} bytes", text.len());
        }
    }
    assert!(errors.to_string().contains("in config.toml"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn random_text_never_panics(text in "(?s).{0,200}") {
        holds(&text);
    }

    #[test]
    fn random_toml_never_panics(lines in prop::collection::vec(
        "(\\[{1,2}(web|fetch|sources|topics|aliases|sources\\.list)\\]{1,2}|(id|url|every|list|headers|query|timeout|chip) ?= ?(\"[a-z芯\\\\u片0-9* ]{0,9}\"?|'[^\n']{0,9}'|[\\[{]{0,3}-?[0-9a-z=,\"]{0,9}[\\]}]{0,3}))", 0..12)) {
        holds(&lines.join("\n"));
    }

    #[test]
    fn the_shipped_file_with_a_slip_never_panics(at in 0..SHIPPED.len(), cut in 0..40_usize, with in "[\\]\\[\"'{}=#\\\\\n芯a]{0,3}") {
        let start = SHIPPED.floor_char_boundary(at);
        let end = SHIPPED.floor_char_boundary((start + cut).min(SHIPPED.len()));
        holds(&format!("{}{with}{}", &SHIPPED[..start], &SHIPPED[end.max(start)..]));
    }
}

#[test]
fn ways_to_reach_a_source_are_checked_and_stay_secret() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("proxy"), "http://me:geheim@127.0.0.1:3128\n").unwrap();
    let name = dir.path().join("config.toml").display().to_string();
    let good = "[[sources]]\nid = 'a'\nurl = 'https://a.example/'\ncookies = true\nhours = '22-06'\nproxy_file = 'proxy'\n\
                basic_auth = { user = 'me', password = 'geheim' }\n[[hosts]]\nname = 'A.example'\nper_host_delay = '0s'\n";
    let settings = config::parse(&name, good, &env(&[])).unwrap();
    let source = &settings.sources[0];
    assert_eq!(source.proxy.as_ref().and_then(|p| p.password()), Some("geheim"));
    assert!(source.cookies && source.hours.is_some() && settings.fetch.hosts.contains_key("a.example"));
    assert!(!format!("{settings:?}").contains("geheim") && !format!("{settings:?}").contains("Basic"));

    let bad = "[[sources]]\nid = 'a'\nurl = 'https://a.example/'\nhours = '7 to 9'\nproxy = 'socks9://me:geheim@p:1'\n\
               headers = { Authorization = 'geheim' }\nbasic_auth = { user = 'a:b', password = 'geheim', password_file = 'no' }\n\
               [[hosts]]\nname = 'a'\n[[hosts]]\nname = 'a'\n[[hosts]]\nrobots = 1\n";
    let shown = config::parse(&name, bad, &env(&[])).unwrap_err().to_string();
    assert!(!shown.contains("geheim"), "{shown}");
    for said in [
        "`7 to 9` is not a part of the day",
        "expected a part of the day such as",
        "`socks9:` is no proxy",
        "it contains a colon",
        "expected either `password` or `password_file`",
        "the header Authorization is set as well",
        "this host is there twice",
        "host 3 has no `name`",
        "host 3 robots: this is an integer",
    ] {
        assert!(shown.contains(said), "{said}\n{shown}");
    }
}

#[test]
fn streams_digests_and_chats_are_checked_and_stay_secret() {
    let errors = parse(include_str!("config/sinks_broken.toml")).unwrap_err();
    let shown = errors.to_string();
    assert!(!["hunter2", "T0K3N"].iter().any(|secret| shown.contains(secret)), "{shown}");
    let messages: Vec<&str> = errors.problems().iter().map(|p| p.message.as_str()).collect();
    for wrong in [
        "webhook slack secret: messages of its format are not signed",
        "webhook telegram url: it has no `chat_id`",
        "webhook telegram batch: 11 is out of bounds",
        "nats slack: another one has this id",
        "nats slack url: `http:` is no NATS server",
        "nats slack prefix: `news.*` cannot begin a subject",
        "digest mail tls: the address says smtps",
        "digest mail from: this is not an address",
        "digest mail to: nobody is named",
        "digest mail at: `25:00` is not a time of day",
        "digest mail days: `monday` is none of the choices",
        "digest mail topics: none is named",
    ] {
        assert!(messages.iter().any(|m| m.starts_with(wrong)), "{wrong} is not among {messages:#?}");
    }
    let settings = parse(include_str!("config/sinks.toml")).unwrap();
    assert!(settings.warnings.to_string().contains("a password is sent in the open"), "{}", settings.warnings);
    let shown = format!("{settings:?}{}", settings.warnings);
    assert!(!["hunter2", "T0K3N"].iter().any(|secret| shown.contains(secret)), "{shown}");
    let digest = &settings.digests[0];
    assert_eq!((digest.server.port, digest.schedule.at.len(), digest.schedule.days.len()), (25, 2, 7));
    assert_eq!((&digest.topics, &digest.topic_titles), (&vec!["chip".to_owned()], &vec!["Chips".to_owned()]));
    assert_eq!(settings.sinks().iter().map(tidings::publish::Sink::id).collect::<Vec<_>>(), ["ding", "mail"]);
}
