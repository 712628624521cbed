//! Mails at set hours of what is new since the last one.
//!
//! In: the log, the row of the sink, the row of its period. Out: letters, and both rows moved on in one step. `schedule` says
//! when one is due, `postman` sends it; what it says is `render`'s. What a mail tells is settled before it is first tried, so
//! that it says the same under the same name however often that is. Deliberately absent: an empty mail.

mod postman;
mod schedule;

use std::time::Duration;

pub(super) use self::postman::Postman;
pub use self::schedule::Schedule;
use super::scope::Scope;
use crate::mail;
use crate::model::ChangeKind;

/// Most changes that one mail tells; what is more comes in another one.
pub const DIGEST_CHANGES_MAX: usize = 100;

/// Readers who are told by mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// Stable name; its cursor is kept under it.
    pub id: String,
    /// What mails are called.
    pub title: String,
    /// The server.
    pub server: mail::Settings,
    /// Whether addresses of private networks are dialled, also those that no setting of the fetcher allows.
    pub private: bool,
    /// Who they are from.
    pub from: mail::Address,
    /// Who gets them.
    pub to: Vec<mail::Address>,
    /// Only changes of these topics.
    pub topics: Vec<String>,
    /// What these are called, in the same order.
    pub topic_titles: Vec<String>,
    /// Only changes of these kinds.
    pub kinds: Vec<ChangeKind>,
    /// When.
    pub schedule: Schedule,
    /// Most changes of one mail.
    pub stories_max: usize,
    /// How long the server may take.
    pub timeout: Duration,
}

impl Digest {
    /// What it is told of.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { topics: &self.topics, kinds: &self.kinds }
    }
}
