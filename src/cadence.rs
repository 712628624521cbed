//! Floor 2: when to visit next. STUB
use std::time::Duration;

/// Bounds of the time between visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Shortest time between two visits of a listing that has no `every`.
    pub floor: Duration,
    /// Longest time between two visits, also of a failing one.
    pub ceiling: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { floor: Duration::from_secs(5 * 60), ceiling: Duration::from_secs(4 * 3600) }
    }
}
