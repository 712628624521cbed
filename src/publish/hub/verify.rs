//! Whether who asked meant it (section 5.3): the callback must repeat a word that nobody can guess.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Hub, Slot, Slots, TIMEOUT, lease};
use crate::fetch::unguessable;
use crate::store::{RequestRow, StoreError};
use crate::websub::{Mode, verification};

/// How often a callback is asked that does not answer at all; any answer is one (section 5.3).
const TRIES_MAX: i64 = 3;
/// Pause before it is asked again, more with each try.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// What the callback made of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Intent {
    /// It meant it.
    Meant,
    /// It did not, and why that is thought.
    Not(String),
    /// Nothing came; why.
    Silence(String),
}

impl Hub {
    /// Begins to verify what waits, as far as there is room.
    pub(super) async fn verify(&self, slots: &Slots, now: DateTime<Utc>) -> Result<(), StoreError> {
        for row in self.store.hub_requests(now).await? {
            let Some(slot) = slots.take(&row.host) else { continue };
            // From this moment: there may be many of them.
            let now = Utc::now();
            if self.store.claim_request(&row, now, lease(now, TIMEOUT)).await? {
                let hub = self.clone();
                slots.running.spawn(async move { hub.verify_one(row, slot).await });
            }
        }
        Ok(())
    }

    async fn verify_one(&self, row: RequestRow, _slot: Slot) {
        let intent = self.intent(&row).await;
        let now = Utc::now();
        let written = match &intent {
            Intent::Meant => self.store.settle_request(&row, true, now).await,
            Intent::Silence(_) if row.tries + 1 < TRIES_MAX => {
                let again = now + PAUSE * i32::try_from(row.tries + 1).unwrap_or(1);
                self.store.postpone_request(&row, again).await.map(|()| false)
            }
            Intent::Not(_) | Intent::Silence(_) => self.store.settle_request(&row, false, now).await,
        };
        match (written, &intent) {
            (Err(error), _) => tracing::warn!(%error, hint = error.hint(), "a request to the hub has to wait"),
            (Ok(true), Intent::Meant) => {
                self.count(if row.mode == Mode::Subscribe.as_str() { "subscribed" } else { "unsubscribed" });
                tracing::info!(host = row.host, topic = row.topic, lease_s = row.lease_s, "{} at the hub", row.mode);
            }
            (Ok(_), Intent::Meant) => {}
            (Ok(_), Intent::Not(why) | Intent::Silence(why)) => {
                self.count("unverified");
                tracing::info!(host = row.host, topic = row.topic, "a request to {} is not granted: {why}", row.mode);
            }
        }
    }

    async fn intent(&self, row: &RequestRow) -> Intent {
        let (Some(mode), Ok(callback)) = (Mode::parse(&row.mode), Url::parse(&row.callback)) else {
            return Intent::Not("it cannot be read".into());
        };
        let challenge = match unguessable() {
            Ok(challenge) => challenge,
            Err(error) => return Intent::Silence(error.to_string()),
        };
        let url = verification(&callback, mode, &row.topic, &challenge, row.lease_s);
        match self.poster().ask(&url, TIMEOUT).await {
            Ok(reply) => judge(reply.status, &reply.body, &challenge),
            Err(failure) => Intent::Silence(failure.reason),
        }
    }
}

fn judge(status: u16, body: &[u8], challenge: &str) -> Intent {
    match status {
        200..=299 if body == challenge.as_bytes() => Intent::Meant,
        200..=299 => Intent::Not("the callback did not repeat the challenge".into()),
        404 => Intent::Not("the callback says that it did not ask".into()),
        status => Intent::Not(format!("the callback answered {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_challenge_itself_is_consent() {
        assert_eq!(judge(200, b"c0ffee", "c0ffee"), Intent::Meant);
        assert_eq!(judge(204, b"c0ffee", "c0ffee"), Intent::Meant);
        for (status, body) in [
            (200, &b""[..]),
            (200, b"c0ffe"),
            (200, b"c0ffee "),
            (200, b"<p>c0ffee</p>"),
            (302, b"c0ffee"),
            (404, b"c0ffee"),
            (500, b"c0ffee"),
        ] {
            assert!(matches!(judge(status, body, "c0ffee"), Intent::Not(_)), "{status} {body:?}");
        }
    }
}
