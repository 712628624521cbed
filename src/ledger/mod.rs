//! STUB

use std::time::Duration;

/// What is kept, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Articles older than this are deleted, with their matches; identities are kept. `None`: nothing is deleted.
    pub articles_kept: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { articles_kept: Some(Duration::from_secs(180 * 86_400)) }
    }
}
