//! Telegram, `sendMessage` of the Bot API (core.telegram.org/bots/api: "HTML style").

use serde_json::{Value, json};
use url::Url;

use super::item::Item;

/// UTF-16 units of a message after its markup is taken out.
const TEXT_UNITS_MAX: usize = 4096;
/// The parameter that names the chat.
const CHAT: &str = "chat_id";

/// The chat that the address names.
pub(super) fn chat(url: &Url) -> Option<String> {
    url.query_pairs().find(|(key, value)| key == CHAT && !value.is_empty()).map(|(_, value)| value.into_owned())
}

/// All changes in one text; whether there is room for it.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let (mut texts, mut units) = (vec![], 0);
    for item in items {
        let headline = item.headline();
        let lines: Vec<&str> = item.lines().collect();
        units += headline.encode_utf16().count() + 2;
        units += lines.iter().map(|line| line.encode_utf16().count() + 1).sum::<usize>();
        let title = match &item.link {
            Some(url) => format!("<b><a href=\"{}\">{}</a></b>", escape(url.as_str()), escape(&headline)),
            None => format!("<b>{}</b>", escape(&headline)),
        };
        texts.push(std::iter::once(title).chain(lines.into_iter().map(escape)).collect::<Vec<_>>().join("\n"));
    }
    let preview = json!({ "is_disabled": items.len() > 1 });
    let body = json!({ "text": texts.join("\n\n"), "parse_mode": "HTML", "link_preview_options": preview });
    (body, units <= TEXT_UNITS_MAX)
}

/// The address without the chat, and the body with it: what is posted as JSON is all there.
pub(super) fn with_chat(url: &Url, mut body: Value) -> (Url, Value) {
    if let Some(chat) = chat(url) {
        body[CHAT] = json!(chat);
    }
    let rest: Vec<(String, String)> =
        url.query_pairs().filter(|(key, _)| key != CHAT).map(|(k, v)| (k.into(), v.into())).collect();
    let mut url = url.clone();
    // A topic of a forum, silence and the like are parameters of the same method.
    for (key, value) in rest {
        body[key] = json!(value);
    }
    url.set_query(None);
    (url, body)
}

/// The four characters that are named in the documentation; it knows no other entities by name.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
