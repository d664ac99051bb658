//! Whether visitors are told where photos were taken.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether visitors of a share are told where its photos were taken. May change at any time. The files
/// themselves say it all the same.
#[derive(Debug, Default)]
pub struct Places(AtomicBool);

impl Places {
    /// Tells them from the next request on, or no more.
    pub fn show(&self, are_shown: bool) {
        self.0.store(are_shown, Ordering::Relaxed);
    }

    pub fn are_shown(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
