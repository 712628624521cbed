//! DingTalk, custom robots (open.dingtalk.com: "自定义机器人接入", "加签").

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use super::{
    hmac,
    item::{Item, subject},
    markdown::{linked, plain},
    text,
};
use crate::publish::secret::Secret;

/// Bytes of a request.
const BODY_BYTES_MAX: usize = 20_000;

/// All changes in one Markdown text; whether there is room.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let texts: Vec<String> = items
        .iter()
        .map(|item| {
            let title = format!("#### {}", linked(&item.headline(), item.link.as_ref()));
            std::iter::once(title).chain(item.lines().map(plain)).collect::<Vec<_>>().join("\n\n")
        })
        .collect();
    // The title is only what notifications show.
    let body = json!({ "msgtype": "markdown", "markdown": { "title": subject(items), "text": texts.join("\n\n") } });
    let fits = body.to_string().len() <= BODY_BYTES_MAX;
    (body, fits)
}

/// The address with time and signature: good for an hour.
pub(super) fn signed(url: &Url, secret: Option<&Secret>, now: DateTime<Utc>) -> Url {
    let mut url = url.clone();
    if let Some(secret) = secret {
        let timestamp = now.timestamp_millis().to_string();
        let sign = hmac(secret.bytes(), format!("{timestamp}\n{}", text(secret)).as_bytes());
        url.query_pairs_mut().append_pair("timestamp", &timestamp).append_pair("sign", &sign);
    }
    url
}
