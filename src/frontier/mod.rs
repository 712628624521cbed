//! Floor 5: who visits what, when. STUB
use std::time::Duration;

/// How many lanes, and how gentle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many hosts are visited at once.
    pub concurrency: usize,
    /// Gap between two requests to one host.
    pub per_host_delay: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { concurrency: 64, per_host_delay: Duration::from_secs(1) }
    }
}
