//! Discord, "Execute Webhook" (docs.discord.com: webhook resource; embed limits of the message resource).

use serde_json::{Value, json};

use super::item::Item;

/// Characters of an embed's title.
const TITLE_CHARS_MAX: usize = 256;
/// Characters of an embed's description.
const DESCRIPTION_CHARS_MAX: usize = 4096;
/// Characters of all embeds of a message.
const TOTAL_CHARS_MAX: usize = 6000;

/// One embed for each change; whether the message has room.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let (mut embeds, mut total, mut fits) = (vec![], 0, true);
    for item in items {
        let title = escape(&item.headline());
        let description = item.lines().map(escape).collect::<Vec<_>>().join("\n");
        let (title_chars, description_chars) = (title.encode_utf16().count(), description.encode_utf16().count());
        fits &= title_chars <= TITLE_CHARS_MAX && description_chars <= DESCRIPTION_CHARS_MAX;
        total += title_chars + description_chars;
        let mut embed = json!({ "title": title, "timestamp": item.at });
        if let Some(url) = &item.link {
            embed["url"] = json!(url);
        }
        if !description.is_empty() {
            embed["description"] = json!(description);
        }
        embeds.push(embed);
    }
    // Nobody is called by what stands on a page.
    (json!({ "embeds": embeds, "allowed_mentions": { "parse": [] } }), fits && total <= TOTAL_CHARS_MAX)
}

/// Markup as text: whatever is not a letter may be escaped, so that what is special to some client is plain in all.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '[' | ']' | '(' | ')' | '#' | '-' | '@' | ':') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
