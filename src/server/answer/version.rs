//! What a response says about the version of a file that it has.

use std::time::SystemTime;

use actix_web::{
    HttpResponseBuilder,
    http::header::{CACHE_CONTROL, ETAG, LAST_MODIFIED},
};

use super::isolation::Isolation;
use crate::server::{
    folder::FileStamp,
    http::{conditional::Validators, encoding::Encoding, file_tag, headers::UNTRANSFORMED},
};

/// Up to this size, a proxy may recompress a file.
const MAX_TRANSFORMED_BYTES: u64 = 1024 * 1024;

/// What tells a file from its other versions, and from what it is in other encodings.
pub fn validators(
    stamp: &FileStamp,
    isolation: Isolation,
    encoding: Option<Encoding>,
) -> Validators {
    let tag = |version| file_tag(stamp.size, version, isolation.is_sandboxed, encoding);
    Validators {
        etag: stamp.version().map(tag),
        modified: stamp.modified(),
    }
}

/// Adds the headers that say so for a file of this size.
pub fn describe(validators: &Validators, size: u64, response: &mut HttpResponseBuilder) {
    if size > MAX_TRANSFORMED_BYTES {
        response.insert_header((CACHE_CONTROL, UNTRANSFORMED));
    }
    if let Some(etag) = &validators.etag {
        response.insert_header((ETAG, etag.as_str()));
    }
    // A time in the future must not be sent (RFC 9110, section 8.8.2.1).
    if let Some(modified) = validators.modified
        && modified <= SystemTime::now()
    {
        response.insert_header((LAST_MODIFIED, httpdate::fmt_http_date(modified)));
    }
}
