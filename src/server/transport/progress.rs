//! Whether a visitor receives what is sent.

use std::time::Instant;

/// Receiving less than this counts as receiving nothing. The system's buffers take much more at a
/// time.
const NOTABLE_BYTES: u64 = 4 * 1024;

/// What a visitor has received of one answer.
#[derive(Debug, Default)]
pub struct Progress {
    /// When a notable amount was last received, once there was something that was not received at
    /// once. Most answers are, and need no clock.
    last: Option<Instant>,
    /// Bytes since then.
    since: u64,
    is_blocked: bool,
}

impl Progress {
    /// Adds bytes that the visitor received.
    pub fn add(&mut self, bytes: u64) {
        self.since = self.since.saturating_add(bytes);
        if self.since >= NOTABLE_BYTES {
            self.last = None;
            self.since = 0;
        }
    }

    /// Records whether there is more to receive. Returns whether that is worth reporting.
    pub fn set_blocked(&mut self, is_blocked: bool) -> bool {
        let was_blocked = std::mem::replace(&mut self.is_blocked, is_blocked);
        if is_blocked && self.last.is_none() {
            self.last = Some(Instant::now());
        }
        is_blocked || was_blocked
    }

    /// Since when there is something that was not received.
    pub fn blocked(&self) -> Option<Instant> {
        self.last.filter(|_| self.is_blocked)
    }
}
