//! Whether visitors see hidden files.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether visitors of a share see its hidden files. May change at any time. Clones belong to the same
/// share.
#[derive(Clone, Debug, Default)]
pub struct HiddenFiles(Arc<AtomicBool>);

impl HiddenFiles {
    /// Serves them from the next request on, or no more.
    pub fn serve(&self, are_served: bool) {
        self.0.store(are_served, Ordering::Release);
    }

    pub fn are_served(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl From<bool> for HiddenFiles {
    fn from(are_served: bool) -> Self {
        Self(Arc::new(are_served.into()))
    }
}
