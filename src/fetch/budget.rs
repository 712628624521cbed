//! The time that one document may take. Waiting for our own turn is not counted: that is no fault of the server.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use url::Url;

use super::failure::timed_out;
use crate::model::Failure;

/// What is left of a document's time.
pub(super) struct Budget {
    left: Duration,
    whole: Duration,
}

impl Budget {
    pub(super) fn new(whole: Duration) -> Self {
        Self { left: whole, whole }
    }

    /// Runs `work`, which asks for `url`, in what is left.
    ///
    /// # Errors
    /// When that is not enough, or `work` fails.
    pub(super) async fn spend<T>(
        &mut self,
        url: &Url,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let begun = Instant::now();
        let done = timeout(self.left, work).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        done.unwrap_or_else(|_| Err(timed_out(url, self.whole)))
    }
}
