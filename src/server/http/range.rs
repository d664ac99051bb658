//! The Range header: which bytes of a file a request asks for (RFC 9110, section 14).
//!
//! This is not `actix_files::HttpRange` (0.7.3), which accepts `bytes=1 -2` and rejects numbers
//! beyond 64 bits. In a file of 100 bytes it takes `bytes=200-100` as unsatisfiable, not as invalid.
//! Only the text of its error tells these apart, and one is a 416 where the other is a 200.

use std::ops::Range;

/// Requests for more parts get the whole file. A short request must not cause thousands of seeks
/// (CVE-2011-3192).
pub const MAX_PARTS: usize = 16;

/// What a Range header requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestedRange {
    /// The whole file: there is no valid range, or there are too many.
    Whole,
    /// These parts. None is empty, and they don't overlap.
    Parts(Vec<Range<u64>>),
    /// Only bytes outside the file: 416.
    Nothing,
}

/// Parses a Range header for a file of `size` bytes.
///
/// Parts that overlap or touch are merged; then all parts are in file order. Otherwise they keep the
/// order of the request.
pub fn parse_range(value: &[u8], size: u64) -> RequestedRange {
    let Some(specs) = specs(value) else {
        return RequestedRange::Whole;
    };
    let mut parts = Vec::new();
    for spec in specs {
        match spec {
            None => return RequestedRange::Whole,
            Some(spec) => parts.extend(spec.within(size)),
        }
    }
    if parts.is_empty() {
        return RequestedRange::Nothing;
    }
    // A suffix of an empty file is satisfiable, but no Content-Range can express it.
    if size == 0 {
        return RequestedRange::Whole;
    }
    let parts = merged(parts);
    if parts.len() > MAX_PARTS {
        return RequestedRange::Whole;
    }
    RequestedRange::Parts(parts)
}

#[derive(Clone, Copy, Debug)]
enum Spec {
    From { first: u64, last: Option<u64> },
    Suffix { length: u64 },
}

impl Spec {
    fn within(self, size: u64) -> Option<Range<u64>> {
        match self {
            Spec::From { first, last } => {
                let end = last.map_or(size, |last| last.saturating_add(1).min(size));
                (first < size).then_some(first..end)
            }
            Spec::Suffix { length: 0 } => None,
            Spec::Suffix { length } => Some(size.saturating_sub(length)..size),
        }
    }
}

/// The elements of a `bytes` range. An inner `None` is an invalid element.
fn specs(value: &[u8]) -> Option<impl Iterator<Item = Option<Spec>>> {
    let value = std::str::from_utf8(value).ok()?;
    let (unit, set) = value.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    // Empty elements of a list are ignored (RFC 9110, section 5.6.1).
    let elements = set
        .split(',')
        .map(|element| element.trim_matches([' ', '\t']))
        .filter(|element| !element.is_empty());
    elements.clone().next()?;
    Some(elements.map(spec))
}

fn spec(element: &str) -> Option<Spec> {
    let (first, last) = element.split_once('-')?;
    if first.is_empty() {
        return Some(Spec::Suffix {
            length: number(last)?,
        });
    }
    let first = number(first)?;
    let last = match last {
        "" => None,
        last => Some(number(last)?),
    };
    if last.is_some_and(|last| last < first) {
        return None;
    }
    Some(Spec::From { first, last })
}

/// Parses any number of digits. Numbers beyond the size of any file become the largest number.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

