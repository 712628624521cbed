//! Feeds over HTTP, from a store that is written as the ledger writes it, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod archives;
mod holds;
mod narrowed;
#[path = "../support/newsboat.rs"]
mod newsboat;
mod reader;
#[path = "../support/mod.rs"]
mod support;
mod troubles;
mod valid;
mod world;
