//! Whether a visitor receives what is sent, or sends what is waited for.

use std::time::Instant;

/// Less than this counts as nothing. The system's buffers take much more at a
/// time.
const NOTABLE_BYTES: u64 = 4 * 1024;

/// What a visitor has received of one answer, or sent of one body.
#[derive(Debug, Default)]
pub struct Progress {
    /// When a notable amount was last received, once there was something that was not received at
    /// once. Most answers are, and need no clock. For a body, the same with what was sent.
    last: Option<Instant>,
    /// Bytes since then.
    since: u64,
    is_blocked: bool,
}

impl Progress {
    /// Adds bytes that the visitor received or sent.
    pub fn add(&mut self, bytes: u64) {
        self.since = self.since.saturating_add(bytes);
        if self.since >= NOTABLE_BYTES {
            self.last = None;
            self.since = 0;
        }
    }

    /// Records whether there is more that doesn't come. Returns whether that is worth reporting.
    pub fn set_blocked(&mut self, is_blocked: bool) -> bool {
        let was_blocked = std::mem::replace(&mut self.is_blocked, is_blocked);
        if is_blocked && self.last.is_none() {
            self.last = Some(Instant::now());
        }
        is_blocked || was_blocked
    }

    /// Since when something doesn't come.
    pub fn blocked(&self) -> Option<Instant> {
        self.last.filter(|_| self.is_blocked)
    }
}
