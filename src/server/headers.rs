//! What every response carries, whatever it is.

use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY};

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// Adds the headers that protect visitors and the one who shares: a file is what its type says,
/// the link does not leak to other sites, and search engines stay away.
pub fn protect(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
}
