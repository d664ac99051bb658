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
    /// Adds what was sent of this version of something, and returns whether that completes the
    /// download. Then another one begins.
    pub fn completes(
        &mut self,
        id: TransferId,
        version: u64,
        sent: Coverage,
        now: Instant,
    ) -> bool {
        if sent.is_whole() {
            self.0.remove(&id);
            return true;
        }
        if sent.is_empty() {
            return false;
        }
        let is_current = |partial: &Partial| {
            partial.version == version && now.duration_since(partial.last) < RESUME_WINDOW
        };
        if let Some(partial) = self.0.get_mut(&id).filter(|partial| is_current(partial)) {
            partial.coverage.add_other(&sent);
            partial.last = now;
            let is_whole = partial.coverage.is_whole();
            if is_whole {
                self.0.remove(&id);
            }
            return is_whole;
        }
        if self.0.len() >= MAX_PARTIALS && !self.0.contains_key(&id) {
            let oldest = self.0.iter().min_by_key(|(_, partial)| partial.last);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.0.remove(&oldest);
            }
        }
        let partial = Partial {
            version,
            coverage: sent,
            last: now,
        };
        self.0.insert(id, partial);
        false
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
        let mut completes = |range| partials.completes(FIRST, 1, sent(range), now);
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
        assert!(!partials.completes(FIRST, 1, sent(0..5), now));
        assert!(!partials.completes(other, 1, sent(5..10), now));
        assert!(!partials.completes(FIRST, 2, sent(5..10), now));
        assert!(!partials.completes(FIRST, 2, sent(0..4), now));
        let later = now + RESUME_WINDOW;
        assert!(!partials.completes(FIRST, 2, sent(4..5), later));
        let soon = later + RESUME_WINDOW - Duration::from_secs(1);
        assert!(!partials.completes(FIRST, 2, sent(5..10), soon));
        assert!(partials.completes(FIRST, 2, sent(0..4), soon));
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
            assert!(!partials.completes(id, 1, sent(0..5), then));
        }
        assert_eq!(partials.0.len(), MAX_PARTIALS);
        let id = |visitor| TransferId { visitor, item: 7 };
        let then = now + Duration::from_secs(4);
        assert!(partials.completes(id(2999), 1, sent(5..10), then));
        assert!(!partials.completes(id(1), 1, sent(5..10), then));
    }
}
