//! Whether the disk has room.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{error::ReceiveError, space_system::free_bytes};
use crate::server::folder::Folder;

/// How long an answer of the system is used.
const VALID: Duration = Duration::from_secs(1);

/// After so many bytes it is asked again.
const STEP: u64 = 8 * 1024 * 1024;

/// What is known about the free space.
#[derive(Debug, Default)]
pub struct Space {
    last: Mutex<Option<(Instant, u64)>>,
    /// Written since the last answer.
    written: AtomicU64,
}

impl Space {
    /// Bytes were written.
    pub fn wrote(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether so many bytes can be written, and `min_free` stay free. May wait for the disk.
    ///
    /// # Errors
    /// They can't.
    pub fn check(&self, folder: &Folder, bytes: u64, min_free: u64) -> Result<(), ReceiveError> {
        match self.free(folder) {
            Some(free) => is_enough(free, bytes, min_free),
            None => Ok(()),
        }
    }

    /// Like [`Space::check`], but never waits: `None` if the system has to be asked.
    pub fn check_now(&self, bytes: u64, min_free: u64) -> Option<Result<(), ReceiveError>> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        Some(is_enough(self.known(last)?, bytes, min_free))
    }

    fn known(&self, last: Option<(Instant, u64)>) -> Option<u64> {
        let written = self.written.load(Ordering::Relaxed);
        let (asked, free) = last?;
        let is_valid = asked.elapsed() < VALID && written < STEP;
        is_valid.then(|| free.saturating_sub(written))
    }

    /// Free bytes, as far as the system can tell.
    fn free(&self, folder: &Folder) -> Option<u64> {
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known = *last();
        if let Some(free) = self.known(known) {
            return Some(free);
        }
        // Not under the lock: a drive that hangs must not hold up those who never wait.
        let written = self.written.load(Ordering::Relaxed);
        let free = free_bytes(folder)
            .inspect_err(|error| tracing::debug!(%error, "the free space is unknown"))
            .ok()?;
        *last() = Some((Instant::now(), free));
        // What was written meanwhile may not be in the answer. Others may have taken it off already.
        let left = |sum: u64| Some(sum.saturating_sub(written));
        let _ = self
            .written
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        Some(free)
    }
}

fn is_enough(free: u64, bytes: u64, min_free: u64) -> Result<(), ReceiveError> {
    let needed = bytes.saturating_add(min_free);
    (free >= needed).then_some(()).ok_or(ReceiveError::DiskFull)
}
