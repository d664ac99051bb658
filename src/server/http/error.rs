//! Responses for errors.
//!
//! An error is made where it happens, which is often far from what its page needs to know of the
//! request. Here it is only marked; the page layer writes the page when the response leaves.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_RANGE, HeaderValue},
    },
};

/// Marks a response whose page has still to be written.
struct Unwritten;

/// The response for a status that is no success, without its page.
pub fn error(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .finish();
    response.extensions_mut().insert(Unwritten);
    response
}

/// The response for a range that lies behind the end of `size` bytes.
pub fn no_such_range(size: u64) -> HttpResponse {
    let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE);
    // Digits make a valid header.
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

/// Whether [`error`] made this response, so that its page has still to be written.
pub fn is_unwritten(response: &HttpResponse) -> bool {
    response.extensions().get::<Unwritten>().is_some()
}
