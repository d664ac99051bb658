//! What every response carries, whatever it is.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// Headers that protect visitors and the one who shares: a file is what its type says, the link does
/// not leak to other sites, and search engines stay away.
pub const PROTECTION: [(HeaderName, HeaderValue); 3] = [
    (
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    ),
];

/// Adds them to a response.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in PROTECTION {
        headers.insert(name, value);
    }
}
