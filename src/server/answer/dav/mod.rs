//! Shares as drives: WebDAV, class 1 (RFC 4918).
//!
//! A drive shows what the page shows, under the same rules. What visitors may add goes the same way as
//! all that they hand in.
//!
//! ```text
//! propfind  what there is
//! programs  who reads the share as a drive
//! ```

mod programs;
mod propfind;

use actix_web::{
    HttpResponseBuilder,
    http::header::{HeaderName, HeaderValue},
};

pub use programs::Programs;
pub use propfind::propfind;

const DAV: HeaderName = HeaderName::from_static("dav");

/// Without it, Windows looks for a protocol of FrontPage first.
const AUTHOR_VIA: HeaderName = HeaderName::from_static("ms-author-via");

/// Adds what OPTIONS tells about drives.
pub fn describe(response: &mut HttpResponseBuilder) {
    response.insert_header((DAV, HeaderValue::from_static("1")));
    response.insert_header((AUTHOR_VIA, HeaderValue::from_static("DAV")));
}
