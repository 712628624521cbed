//! `tidings` polls news portals and feeds, keeps every article once, and publishes what matches the topics its user
//! watches. This page is the map of the crate; a module imports only from lower floors (`tests/floors.rs` holds that).
//!
//! | floor | modules | what they do |
//! | --- | --- | --- |
//! | 0 words | [`model`] | the values that everything else speaks in |
//! | 1 text | [`text`] | decoding, folding, dates, taming of markup |
//! | 2 pure | [`cadence`] [`read`] [`extract`] [`fingerprint`] [`topic`] [`search`] [`render`] [`websub`] | no clock, no network, no database |
//! | 3 edges | [`fetch`] [`store`] [`telemetry`] [`bus`] [`mail`] | exactly one outside thing each |
//! | 4 work | [`visit`] | one polite fetch of a target and all that came of it |
//! | 5 long-lived | [`frontier`] [`ledger`] [`publish`] [`serve`] | claim, record, follow, show |
//! | 6 assembly | [`config`] | one file becomes everybody's settings |
//! | 7 top | [`daemon`] | starts and stops the above in order |
//! | 8, 9 top | [`demo`], [`cli`] | a portal to try it on; the commands |
//!
//! The flow goes one way: the frontier claims hosts and hands out due targets; `visit` turns each into a
//! [`model::Visit`]; the ledger alone writes them; serve only reads, but for what archive pages
//! said first, and publish writes only how far those are whom it tells.

// Each is copied from stack to stack on its way to where it runs; some dozen within each other are more than a thread has.
#![warn(clippy::large_futures)]

pub mod bus;
pub mod cadence;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod extract;
pub mod fetch;
pub mod fingerprint;
pub mod frontier;
pub mod ledger;
pub mod mail;
pub mod model;
pub mod publish;
pub mod read;
pub mod render;
pub mod search;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod topic;
pub mod visit;
pub mod websub;
