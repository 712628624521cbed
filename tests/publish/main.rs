//! Sinks before receivers that are flaky, slow, down, gone or choosy, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod answers;
mod hub;
mod order;
mod receiver;
#[path = "../support/mod.rs"]
mod support;
mod world;
