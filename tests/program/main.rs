//! The real program, run as its user runs it, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod api;
mod control;
mod crash;
mod endurance;
mod health;
mod keys;
#[path = "../support/newsboat.rs"]
mod newsboat;
mod others;
mod outage;
mod process;
mod queries;
mod reader;
mod reload;
mod rest;
#[path = "../publish/servers.rs"]
mod servers;
mod service;
mod shared;
mod sinks;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod town;
mod websub;
mod whole;
