//! Chats on loopback that answer as theirs do: their own pauses, and refusals that come with 200.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, response::IntoResponse, routing::any};
use chrono::Utc;
use serde_json::{Value, json};
use tidings::{
    publish::{Format, Secret, Webhook},
    store::Store,
};
use tokio::net::TcpListener;

use crate::support::TestDb;
use crate::world::World;

/// A service of one kind: slow down, refuse, and take, in its words.
struct Service {
    format: Format,
    path: &'static str,
    /// Asks for a pause of a second, or of as long as it can say.
    slow: (u16, Value),
    /// Refuses.
    refuses: (u16, Value),
    /// Takes.
    takes: (u16, Value),
    /// Whether its pauses are a minute long, as it cannot say how long they are.
    is_vague: bool,
}

fn services() -> Vec<Service> {
    let coded = |code: i64, words: &str| (200, json!({ "errcode": code, "errmsg": words }));
    let of = |format, path, slow, refuses, takes| Service { format, path, slow, refuses, takes, is_vague: false };
    let vague =
        |format, path, slow, refuses, takes| Service { is_vague: true, ..of(format, path, slow, refuses, takes) };
    vec![
        of(Format::Slack, "/services/T0K3N", (503, json!("x")), (400, json!("invalid_blocks")), (200, json!("ok"))),
        of(
            Format::Discord,
            "/api/webhooks/1/T0K3N",
            (429, json!({ "message": "You are being rate limited.", "retry_after": 0.7, "global": false })),
            (400, json!({ "code": 50_035, "message": "Invalid Form Body" })),
            (204, Value::Null),
        ),
        of(
            Format::Telegram,
            "/bot1:T0K3N/sendMessage?chat_id=-100",
            (429, json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 1 } })),
            (400, json!({ "ok": false, "error_code": 400, "description": "Bad Request: chat not found" })),
            (200, json!({ "ok": true, "result": { "message_id": 1 } })),
        ),
        of(
            Format::Ntfy,
            "/news",
            (503, json!({})),
            (403, json!({ "code": 40_301, "http": 403, "error": "forbidden" })),
            (200, json!({ "id": "x", "event": "message" })),
        ),
        vague(
            Format::Feishu,
            "/open-apis/bot/v2/hook/T0K3N",
            (200, json!({ "code": 11_232, "data": {}, "msg": "frequency limited psm" })),
            (200, json!({ "code": 19_021, "data": {}, "msg": "sign match fail" })),
            (200, json!({ "code": 0, "data": {}, "msg": "success" })),
        ),
        vague(
            Format::DingTalk,
            "/robot/send?access_token=T0K3N",
            coded(130_101, "send too fast, exceed 20 times per minute"),
            coded(310_000, "keywords not in content"),
            coded(0, "ok"),
        ),
        vague(
            Format::WeCom,
            "/cgi-bin/webhook/send?key=T0K3N",
            coded(45_009, "api freq out of limit"),
            coded(93_000, "invalid webhook url"),
            coded(0, "ok"),
        ),
    ]
}

#[derive(Default)]
struct Kept {
    /// What is answered next.
    answer: Option<(u16, Value)>,
    /// Path, query, body, when, and the status answered.
    got: Vec<(String, Value, Instant, u16)>,
}

async fn take(State(kept): State<Arc<Mutex<Kept>>>, uri: axum::http::Uri, body: Bytes) -> axum::response::Response {
    let mut kept = kept.lock().unwrap();
    let (status, said) = kept.answer.clone().unwrap();
    kept.got.push((uri.to_string(), serde_json::from_slice(&body).unwrap(), Instant::now(), status));
    let said = match said {
        Value::Null => String::new(),
        Value::String(word) => word,
        said => said.to_string(),
    };
    (StatusCode::from_u16(status).unwrap(), said).into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_chat_is_told_once_it_says_in_its_own_words_that_it_takes() {
    for db in TestDb::both().await {
        for service in services() {
            println!("{:?} on {}", service.format, db.name);
            let kept = Arc::<Mutex<Kept>>::default();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}{}", listener.local_addr().unwrap(), service.path).parse().unwrap();
            let app = Router::new().fallback(any(take)).with_state(kept.clone());
            tokio::spawn(async move { axum::serve(listener, app).await });
            let answer = |answer: &(u16, Value)| kept.lock().unwrap().answer = Some(answer.clone());
            let id = format!("{:?}", service.format).to_lowercase();
            let secrets = if service.format.has_own_secret() { vec![Secret::of_service("SEC0f1e2d")] } else { vec![] };
            let hook = Webhook {
                format: service.format,
                topics: vec!["chip".into()],
                timeout: Duration::from_secs(2),
                ..Webhook::new(&id, url, secrets)
            };
            let world = World::new(Store::open(&db.url).await.unwrap(), vec![hook]).await;
            answer(&service.refuses);
            let first = world.publish("被拒的一条", true).await;
            let telling = world.tell("one");
            // It is refused for good, however the status reads, and the next one is told.
            let row = world.until(&id, |row| row.cursor == first).await;
            assert_eq!((row.dead, row.delivered), (1, 0));
            let reason = world.store.dead_letters(&id).await.unwrap()[0].reason.clone();
            assert!(reason.starts_with("the receiver answered ") && reason.contains(':'), "{reason}");
            answer(&service.slow);
            let second = world.publish("第二条", true).await;
            let row = world.until(&id, |row| row.tries > 0).await;
            let pause = (row.next_try_at.unwrap() - Utc::now()).num_milliseconds();
            assert_eq!(pause > 10_000, service.is_vague, "{pause} ms");
            answer(&service.takes);
            if service.is_vague {
                world.store.resume_sink(&id).await.unwrap();
            }
            let row = world.until(&id, |row| row.cursor == second).await;
            telling.end().await;
            assert_eq!((row.delivered, row.tries), (1, 0));
            let got = kept.lock().unwrap().got.clone();
            let (uri, body, at, status) = got.last().unwrap();
            assert!(body.to_string().contains("第二条") && *status == service.takes.0, "{body}");
            if service.slow.0 == 429 {
                let slowed = got.iter().rfind(|g| g.3 == 429).unwrap().2;
                assert!(at.duration_since(slowed) >= Duration::from_millis(690), "{:?}", at.duration_since(slowed));
            }
            match service.format {
                Format::Telegram => {
                    assert_eq!((uri.as_str(), &body["chat_id"]), ("/bot1:T0K3N/sendMessage", &json!("-100")))
                }
                Format::Ntfy => assert_eq!((uri.as_str(), &body["topic"]), ("/", &json!("news"))),
                Format::DingTalk => assert!(uri.contains("&timestamp=") && uri.contains("&sign="), "{uri}"),
                Format::Feishu => assert!(body["sign"].is_string() && body["timestamp"].is_string(), "{body}"),
                _ => assert_eq!(uri, service.path),
            }
            world.store.close().await;
        }
    }
}
