//! ntfy, "Publish as JSON" (docs.ntfy.sh/publish): posted to the root of the server, which names no topic.

use serde_json::{Value, json};
use url::Url;

use super::item::{Item, subject};

/// Bytes of a message; a longer one becomes an attachment.
const MESSAGE_BYTES_MAX: usize = 4096;

/// The topic that the address names: the last part of its path.
pub(super) fn topic(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    Some(last.to_owned()).filter(|topic| !topic.is_empty())
}

/// A single change is its title, text and click; several are a list.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let mut body = json!({ "title": subject(items), "tags": ["newspaper"] });
    let message = match items {
        [item] => {
            if let Some(url) = &item.link {
                body["click"] = json!(url);
            }
            item.lines().collect::<Vec<_>>().join("\n")
        }
        items => items.iter().map(listed).collect::<Vec<_>>().join("\n\n"),
    };
    let fits = message.len() <= MESSAGE_BYTES_MAX;
    // An empty message would read "triggered".
    body["message"] = json!(if message.is_empty() { subject(items) } else { message });
    (body, fits)
}

fn listed(item: &Item) -> String {
    let headline = item.headline();
    let link = item.link.as_ref().map(Url::as_str);
    std::iter::once(headline.as_str()).chain(item.lines()).chain(link).collect::<Vec<_>>().join("\n")
}

/// The root of the server, and the body with the topic.
pub(super) fn with_topic(url: &Url, mut body: Value) -> (Url, Value) {
    let mut root = url.clone();
    if let Some(topic) = topic(url) {
        body["topic"] = json!(topic);
        if let Ok(mut path) = root.path_segments_mut() {
            path.pop();
            path.push("");
        }
    }
    (root, body)
}
