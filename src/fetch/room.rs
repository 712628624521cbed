//! How many bytes of bodies there may be at once, over all lanes: memory stays flat however many sites send much.
//!
//! Small bodies are free, the number of lanes bounds them. Whoever reads a large one first takes room for all that may come;
//! nobody holds a part and waits for the rest, so that nobody waits for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use url::Url;

use super::failure::{failure, host};
use crate::model::{Failure, FailureKind};

/// Bytes of a body that need no room.
pub(super) const FREE_BYTES: u64 = 256 * 1024;
/// Bytes of large bodies at once, if the largest allowed body is not larger than that.
const ROOM_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of one unit.
const UNIT_BYTES: u64 = 64 * 1024;
/// How long one waits for room.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The share of the room that a body takes, until the last clone of this is dropped.
#[derive(Clone, Debug, Default)]
pub struct Hold(Option<Arc<OwnedSemaphorePermit>>);

/// The room for all bodies.
#[derive(Clone, Debug)]
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    pub(super) fn new(body_bytes_max: u64) -> Self {
        Self(Arc::new(Semaphore::new(units(ROOM_BYTES.max(body_bytes_max)) as usize)))
    }

    /// Sees that `hold` is enough for `bytes` of what comes from `url`.
    ///
    /// # Errors
    /// When there is no room for long.
    pub(super) async fn hold(&self, hold: &mut Hold, url: &Url, bytes: u64) -> Result<(), Failure> {
        let needed = if bytes <= FREE_BYTES { 0 } else { units(bytes) };
        let held = hold.0.as_ref().map_or(0, |permit| permit.num_permits());
        if held >= needed as usize {
            return Ok(());
        }
        // Given back before more is asked for.
        hold.0 = None;
        let full = |_| {
            let reason = format!("too many large answers came at once to read that of {}", host(url));
            failure(FailureKind::Timeout, reason)
        };
        let permit = timeout(WAIT_MAX, self.0.clone().acquire_many_owned(needed)).await.map_err(full)?;
        hold.0 = permit.ok().map(Arc::new);
        Ok(())
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn large_bodies_wait_for_each_other_and_small_ones_do_not() {
        let (room, url) = (Room::new(ROOM_BYTES / 2), Url::parse("http://h.example/").unwrap());
        let take = async |bytes| {
            let mut hold = Hold::default();
            room.hold(&mut hold, &url, bytes).await.map(|()| hold)
        };
        let (first, second) = (take(ROOM_BYTES / 2).await.unwrap(), take(ROOM_BYTES / 2).await.unwrap());
        assert!(take(FREE_BYTES).await.is_ok());
        assert_eq!(take(FREE_BYTES + 1).await.unwrap_err().kind, FailureKind::Timeout);
        let again = first.clone();
        drop(first);
        assert!(take(FREE_BYTES + 1).await.is_err(), "it is still in use");
        drop(again);
        let mut third = take(FREE_BYTES + 1).await.unwrap();
        assert!(room.hold(&mut third, &url, ROOM_BYTES / 2).await.is_ok(), "more is asked for with empty hands");
        drop(second);
    }
}
