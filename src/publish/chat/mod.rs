//! Messages for chats, each in the words and shape of its service, and what the service's answers mean.
//!
//! In: changes with what is stored of them, an instant. Out: an address and a JSON body; an [`Outcome`] from an answer. One
//! module for each service, whose limits and escapes it alone knows; `item` is what all of them tell, `answer` reads what they
//! say. Deliberately absent: a clock, the network, and retries (the courier's).

mod answer;
mod dingtalk;
mod discord;
mod feishu;
mod item;
mod markdown;
mod ntfy;
mod slack;
mod telegram;
mod wecom;

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

pub(super) use self::answer::outcome;
use self::item::{Item, Level};
use super::{secret::Secret, webhook::Webhook};
use crate::model::{Change, StoryItem};

/// What the receiver of a webhook understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Our own events, signed by the Standard Webhooks specification.
    #[default]
    Standard,
    /// An incoming webhook of Slack, or of what takes the same (Mattermost does not know blocks).
    Slack,
    /// A webhook of a Discord channel.
    Discord,
    /// `sendMessage` of the Telegram Bot API, the chat in the address's `chat_id`.
    Telegram,
    /// A topic of an ntfy server, the last part of the address's path.
    Ntfy,
    /// A custom bot of Feishu or Lark.
    Feishu,
    /// A custom robot of DingTalk.
    DingTalk,
    /// A group robot of WeCom.
    WeCom,
}

/// Most changes of one message to a chat: as many embeds as Discord takes, and what every service has room for.
pub const CHAT_BATCH_MAX: usize = 10;

impl Format {
    /// Whether its messages are signed with a secret of the service's own making.
    #[must_use]
    pub const fn has_own_secret(self) -> bool {
        matches!(self, Self::Feishu | Self::DingTalk)
    }

    /// What is missing in an address of this format, if anything is.
    #[must_use]
    pub fn lacks(self, url: &Url) -> Option<&'static str> {
        match self {
            Self::Telegram if telegram::chat(url).is_none() => {
                Some("it has no `chat_id`: .../sendMessage?chat_id=-100...")
            }
            Self::Ntfy if ntfy::topic(url).is_none() => Some("it names no topic: https://ntfy.example.org/topic"),
            _ => None,
        }
    }
}

/// What is posted, and where to.
#[derive(Debug, PartialEq)]
pub(super) struct Posting {
    pub(super) url: Url,
    pub(super) json: Vec<u8>,
}

/// The message that tells the receiver of `webhook` of the changes, each with what is stored of its article.
pub(super) fn posting(webhook: &Webhook, told: &[(Change, Option<StoryItem>)], now: DateTime<Utc>) -> Posting {
    let items: Vec<Item> =
        told.iter().map(|(change, stored)| Item::of(webhook.scope(), change, stored.as_ref())).collect();
    let (url, secret) = (&webhook.url, webhook.secrets.first());
    let (url, body) = match webhook.format {
        // Whoever asks has asked before: our own events are `body`'s.
        Format::Standard | Format::Slack => (url.clone(), fitting(&items, slack::body)),
        Format::Discord => (url.clone(), fitting(&items, discord::body)),
        Format::Telegram => telegram::with_chat(url, fitting(&items, telegram::body)),
        Format::Ntfy => ntfy::with_topic(url, fitting(&items, ntfy::body)),
        Format::Feishu => (url.clone(), feishu::signed(fitting(&items, feishu::body), secret, now)),
        Format::DingTalk => (dingtalk::signed(url, secret, now), fitting(&items, dingtalk::body)),
        Format::WeCom => (url.clone(), fitting(&items, wecom::body)),
    };
    Posting { url, json: body.to_string().into_bytes() }
}

/// The fullest of the bodies that `make` gives which its service has room for (`true`).
fn fitting(items: &[Item], make: impl Fn(&[Item]) -> (Value, bool)) -> Value {
    let mut made = Value::Null;
    for level in Level::ALL {
        let (body, fits) = make(&items.iter().map(|item| item.at(level)).collect::<Vec<_>>());
        made = body;
        if fits {
            break;
        }
    }
    made
}

/// HMAC-SHA256 in base64, as Feishu and DingTalk sign.
fn hmac(key: &[u8], message: &[u8]) -> String {
    super::secret::mac(key, &[message])
}

/// The text of a service's own secret.
fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.bytes()).into_owned()
}

#[cfg(test)]
mod tests;
