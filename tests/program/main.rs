//! The real program, run as its user runs it, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod control;
mod crash;
mod others;
mod process;
mod queries;
mod reader;
#[path = "../publish/servers.rs"]
mod servers;
mod service;
mod sinks;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod whole;