fn merged(parts: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut sorted = parts.clone();
    sorted.sort_by_key(|part| (part.start, part.end));
    let mut merged: Vec<Range<u64>> = Vec::with_capacity(sorted.len());
    for part in sorted {
        match merged.last_mut() {
            Some(before) if part.start <= before.end => before.end = before.end.max(part.end),
            _ => merged.push(part),
        }
    }
    if merged.len() == parts.len() {
        return parts;
    }
    merged
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "one part is meant")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_follow_rfc_9110() {
        let parts = |parts: &[Range<u64>]| RequestedRange::Parts(parts.to_vec());
        for (value, expected) in [
            ("bytes=0-0", parts(&[0..1])),
            ("bytes=0-99", parts(&[0..100])),
            ("bytes=0-100", parts(&[0..100])),
            ("bytes=5-", parts(&[5..100])),
            ("bytes=99-", parts(&[99..100])),
            ("bytes=-1", parts(&[99..100])),
            ("bytes=-1000", parts(&[0..100])),
            ("Bytes=1-2", parts(&[1..3])),
            ("bytes= 1-2 ,\t4-5", parts(&[1..3, 4..6])),
            ("bytes=,1-2,,", parts(&[1..3])),
            ("bytes=4-5,1-2", parts(&[4..6, 1..3])),
            ("bytes=0-10,5-20", parts(&[0..21])),
            ("bytes=50-60,0-10,5-20", parts(&[0..21, 50..61])),
            ("bytes=0-1,2-3", parts(&[0..4])),
            ("bytes=0-1,200-300", parts(&[0..2])),
            ("bytes=0-18446744073709551615", parts(&[0..100])),
            ("bytes=0-99999999999999999999999", parts(&[0..100])),
            ("bytes=100-", RequestedRange::Nothing),
            ("bytes=99999999999999999999999-", RequestedRange::Nothing),
            ("bytes=100-200,300-", RequestedRange::Nothing),
            ("bytes=-0", RequestedRange::Nothing),
            ("bytes=", RequestedRange::Whole),
            ("bytes=,", RequestedRange::Whole),
            ("bytes", RequestedRange::Whole),
            ("items=0-1", RequestedRange::Whole),
            ("bytes=2-1", RequestedRange::Whole),
            ("bytes=0-1,2-1", RequestedRange::Whole),
            ("bytes=a-b", RequestedRange::Whole),
            ("bytes=1", RequestedRange::Whole),
            ("bytes=-", RequestedRange::Whole),
            ("bytes=+1-2", RequestedRange::Whole),
            ("bytes=1 -2", RequestedRange::Whole),
            ("bytes=--1", RequestedRange::Whole),
        ] {
            assert_eq!(parse_range(value.as_bytes(), 100), expected, "{value}");
        }
    }

    #[test]
    fn an_empty_file_has_no_bytes_to_start_at() {
        assert_eq!(parse_range(b"bytes=0-", 0), RequestedRange::Nothing);
        assert_eq!(parse_range(b"bytes=-5", 0), RequestedRange::Whole);
    }

    #[test]
    fn too_many_parts_are_answered_whole() {
        let many = |count: usize| {
            let list: Vec<_> = (0..count).map(|i| format!("{}-{}", i * 3, i * 3)).collect();
            format!("bytes={}", list.join(","))
        };
        assert!(
            matches!(parse_range(many(16).as_bytes(), 1000), RequestedRange::Parts(p) if p.len() == 16)
        );
        assert_eq!(
            parse_range(many(17).as_bytes(), 1000),
            RequestedRange::Whole
        );
    }

    proptest! {
        #[test]
        fn parts_lie_inside_the_file_and_do_not_overlap(value in "bytes=[0-9, -]{0,60}", size in 0_u64..1000) {
            if let RequestedRange::Parts(mut parts) = parse_range(value.as_bytes(), size) {
                prop_assert!(!parts.is_empty() && parts.len() <= MAX_PARTS);
                parts.sort_by_key(|part| part.start);
                for part in &parts {
                    prop_assert!(part.start < part.end && part.end <= size);
                }
                for pair in parts.windows(2) {
                    prop_assert!(pair[0].end <= pair[1].start);
                }
            }
        }

        #[test]
        fn no_value_causes_a_panic(value in proptest::collection::vec(any::<u8>(), 0..80), size: u64) {
            let _ = parse_range(&value, size);
        }
    }
}
