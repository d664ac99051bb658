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
        if self.is_known_to_have(bytes, min_free) {
            return Ok(());
        }
        // There may be room by now.
        match self.ask(folder) {
            Some(free) => is_enough(free, bytes, min_free),
            None => Ok(()),
        }
    }

    /// Whether there is room as far as is known, without waiting. If not, the system has to be asked.
    pub fn is_known_to_have(&self, bytes: u64, min_free: u64) -> bool {
        let known = self.known(self.last());
        known.is_some_and(|free| is_enough(free, bytes, min_free).is_ok())
    }

    /// Free bytes, as far as the system can tell. May wait for the disk.
    pub fn free(&self, folder: &Folder) -> Option<u64> {
        self.known(self.last()).or_else(|| self.ask(folder))
    }

    fn last(&self) -> Option<(Instant, u64)> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, last: Option<(Instant, u64)>) -> Option<u64> {
        let written = self.written.load(Ordering::Relaxed);
        let (asked, free) = last?;
        let is_valid = asked.elapsed() < VALID && written < STEP;
        is_valid.then(|| free.saturating_sub(written))
    }

    /// Free bytes, as far as the system can tell.
    fn ask(&self, folder: &Folder) -> Option<u64> {
        // Not under the lock: a drive that hangs must not hold up those who never wait.
        let written = self.written.load(Ordering::Relaxed);
        let free = free_bytes(folder)
            .inspect_err(|error| tracing::debug!(%error, "the free space is unknown"))
            .ok()?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((Instant::now(), free));
        drop(last);
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
