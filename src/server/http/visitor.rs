//! Which address a request comes from.

use std::net::IpAddr;

use actix_http::{HttpMessage, Request as HttpRequest};

use super::host::RequestOrigin;

/// The header in which Cloudflare's edge names the visitor's address. The edge replaces one that
/// the visitor sends.
pub const ADDRESS_HEADER: &str = "cf-connecting-ip";

/// The visitor's address. The header is trusted only if the request came through the tunnel.
pub fn address(request: &HttpRequest, origin: RequestOrigin) -> Option<IpAddr> {
    match origin {
        RequestOrigin::Tunnel => parse(request.headers().get(ADDRESS_HEADER)?.as_bytes()),
        RequestOrigin::Loopback | RequestOrigin::Network => {
            request.peer_addr().map(|peer| peer.ip())
        }
    }
}

/// The address in a value of [`ADDRESS_HEADER`].
pub fn parse(value: &[u8]) -> Option<IpAddr> {
    str::from_utf8(value.trim_ascii()).ok()?.parse().ok()
}

/// What the first bytes of a request that nobody has read yet reveal about the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The request names this address.
    From(IpAddr),
    /// The request names no address.
    Unnamed,
    /// The head of the request is not complete.
    Unknown,
}

/// Looks for an address in the first bytes of a request. Programs on this computer may write
/// anything there.
pub fn hint(bytes: &[u8]) -> Hint {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else {
            break;
        };
        let line = line.trim_ascii();
        if line.is_empty() {
            return Hint::Unnamed;
        }
        let Some((name, value)) = line.split_at_checked(ADDRESS_HEADER.len()) else {
            continue;
        };
        if name.eq_ignore_ascii_case(ADDRESS_HEADER.as_bytes())
            && let Some(value) = value.strip_prefix(b":")
        {
            return parse(value).map_or(Hint::Unnamed, Hint::From);
        }
    }
    Hint::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_head_that_is_not_complete() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nCF-Connecting-IP: 192.0.2.1\r\nX: y\r\n\r\n";
        let whole = Hint::From([192, 0, 2, 1].into());
        let end_of_address = head.len() - "X: y\r\n\r\n".len();
        for length in 0..=head.len() {
            let expected = if length < end_of_address {
                Hint::Unknown
            } else {
                whole
            };
            assert_eq!(hint(&head[..length]), expected, "{length}");
        }
    }

    #[test]
    fn a_head_without_a_valid_address_names_none() {
        for head in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nCF-Connecting-IP: 192.0.2.1\r\n",
            "GET / HTTP/1.1\r\nCF-Connecting-IP: nobody\r\n",
            "GET / HTTP/1.1\nX-CF-Connecting-IP: 192.0.2.1\n\n",
            "GET / HTTP/1.1\r\nCF-Connecting-IP\r\n\r\n",
            "\r\n",
        ] {
            assert_eq!(hint(head.as_bytes()), Hint::Unnamed, "{head:?}");
        }
    }
}
