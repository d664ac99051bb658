//! How much memory all bodies together may take while they wait for their handlers.
//!
//! Each has a little of its own. Chunks that are larger, as those of visitors who send fast, are
//! lent from a pool. While that is empty, chunks stay as small as they are.

use std::sync::atomic::{AtomicUsize, Ordering};

/// What the bodies of all shares may borrow.
pub static POOL: Pool = Pool::of(2 << 20);

/// Memory that is lent.
#[derive(Debug)]
pub struct Pool {
    left: AtomicUsize,
}

/// What one body has borrowed, until this is dropped.
#[derive(Debug)]
pub struct Loan {
    pool: &'static Pool,
    bytes: usize,
}

impl Pool {
    /// Of this size.
    pub const fn of(bytes: usize) -> Self {
        Self {
            left: AtomicUsize::new(bytes),
        }
    }
}

impl Loan {
    /// Of nothing yet.
    pub fn of(pool: &'static Pool) -> Self {
        Self { pool, bytes: 0 }
    }

    /// Makes it this much, if there is enough left. Less is always possible.
    pub fn resize(&mut self, bytes: usize) -> bool {
        let left = &self.pool.left;
        let more = bytes.saturating_sub(self.bytes);
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(more)
        });
        if taken.is_ok() {
            left.fetch_add(self.bytes.saturating_sub(bytes), Ordering::Relaxed);
            self.bytes = bytes;
        }
        taken.is_ok()
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.resize(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_lent_than_there_is() {
        static POOL: Pool = Pool::of(100);
        let (mut first, mut second) = (Loan::of(&POOL), Loan::of(&POOL));
        assert!(first.resize(60));
        assert!(!second.resize(50));
        assert!(second.resize(40) && first.resize(30) && second.resize(70));
        assert!(!first.resize(31));
        drop(second);
        assert!(first.resize(100));
    }
}
