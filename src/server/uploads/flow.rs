//! What comes in at the moment. Pure: the time is given.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::report::Incoming;

/// How long an upload counts after its last byte.
pub const RECENT: Duration = Duration::from_secs(60);

/// The uploads that are open and were written to.
#[derive(Debug, Default)]
pub struct Flow {
    last: u64,
    uploads: HashMap<u64, Progress>,
}

#[derive(Debug)]
struct Progress {
    received: u64,
    expected: Option<u64>,
    written: Instant,
}

impl Flow {
    /// A number for a new upload.
    pub fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// So much of an upload is here now.
    pub fn progress(&mut self, upload: u64, received: u64, expected: Option<u64>, now: Instant) {
        let progress = Progress {
            received,
            expected,
            written: now,
        };
        self.uploads.insert(upload, progress);
    }

    /// An upload is complete, or was given up. Returns whether it was known.
    pub fn end(&mut self, upload: u64) -> bool {
        self.uploads.remove(&upload).is_some()
    }

    /// Forgets those that were not written to for a while.
    pub fn forget_old(&mut self, now: Instant) {
        self.uploads
            .retain(|_, progress| now.saturating_duration_since(progress.written) < RECENT);
    }

    /// What comes in.
    pub fn incoming(&self, now: Instant) -> Incoming {
        let mut incoming = Incoming {
            expected: Some(0),
            ..Incoming::default()
        };
        let recent = self
            .uploads
            .values()
            .filter(|progress| now.saturating_duration_since(progress.written) < RECENT);
        for progress in recent {
            incoming.files += 1;
            incoming.received += progress.received;
            let sum = incoming.expected.zip(progress.expected);
            incoming.expected = sum.map(|(sum, expected)| sum.saturating_add(expected));
        }
        if incoming.files == 0 {
            return Incoming::default();
        }
        incoming
    }

    /// When the next of them has not been written to for a while.
    pub fn next_old(&self) -> Option<Instant> {
        let written = self.uploads.values().map(|progress| progress.written);
        written.min().map(|written| written + RECENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_count_for_a_minute_after_their_last_byte() {
        let mut flow = Flow::default();
        let now = Instant::now();
        let (first, second) = (flow.number(), flow.number());
        flow.progress(first, 3, Some(10), now);
        flow.progress(second, 4, Some(20), now + RECENT / 2);
        let both = Incoming {
            files: 2,
            received: 7,
            expected: Some(30),
        };
        assert_eq!(flow.incoming(now + RECENT / 2), both);
        assert_eq!(flow.next_old(), Some(now + RECENT));
        flow.forget_old(now + RECENT);
        assert_eq!(flow.incoming(now + RECENT).files, 1);
        assert!(flow.end(second) && !flow.end(first));
        assert_eq!(flow.incoming(now + RECENT), Incoming::default());
        assert_eq!(flow.next_old(), None);
    }

    #[test]
    fn the_sum_is_unknown_if_one_length_is() {
        let mut flow = Flow::default();
        let now = Instant::now();
        for expected in [Some(10), None, Some(5)] {
            let number = flow.number();
            flow.progress(number, 1, expected, now);
        }
        assert_eq!(flow.incoming(now).expected, None);
        assert_eq!(flow.incoming(now).received, 3);
    }
}
