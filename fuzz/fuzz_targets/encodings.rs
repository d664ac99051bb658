//! No Accept-Encoding makes the server panic or use what it refuses, and what is compressed is the same after
//! it is decompressed.
#![no_main]

use std::io::Read;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{Accepted, Encoding, compressed};

fuzz_target!(|input: (Vec<Vec<u8>>, Vec<Vec<u8>>)| {
    let (lines, pieces) = input;
    let mut headers = HeaderMap::new();
    for line in &lines {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(ACCEPT_ENCODING, value);
        }
    }
    let accepted = Accepted::of(&headers);
    let plain = pieces.concat();
    for encoding in accepted.best() {
        assert!(accepted.allows(encoding));
        let small = compressed(encoding, &pieces).expect("there is memory");
        let mut content = Vec::new();
        match encoding {
            Encoding::Brotli => {
                let mut rest = &small[..];
                let mut decoder = brotli::Decompressor::new(&mut rest, 4096);
                decoder.read_to_end(&mut content).expect("it is brotli");
            }
            Encoding::Zstd => {
                content = vec![0; plain.len()];
                let length = zstd_safe::decompress(&mut content[..], &small);
                assert_eq!(length, Ok(plain.len()));
            }
            Encoding::Gzip => {
                let mut decoder = flate2::read::GzDecoder::new(&small[..]);
                decoder.read_to_end(&mut content).expect("it is gzip");
            }
        }
        assert!(content == plain);
    }
});
