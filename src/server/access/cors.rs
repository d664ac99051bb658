//! Whether scripts of other websites may read a share.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether scripts of other websites may read a share while it needs no password. May change at any time.
#[derive(Debug, Default)]
pub struct Cors(AtomicBool);

impl Cors {
    /// Lets them from the next request on, or no more.
    pub fn allow(&self, may_read: bool) {
        self.0.store(may_read, Ordering::Relaxed);
    }

    pub fn is_allowed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
