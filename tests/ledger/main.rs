//! What the ledger makes of visits, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod bench;
mod changes;
mod copies;
mod flood;
#[path = "../support/mod.rs"]
mod support;
mod topics;
mod writes;
