//! The addresses that this computer would send from.
//!
//! Connecting a UDP socket sends nothing: the system only picks a route. That works the same on
//! every platform and needs no privileges.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Addresses outside any local network (RFC 5737 and 3849: for documentation).
const ELSEWHERE: [&str; 2] = ["192.0.2.1:9", "[2001:db8::1]:9"];

/// The source addresses of packets to the internet, IPv4 and IPv6.
pub fn own_addresses() -> [Option<IpAddr>; 2] {
    ELSEWHERE.map(own_address)
}

fn own_address(elsewhere: &str) -> Option<IpAddr> {
    let elsewhere: SocketAddr = elsewhere.parse().ok()?;
    let any: SocketAddr = if elsewhere.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    }
    .parse()
    .ok()?;
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(elsewhere).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
