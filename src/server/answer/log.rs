//! Logs who requested what, in a form that is safe in a log.
//!
//! Strangers choose the address and the path. An address is logged only if the request came through
//! the tunnel and the address is valid. Everything is escaped, so nobody can add lines to the log or
//! colours to a terminal.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::StatusCode};
use tracing::Level;

use crate::server::http::host::RequestOrigin;

/// The header in which Cloudflare's edge says who asks. It replaces one that a visitor sends.
const ADDRESS_HEADER: &str = "cf-connecting-ip";

/// Logs an answered request, at debug level.
pub fn log(request: &HttpRequest, origin: Option<RequestOrigin>, status: StatusCode) {
    if !tracing::enabled!(Level::DEBUG) {
        return;
    }
    let address = match origin {
        Some(RequestOrigin::Tunnel) => tunnel_address(request),
        Some(RequestOrigin::Loopback) => "this computer".to_owned(),
        None => "another name".to_owned(),
    };
    let method = request.method().as_str().as_bytes().escape_ascii();
    let target = request.head().uri.path().as_bytes().escape_ascii();
    let status = status.as_u16();
    tracing::debug!("{address}: {method} {target} {status}");
}

fn tunnel_address(request: &HttpRequest) -> String {
    let header = request.headers().get(ADDRESS_HEADER);
    let address = header.and_then(|value| value.to_str().ok()?.parse::<IpAddr>().ok());
    address.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}
