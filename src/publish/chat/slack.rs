//! Slack, incoming webhooks (docs.slack.dev: "Sending messages using incoming webhooks", "Formatting text for app surfaces").

use serde_json::{Value, json};

use super::item::{Item, subject};

/// Characters of the text of a section.
const SECTION_CHARS_MAX: usize = 3000;

/// One section for each change; whether each has room.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let sections: Vec<String> = items.iter().map(section).collect();
    let fits = sections.iter().all(|text| text.encode_utf16().count() <= SECTION_CHARS_MAX);
    let blocks: Vec<Value> = sections
        .iter()
        .map(|text| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } }))
        .collect();
    // The text is what notifications show.
    (json!({ "text": escape(&subject(items)), "blocks": blocks, "unfurl_links": false, "unfurl_media": false }), fits)
}

fn section(item: &Item) -> String {
    let title = escape(&item.headline());
    let title = match &item.link {
        // A bar would end the address.
        Some(url) => format!("*<{}|{title}>*", escape(&url.as_str().replace('|', "%7C"))),
        None => format!("*{title}*"),
    };
    std::iter::once(title).chain(item.lines().map(escape)).collect::<Vec<_>>().join("\n")
}

/// The three characters that Slack gives a meaning to: `<!channel>` in a title must not call everybody.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
