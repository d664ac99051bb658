//! What every response carries, whatever it is.

use actix_web::http::header::{HeaderName, HeaderValue};

/// Headers that protect visitors and the one who shares: a file is what its type says, the link does
/// not leak to other sites, search engines stay away, and other sites can't embed it.
pub const PROTECTION: [(HeaderName, HeaderValue); 4] = [
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
