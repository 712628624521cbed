//! Feishu and Lark, custom bots (open.feishu.cn: "自定义机器人使用指南"): a `post`, whose text is text and needs no escapes.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    hmac,
    item::{Item, subject},
    text,
};
use crate::publish::secret::Secret;

/// Bytes of a request; what signs it is added to the body.
const BODY_BYTES_MAX: usize = 20 * 1024 - 256;

/// A paragraph for each line; whether there is room.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let mut paragraphs = vec![];
    for item in items {
        if !paragraphs.is_empty() {
            paragraphs.push(json!([{ "tag": "text", "text": " " }]));
        }
        paragraphs.push(match &item.link {
            Some(url) => json!([{ "tag": "a", "text": item.headline(), "href": url }]),
            None => json!([{ "tag": "text", "text": item.headline() }]),
        });
        paragraphs.extend(item.lines().map(|line| json!([{ "tag": "text", "text": line }])));
    }
    // With a single change its headline is the title already, but only the link can be followed.
    let post = json!({ "zh_cn": { "title": subject(items), "content": paragraphs } });
    let body = json!({ "msg_type": "post", "content": { "post": post } });
    let fits = body.to_string().len() <= BODY_BYTES_MAX;
    (body, fits)
}

/// The body with the bot's signature: what is signed is nothing, with time and secret as the key.
pub(super) fn signed(mut body: Value, secret: Option<&Secret>, now: DateTime<Utc>) -> Value {
    if let Some(secret) = secret {
        let timestamp = now.timestamp().to_string();
        body["sign"] = json!(hmac(format!("{timestamp}\n{}", text(secret)).as_bytes(), b""));
        body["timestamp"] = json!(timestamp);
    }
    body
}
