//! Windows and macOS: looks now and then.

use std::time::Duration;

use tokio::time::sleep;

/// How often.
const PACE: Duration = Duration::from_secs(2);

/// Tells when the network may have changed.
pub struct Changes;

impl Changes {
    /// From now on.
    pub fn new() -> Self {
        Self
    }

    /// Waits for the next change.
    pub async fn next(&mut self) {
        sleep(PACE).await;
    }
}
