//! A receiver on loopback that keeps what it is sent and answers as a script says.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use tidings::publish::{Secret, Webhook};
use tokio::net::TcpListener;

/// The key of every receiver.
const KEY: [u8; 32] = *b"a key that only the tests know..";

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) id: String,
    pub(crate) body: serde_json::Value,
    /// Numbers of its changes.
    pub(crate) numbers: Vec<i64>,
    pub(crate) at: Instant,
    /// What was answered.
    pub(crate) status: u16,
}

/// How a message is answered: status, Retry-After, and after how long. Given are the messages before, and this one's numbers.
type Script = Box<dyn Fn(&[Got], &[i64]) -> (u16, Option<&'static str>, Duration) + Send + Sync>;

struct Kept {
    script: Mutex<Script>,
    got: Mutex<Vec<Got>>,
}

/// It listens as long as the runtime lives.
#[derive(Clone)]
pub(crate) struct Receiver {
    kept: Arc<Kept>,
    pub(crate) url: url::Url,
}

/// Answers at once.
pub(crate) fn status(status: u16) -> (u16, Option<&'static str>, Duration) {
    (status, None, Duration::ZERO)
}

impl Receiver {
    pub(crate) async fn start(
        script: impl Fn(&[Got], &[i64]) -> (u16, Option<&'static str>, Duration) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook/T0K3N", listener.local_addr().unwrap()).parse().unwrap();
        let kept = Arc::new(Kept { script: Mutex::new(Box::new(script)), got: Mutex::default() });
        let app = Router::new().route("/hook/T0K3N", post(take)).with_state(kept.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { kept, url }
    }

    /// From now on it answers so.
    pub(crate) fn answer(
        &self,
        script: impl Fn(&[Got], &[i64]) -> (u16, Option<&'static str>, Duration) + Send + Sync + 'static,
    ) {
        *self.kept.script.lock().unwrap() = Box::new(script);
    }

    /// The webhook that tells it.
    pub(crate) fn webhook(&self, id: &str) -> Webhook {
        let secret = Secret::parse(&format!("whsec_{}", STANDARD.encode(KEY))).unwrap();
        Webhook { timeout: Duration::from_secs(2), ..Webhook::new(id, self.url.clone(), vec![secret]) }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.kept.got.lock().unwrap().clone()
    }

    /// Numbers of the changes that it took, each at its first time.
    pub(crate) fn taken(&self) -> Vec<i64> {
        let mut taken = vec![];
        for got in self.got().iter().filter(|g| (200..300).contains(&g.status)) {
            taken.extend(got.numbers.iter().copied().filter(|n| !taken.contains(n)).collect::<Vec<_>>());
        }
        taken
    }
}

async fn take(State(kept): State<Arc<Kept>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(&body);
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert!(header("webhook-signature").split(' ').any(|s| s == signature), "it is not signed");
    assert!((chrono::Utc::now().timestamp() - timestamp.parse::<i64>().unwrap()).abs() < 60);
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let number = |event: &serde_json::Value| event["data"]["number"].as_i64().unwrap();
    let numbers: Vec<i64> = match body["type"].as_str().unwrap() {
        "changes" => body["data"].as_array().unwrap().iter().map(number).collect(),
        _ => vec![number(&body)],
    };
    let (status, retry_after, pause) = {
        let mut got = kept.got.lock().unwrap();
        let (status, retry_after, pause) = kept.script.lock().unwrap()(&got, &numbers);
        // Before the pause: who hangs up meanwhile has told it all the same.
        got.push(Got { id, body, numbers, at: Instant::now(), status });
        (status, retry_after, pause)
    };
    tokio::time::sleep(pause).await;
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    if let Some(value) = retry_after {
        response.headers_mut().insert("retry-after", value.parse().unwrap());
    }
    response
}
