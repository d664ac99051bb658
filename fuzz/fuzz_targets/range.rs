//! The parts of any Range header lie inside the file, don't overlap, and are few.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{MAX_PARTS, RequestedRange, parse_range};

fuzz_target!(|input: (u64, &[u8])| {
    let (size, value) = input;
    // Try it with the prefix that makes it a valid unit, too.
    for value in [value.to_vec(), [b"bytes=", value].concat()] {
        if let RequestedRange::Parts(mut parts) = parse_range(&value, size) {
            assert!(!parts.is_empty() && parts.len() <= MAX_PARTS);
            assert!(
                parts
                    .iter()
                    .all(|part| part.start < part.end && part.end <= size)
            );
            parts.sort_by_key(|part| part.start);
            assert!(parts.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
});
