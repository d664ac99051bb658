//! Lets scripts of other websites read a share, if its owner has switched that on.
//!
//! Everybody may read then (`*`), but only what everybody with the link can read: browsers send no
//! cookie and no password with such a request, and a share that needs a password allows none. On this
//! computer's own address nothing is allowed either, or any website could look for shares by trying
//! ports.

use actix_web::{
    HttpResponse,
    http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
        HeaderMap, HeaderValue,
    },
};

const EVERYBODY: HeaderValue = HeaderValue::from_static("*");

/// What a script may see of an answer besides its content and what browsers always show.
const SHOWN: HeaderValue = HeaderValue::from_static(
    "Accept-Ranges, Content-Disposition, Content-Encoding, Content-Length, Content-Range, ETag",
);

/// What a script may do.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// What a script may ask with.
const ASKED: HeaderValue = HeaderValue::from_static(
    "If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range",
);

/// How long a browser remembers that it may ask, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("3600");

/// Lets scripts of other websites read an answer.
pub fn allow_reading(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, EVERYBODY);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
}

/// Answers a browser that asks with OPTIONS what a script may do.
pub fn allow_asking(request: &HeaderMap, response: &mut HttpResponse) {
    allow_reading(response);
    if request.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ASKED);
        headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    }
}
