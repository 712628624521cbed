//! Sinks before receivers that are flaky, slow, down, gone or choosy, and before the real servers of others, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod answers;
mod chats;
mod digests;
mod hub;
mod hub_long;
mod nats;
mod order;
mod receiver;
mod reload;
mod servers;
#[path = "../support/mod.rs"]
mod support;
mod world;
