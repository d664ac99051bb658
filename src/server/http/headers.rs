//! The headers of every response, whatever it is.

use actix_web::http::header::HeaderMap;

use crate::server::transport::PROTECTION;

/// Adds the headers that protect visitors and the one who shares.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in PROTECTION {
        headers.insert(name, value);
    }
}
