//! Whether a visitor takes what is sent.

use std::time::Instant;

/// Taking less than this counts as taking nothing. The system's buffers take much more at a time.
const NOTABLE_BYTES: u64 = 4 * 1024;

/// What a visitor has taken of one answer.
#[derive(Debug)]
pub struct Progress {
    /// When a notable amount was last taken.
    last: Instant,
    /// Bytes since then.
    since: u64,
    is_blocked: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            last: Instant::now(),
            since: 0,
            is_blocked: false,
        }
    }
}

impl Progress {
    /// So much more was taken.
    pub fn add(&mut self, bytes: u64) {
        self.since = self.since.saturating_add(bytes);
        if self.since >= NOTABLE_BYTES {
            self.last = Instant::now();
            self.since = 0;
        }
    }

    /// Notes whether there is more that was not taken. Returns whether that is worth telling.
    pub fn set_blocked(&mut self, is_blocked: bool) -> bool {
        let was_blocked = std::mem::replace(&mut self.is_blocked, is_blocked);
        is_blocked || was_blocked
    }

    /// Since when there is something that was not taken.
    pub fn blocked(&self) -> Option<Instant> {
        self.is_blocked.then_some(self.last)
    }
}
