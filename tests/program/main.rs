//! The real program, run as its user runs it, on both databases.

mod crash;
mod process;
mod reader;
#[path = "../support/mod.rs"]
mod support;
mod whole;
