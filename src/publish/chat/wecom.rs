//! WeCom, group robots (developer.work.weixin.qq.com: "群机器人配置说明").

use serde_json::{Value, json};

use super::{
    item::Item,
    markdown::{linked, plain},
};

/// Bytes of the content of a Markdown message.
const CONTENT_BYTES_MAX: usize = 4096;

/// All changes in one Markdown text; whether there is room.
pub(super) fn body(items: &[Item]) -> (Value, bool) {
    let texts: Vec<String> = items
        .iter()
        .map(|item| {
            let title = format!("**{}**", linked(&item.headline(), item.link.as_ref()));
            let lines = item.lines().map(|line| format!("> {}", plain(line)));
            std::iter::once(title).chain(lines).collect::<Vec<_>>().join("\n")
        })
        .collect();
    let content = texts.join("\n\n");
    let fits = content.len() <= CONTENT_BYTES_MAX;
    (json!({ "msgtype": "markdown", "markdown": { "content": content } }), fits)
}
