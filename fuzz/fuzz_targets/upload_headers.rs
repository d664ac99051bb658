//! What the headers of an upload say is what they would say if they were written again, or nothing.
#![no_main]

use base64::{Engine, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use spot_serve::server::{
    Checksum,
    fuzzing::{Metadata, upload_checksum, upload_number},
};

/// Keys that mean something, and one that doesn't.
const KEYS: [&str; 7] = [
    "filename",
    "name",
    "relativePath",
    "sender",
    "delivery",
    "key",
    "x",
];

fuzz_target!(|input: &[u8]| {
    if let Some(number) = upload_number(input) {
        assert!(input.iter().all(u8::is_ascii_digit));
        let digits = str::from_utf8(input)
            .expect("digits")
            .trim_start_matches('0');
        let written = if number == 0 {
            String::new()
        } else {
            number.to_string()
        };
        assert!(digits == written || (number == u64::MAX && digits.len() >= 20));
    }
    if let Some((algorithm, hash)) = upload_checksum(input) {
        let written = format!("{algorithm} {}", STANDARD.encode(&hash));
        let read = upload_checksum(written.as_bytes());
        assert_eq!(read, Some((algorithm, hash.clone())));
        let is_known = Checksum::new(algorithm, &hash).is_some();
        assert_eq!(
            is_known,
            matches!((algorithm, hash.len()), ("sha1", 20) | ("sha256", 32))
        );
    }
    let Some(metadata) = Metadata::parse(input) else {
        return;
    };
    let mut written = Vec::new();
    for key in KEYS {
        let Some(value) = metadata.get(key) else {
            continue;
        };
        // The simplest way to find it.
        let pair = format!("{key} ");
        let starts = input
            .windows(pair.len())
            .filter(|it| *it == pair.as_bytes());
        assert!(starts.count() > 0, "{key}");
        assert_eq!(metadata.text(key), str::from_utf8(value).ok());
        written.push(format!("{key} {}", STANDARD.encode(value)));
    }
    let again = Metadata::parse(written.join(",").as_bytes()).expect("valid pairs");
    for key in KEYS {
        assert_eq!(again.get(key), metadata.get(key));
    }
});
