//! The headers that every response has.

use actix_web::http::header::{HeaderName, HeaderValue};

/// Headers that protect visitors and the one who shares: a file is what its type says, the link does
/// not leak to other sites, search engines stay away, other sites can't embed it, and nobody between
/// the visitor and this computer keeps a copy.
pub const PROTECTION: [(HeaderName, HeaderValue); 5] = [
    // Browsers ask each time, so changes show at once. A tag makes that cheap.
    (
        HeaderName::from_static("cache-control"),
        HeaderValue::from_static("private, no-cache"),
    ),
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
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];
