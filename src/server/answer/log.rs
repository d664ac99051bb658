//! Who asked for what, in a form that is safe in a log.
//!
//! Both the address and the path are what a stranger sent. The address is only believed when it
//! came through the tunnel and is one; everything is escaped, so that nobody can write lines of
//! their own into the log or colours onto a terminal.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::StatusCode};
use tracing::Level;

use crate::server::http::host::RequestOrigin;

/// The header in which Cloudflare's edge says who asks. It replaces one that a visitor sends.
const ADDRESS_HEADER: &str = "cf-connecting-ip";

/// Writes one line for an answered request, on the level of debugging.
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
