//! Logs who requested what, in a form that is safe in a log.
//!
//! Strangers choose the address and the path. An address is logged only if the request came through
//! the tunnel or the local network, and the address is valid. Everything is escaped, so nobody can add lines to the log or
//! colours to a terminal.

use actix_http::{Request as HttpRequest, StatusCode};
use tracing::Level;

use crate::server::http::{host::RequestOrigin, visitor};

/// Logs an answered request, at debug level.
pub fn log(request: &HttpRequest, origin: Option<RequestOrigin>, status: StatusCode) {
    if !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let address = match origin {
        Some(origin @ (RequestOrigin::Tunnel | RequestOrigin::Network)) => {
            visitor::address(request, origin)
                .map_or_else(|| "unknown".to_owned(), |address| address.to_string())
        }
        Some(RequestOrigin::Loopback) => "this computer".to_owned(),
        None => "another name".to_owned(),
    };
    let method = request.method().as_str().as_bytes().escape_ascii();
    let target = request.head().uri.path().as_bytes().escape_ascii();
    let status = status.as_u16();
    tracing::debug!("{address}: {method} {target} {status}");
}
