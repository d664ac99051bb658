//! Whether anybody still waits for a piece of work.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// Tells work that nobody waits for it any more. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Abandonment(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_abandoned: AtomicBool,
    told: Notify,
}

impl Abandonment {
    /// From now on, nobody waits for it.
    pub fn tell(&self) {
        self.0.is_abandoned.store(true, Ordering::Relaxed);
        self.0.told.notify_waiters();
    }

    /// Whether nobody waits for it any more.
    pub fn was_told(&self) -> bool {
        self.0.is_abandoned.load(Ordering::Relaxed)
    }

    /// Waits until nobody waits for it any more.
    pub async fn told(self) {
        let mut told = pin!(self.0.told.notified());
        // What happens from here on is not missed.
        told.as_mut().enable();
        if !self.was_told() {
            told.await;
        }
    }
}
