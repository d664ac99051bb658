//! Downloads that are not complete yet: what each visitor was sent of each item.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::coverage::Coverage;

/// An interrupted download that is resumed within this time is the same download.
const RESUME_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// More than these are not remembered; the one that was interrupted first is forgotten.
const MAX_PARTIALS: usize = 1024;

/// Identifies what one visitor takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransferId {
    pub visitor: u64,
    pub item: u64,
}

/// How much of a download was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Nothing more than before.
    Nothing,
    /// So many bytes in all.
    Part(u64),
    All,
}

/// Downloads that are not complete yet.
#[derive(Debug, Default)]
pub struct Partials(HashMap<TransferId, Partial>);

#[derive(Debug)]
struct Partial {
    version: u64,
    coverage: Coverage,
    /// When bytes were last added.
    last: Instant,
}

impl Partials {
    /// Adds what was sent of this version of something. If that completes the download, another one
    /// begins.
    pub fn add(&mut self, id: TransferId, version: u64, sent: Coverage, now: Instant) -> Sent {
        if sent.is_whole() {
            self.0.remove(&id);
            return Sent::All;
        }
        if sent.is_empty() {
            return Sent::Nothing;
        }
        let is_current = |partial: &Partial| {
            partial.version == version && now.duration_since(partial.last) < RESUME_WINDOW
        };
        if let Some(partial) = self.0.get_mut(&id).filter(|partial| is_current(partial)) {
            partial.coverage.add_other(&sent);
            partial.last = now;
            if partial.coverage.is_whole() {
                self.0.remove(&id);
                return Sent::All;
            }
            return Sent::Part(partial.coverage.bytes());
        }
        if self.0.len() >= MAX_PARTIALS && !self.0.contains_key(&id) {
            let oldest = self.0.iter().min_by_key(|(_, partial)| partial.last);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.0.remove(&oldest);
            }
        }
        let part = Sent::Part(sent.bytes());
        let partial = Partial {
            version,
            coverage: sent,
            last: now,
        };
        self.0.insert(id, partial);
        part
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    const FIRST: TransferId = TransferId {
        visitor: 1,
        item: 7,
    };

    fn sent(range: Range<u64>) -> Coverage {
        let mut coverage = Coverage::new(10);
        coverage.add(range);
        coverage
    }

    #[test]
    fn a_download_is_complete_once_in_any_order_of_its_parts() {
        let (mut partials, now) = (Partials::default(), Instant::now());
        let mut completes = |range| partials.add(FIRST, 1, sent(range), now) == Sent::All;
        assert!(!completes(6..10));
        assert!(!completes(6..10), "the same bytes again");
        assert!(!completes(0..5));
        assert!(completes(4..7));
        assert!(!completes(4..7), "another download begins");
        assert!(completes(0..10));
        assert!(partials.0.is_empty());
    }

    #[test]
    fn parts_of_several_visitors_or_versions_or_days_make_no_download() {
        let (mut partials, now) = (Partials::default(), Instant::now());
        let other = TransferId {
            visitor: 2,
            ..FIRST
        };
        let mut add = |id, version, range, now| partials.add(id, version, sent(range), now);
        assert_eq!(add(FIRST, 1, 0..5, now), Sent::Part(5));
        assert_eq!(add(other, 1, 5..10, now), Sent::Part(5));
        assert_eq!(add(FIRST, 2, 5..10, now), Sent::Part(5));
        assert_eq!(add(FIRST, 2, 0..4, now), Sent::Part(9));
        let later = now + RESUME_WINDOW;
        assert_eq!(add(FIRST, 2, 4..5, later), Sent::Part(1));
        let soon = later + RESUME_WINDOW - Duration::from_secs(1);
        assert_eq!(add(FIRST, 2, 5..10, soon), Sent::Part(6));
        assert_eq!(add(FIRST, 2, 0..4, soon), Sent::All);
    }

    #[test]
    fn the_oldest_of_too_many_is_forgotten() {
        let (mut partials, now) = (Partials::default(), Instant::now());
        for visitor in 0..3000_u32 {
            let id = TransferId {
                visitor: visitor.into(),
                item: 7,
            };
            let then = now + Duration::from_millis(visitor.into());
            assert_eq!(partials.add(id, 1, sent(0..5), then), Sent::Part(5));
        }
        assert_eq!(partials.0.len(), MAX_PARTIALS);
        let id = |visitor| TransferId { visitor, item: 7 };
        let then = now + Duration::from_secs(4);
        let mut add = |id, range| partials.add(id, 1, sent(range), then);
        assert_eq!(add(id(2999), 5..10), Sent::All);
        assert_eq!(add(id(1), 5..10), Sent::Part(5));
    }
}
