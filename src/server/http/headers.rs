//! The headers of every response.

use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, REFERRER_POLICY};

use crate::server::transport::PROTECTION;

/// The `Cache-Control` of what must arrive as it was sent: a proxy that recompresses it would take
/// away the strong tag that an interrupted download needs to resume.
pub const UNTRANSFORMED: HeaderValue = HeaderValue::from_static("private, no-cache, no-transform");

/// The `Cache-Control` of what needs a password: not even the visitor's browser keeps it.
pub const SECRET: HeaderValue = HeaderValue::from_static("private, no-store");

/// Lets nobody keep a response of a share with a password.
pub fn keep_secret(headers: &mut HeaderMap) {
    let is_untransformed = headers.get(CACHE_CONTROL) == Some(&UNTRANSFORMED);
    let secret = if is_untransformed {
        HeaderValue::from_static("private, no-store, no-transform")
    } else {
        SECRET
    };
    headers.insert(CACHE_CONTROL, secret);
}

/// Lets pages tell the share, and nobody else, that they sent a form. Over plain HTTP, browsers send
/// nothing else that tells our forms from those of other websites.
pub fn tell_own_origin(headers: &mut HeaderMap) {
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}

/// Adds the headers that protect visitors and the owner, except those that the handler has set.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in PROTECTION {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}
