//! Responses for errors.
//!
//! Errors occur where the request's headers, which its page needs, are not at hand. So the response
//! is only marked here, and the page layer writes the page just before it is sent.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_RANGE, HeaderValue},
    },
};

/// Marks a response that still needs its page.
struct Unwritten;

/// Marks a response that is only sent because there are too many visitors.
struct Overloaded;

/// Marks a response for a visitor whom the owner has blocked.
struct Blocked;

/// Marks a response for a visitor whose transfer the owner has ended.
struct Stopped;

/// The response for an error status, without its page.
pub fn error(status: StatusCode) -> HttpResponse {
    let mut response = HttpResponse::new(status);
    response.extensions_mut().insert(Unwritten);
    response
}

/// The response while there are too many visitors, without its page.
pub fn overloaded() -> HttpResponse {
    let mut response = error(StatusCode::SERVICE_UNAVAILABLE);
    response.extensions_mut().insert(Overloaded);
    response
}

/// The response for a visitor whom the owner has blocked, without its page.
pub fn blocked() -> HttpResponse {
    let mut response = error(StatusCode::FORBIDDEN);
    response.extensions_mut().insert(Blocked);
    response
}

/// The response for a visitor whose transfer the owner has ended, without its page.
pub fn stopped() -> HttpResponse {
    let mut response = error(StatusCode::FORBIDDEN);
    response.extensions_mut().insert(Stopped);
    response
}

/// The response for a range beyond the end of `size` bytes.
pub fn no_such_range(size: u64) -> HttpResponse {
    let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE);
    // Digits make a valid header.
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

/// Whether [`overloaded`] created this response.
pub fn is_overloaded(response: &HttpResponse) -> bool {
    response.extensions().get::<Overloaded>().is_some()
}

/// Whether [`blocked`] created this response.
pub fn is_blocked(response: &HttpResponse) -> bool {
    response.extensions().get::<Blocked>().is_some()
}

/// Whether [`stopped`] created this response.
pub fn is_stopped(response: &HttpResponse) -> bool {
    response.extensions().get::<Stopped>().is_some()
}

/// Whether [`error`] created this response, so it still needs its page.
pub fn is_unwritten(response: &HttpResponse) -> bool {
    response.extensions().get::<Unwritten>().is_some()
}
