//! How a message gets to its sink, and what came of it.
//!
//! In: a sink, changes with what is stored of them. Out: an [`Outcome`]. Deliberately absent: when, how often, and what has been
//! told before, which the courier knows.

use chrono::Utc;
use tokio::time::Instant;

use super::{
    body,
    chat::{self, Format},
    nats::{self, Nats},
    pace::{Outcome, Verdict},
    secret::signatures,
    sink::Sink,
    webhook::Webhook,
};
use crate::bus::{Bus, Note};
use crate::fetch::Poster;
use crate::model::{Change, StoryItem};

/// The means of telling one sink.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) poster: Poster,
    /// Where a stream is told; a connection that lives as long as this.
    bus: Option<Bus>,
}

impl Way {
    /// The way to `sink`; nothing is connected yet.
    pub(super) fn to(sink: &Sink, poster: &Poster) -> Self {
        let bus = match sink {
            Sink::Nats(nats) => Some(Bus::new(nats.bus.clone())),
            Sink::Webhook(_) | Sink::Digest(_) => None,
        };
        Self { poster: poster.clone(), bus }
    }

    /// Tells `sink` of the changes, in the message `id`.
    pub(super) async fn tell(&self, sink: &Sink, id: &str, told: Vec<(Change, Option<StoryItem>)>) -> Outcome {
        match (sink, &self.bus) {
            (Sink::Webhook(webhook), _) => self.post(webhook, id, told).await,
            (Sink::Nats(nats), Some(bus)) => self.put(nats, bus, id, told).await,
            _ => Outcome { verdict: Verdict::Failed, reason: "it is told at its hours".into(), status: None },
        }
    }

    async fn post(&self, webhook: &Webhook, id: &str, told: Vec<(Change, Option<StoryItem>)>) -> Outcome {
        let now = Utc::now();
        let answered = if webhook.format == Format::Standard {
            let (body, timestamp_s) = (body::message(webhook.scope(), webhook.batch > 1, told), now.timestamp());
            let signature = signatures(&webhook.secrets, id, timestamp_s, &body);
            let timestamp = timestamp_s.to_string();
            let headers =
                [("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", signature.as_str())];
            self.poster.post(&webhook.url, &headers, body, webhook.timeout).await
        } else {
            let posting = chat::posting(webhook, &told, now);
            self.poster.post(&posting.url, &[], posting.json, webhook.timeout).await
        };
        match answered {
            Ok(answered) => chat::outcome(webhook.format, &answered),
            Err(failure) => Outcome::failed(failure),
        }
    }

    /// Puts each change under the subject of each of its topics.
    async fn put(&self, nats: &Nats, bus: &Bus, id: &str, told: Vec<(Change, Option<StoryItem>)>) -> Outcome {
        if !nats.private && !bus.is_up() {
            for (host, port) in nats.bus.addresses() {
                if let Err(failure) = self.poster.may_reach(&host, port).await {
                    return Outcome::failed(failure);
                }
            }
        }
        // All subjects together, as the lease does not last for each of them.
        let deadline = Instant::now() + nats.timeout;
        for (change, stored) in told {
            let (number, topics) = (change.number.to_string(), nats::subjects(nats, &change));
            let payload = body::message(nats.scope(), false, vec![(change, stored)]);
            for (topic, subject) in topics {
                let id = format!("{id}_{topic}");
                let note = Note { subject: &subject, id: &id, number: &number, payload: &payload };
                if let Err(unput) = bus.put(note, deadline.saturating_duration_since(Instant::now())).await {
                    let verdict = if unput.refused { Verdict::Refused } else { Verdict::Failed };
                    return Outcome { verdict, reason: unput.reason, status: None };
                }
            }
        }
        Outcome { verdict: Verdict::Taken, reason: String::new(), status: None }
    }
}
