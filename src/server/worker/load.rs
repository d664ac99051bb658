//! How many connections each worker of a share has.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The number of connections of one worker. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Load(Arc<AtomicUsize>);

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub struct Counted(Load);

impl Load {
    /// The current number of connections.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more.
    pub fn add(&self) -> Counted {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
