//! A connection's place among those that a share takes at a time.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::server::transport::IdleEviction;

/// How long a connection waits for a place to be served in.
const WAIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection's place among those that a share takes at a time.
pub struct Slot {
    /// One to be served in; where there was none, it is waited for.
    pub served: Option<OwnedSemaphorePermit>,
    pub waiting: Option<OwnedSemaphorePermit>,
    /// All places to be served in.
    pub all_served: Arc<Semaphore>,
    /// Asks idle connections for theirs.
    pub eviction: Arc<IdleEviction>,
}

impl Slot {
    /// Waits for a place to be served in for some time. Gives what has to be kept as long as the
    /// connection, with whether it is to be served.
    pub async fn wait(mut self) -> (Self, bool) {
        if self.served.is_none() {
            let _wanted = self.eviction.want();
            let freed = Arc::clone(&self.all_served).acquire_owned();
            if let Ok(Ok(slot)) = tokio::time::timeout(WAIT_TIMEOUT, freed).await {
                self.served = Some(slot);
                self.waiting = None;
            }
        }
        let is_served = self.served.is_some();
        (self, is_served)
    }
}
