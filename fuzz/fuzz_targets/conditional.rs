//! Parsing conditional headers never panics, and a matching ETag is always recognised.
#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::header::{
    HeaderMap, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE,
};
use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{Precondition, Validators, allows_range, evaluate};

fuzz_target!(|input: (u32, Vec<(u8, Vec<u8>)>)| {
    let (modified, lines) = input;
    const TAG: &str = "\"3e8-0123456789abcdef\"";
    let now = Validators {
        etag: (modified % 5 != 0).then(|| TAG.to_owned()),
        modified: (modified % 7 != 0).then(|| UNIX_EPOCH + Duration::from_secs(modified.into())),
    };
    let mut headers = HeaderMap::new();
    let names = [
        IF_MATCH,
        IF_NONE_MATCH,
        IF_MODIFIED_SINCE,
        IF_UNMODIFIED_SINCE,
        IF_RANGE,
    ];
    for (name, value) in &lines {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(names[usize::from(*name) % names.len()].clone(), value);
        }
    }
    let outcome = evaluate(&headers, &now);
    allows_range(&headers, &now, SystemTime::now());
    let is_plain = !headers.contains_key(IF_MATCH) && !headers.contains_key(IF_UNMODIFIED_SINCE);
    if is_plain && now.etag.is_some() && !headers.contains_key(IF_NONE_MATCH) {
        headers.append(IF_NONE_MATCH, HeaderValue::from_static(TAG));
        assert_eq!(evaluate(&headers, &now), Precondition::NotModified);
    }
    if headers.is_empty() {
        assert_eq!(outcome, Precondition::Proceed);
    }
});
