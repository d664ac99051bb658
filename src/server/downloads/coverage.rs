//! Which bytes of something were sent.

use std::ops::Range;

/// More ranges than this are not remembered; the shortest is forgotten.
const MAX_RANGES: usize = 128;

/// Bytes of something of a known size, as ranges in order that neither overlap nor touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    ranges: Vec<Range<u64>>,
    size: u64,
}

impl Coverage {
    /// None of so many bytes.
    pub fn new(size: u64) -> Self {
        Self {
            ranges: Vec::new(),
            size,
        }
    }

    /// Adds these bytes, as far as they exist.
    pub fn add(&mut self, range: Range<u64>) {
        let range = range.start..range.end.min(self.size);
        if range.is_empty() {
            return;
        }
        // The usual case: it continues the only range.
        if let [only] = self.ranges.as_mut_slice()
            && only.end == range.start
        {
            only.end = range.end;
            return;
        }
        // Those that the new one overlaps or touches become one with it.
        let first = self.ranges.partition_point(|other| other.end < range.start);
        let after = self
            .ranges
            .partition_point(|other| other.start <= range.end);
        let mut merged = range;
        if first < after {
            merged.start = merged.start.min(self.ranges[first].start);
            merged.end = merged.end.max(self.ranges[after - 1].end);
        }
        self.ranges.splice(first..after, [merged]);
        if self.ranges.len() > MAX_RANGES {
            let lengths = self.ranges.iter().map(|range| range.end - range.start);
            let shortest = lengths.enumerate().min_by_key(|(_, length)| *length);
            if let Some((shortest, _)) = shortest {
                self.ranges.remove(shortest);
            }
        }
    }

    /// Adds all bytes.
    pub fn add_all(&mut self) {
        self.ranges.clear();
        self.ranges.push(0..self.size);
    }

    /// Adds what another one of the same thing has.
    pub fn add_other(&mut self, other: &Self) {
        for range in &other.ranges {
            self.add(range.clone());
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many bytes are there.
    pub fn bytes(&self) -> u64 {
        let lengths = self.ranges.iter().map(|range| range.end - range.start);
        lengths.sum()
    }

    /// Whether every byte is there. Of nothing, that has to be said by [`Coverage::add_all`].
    pub fn is_whole(&self) -> bool {
        matches!(self.ranges.as_slice(), [all] if *all == (0..self.size))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_has_the_bytes_that_were_added_and_no_others(
            ranges in prop::collection::vec((0_u64..70, 0_u64..70), 0..20)
        ) {
            let mut coverage = Coverage::new(64);
            let mut bytes = [false; 64];
            for (start, end) in ranges {
                coverage.add(start..end);
                for byte in start..end.min(64) {
                    bytes[byte as usize] = true;
                }
            }
            let mut covered = [false; 64];
            for range in &coverage.ranges {
                for byte in range.clone() {
                    covered[byte as usize] = true;
                }
            }
            prop_assert_eq!(covered, bytes);
            let count = bytes.iter().filter(|is_there| **is_there).count();
            prop_assert_eq!(coverage.bytes(), count as u64);
            let apart = coverage.ranges.windows(2).all(|two| two[0].end < two[1].start);
            prop_assert!(apart);
            prop_assert_eq!(coverage.is_whole(), bytes == [true; 64]);
        }
    }

    #[test]
    fn a_hostile_number_of_ranges_is_bounded_and_never_claims_more() {
        let mut coverage = Coverage::new(1 << 40);
        for number in 0..10_000 {
            coverage.add(number * 10..number * 10 + 1 + number % 5);
        }
        assert_eq!(coverage.ranges.len(), MAX_RANGES);
        coverage.add(0..100_000);
        assert!(!coverage.is_whole());
        coverage.add(100_000..1 << 40);
        assert!(coverage.is_whole());
    }
}
