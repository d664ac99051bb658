//! The part of an answer that a request asks for, where no more than one can be sent.

use std::{ops::Range, time::SystemTime};

use actix_web::{
    HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ACCEPT_RANGES, CONTENT_RANGE},
    },
};

use crate::server::http::{
    Request,
    conditional::{Validators, allows_range},
    range::{RequestedRange, parse_range},
};

/// Which of so many bytes to send, as the headers then say. `None` if there are no such bytes.
pub fn wanted(
    request: &Request<'_>,
    validators: &Validators,
    length: u64,
    response: &mut HttpResponseBuilder,
) -> Option<Range<u64>> {
    response.insert_header((ACCEPT_RANGES, "bytes"));
    let range = match request.range() {
        Some(range) if allows_range(request.headers, validators, SystemTime::now()) => {
            parse_range(range.as_bytes(), length)
        }
        _ => RequestedRange::Whole,
    };
    match range {
        RequestedRange::Parts(parts) => match <[_; 1]>::try_from(parts) {
            Ok([part]) => {
                let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
                response.insert_header((CONTENT_RANGE, range));
                response.status(StatusCode::PARTIAL_CONTENT);
                Some(part)
            }
            // Resuming needs one part. Requests for several parts get the whole, which is allowed.
            Err(_) => Some(0..length),
        },
        RequestedRange::Whole => Some(0..length),
        RequestedRange::Nothing => None,
    }
}
