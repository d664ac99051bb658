//! The headers of every response.

use actix_web::http::header::HeaderMap;

use crate::server::transport::PROTECTION;

/// Adds the headers that protect visitors and the owner, except those that the handler has set.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in PROTECTION {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}
