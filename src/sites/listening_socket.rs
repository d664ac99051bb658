//! A socket that waits for browsers on this computer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use listeners::{Listener, Protocol, SocketState};

/// A TCP socket that listens where a browser on this computer can reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListeningSocket {
    pub address: IpAddr,
    /// Tells it apart from an earlier socket with the same address.
    pub id: u64,
}

/// Whether this socket is one.
pub fn is_listening(socket: &Listener) -> bool {
    socket.protocol == Protocol::TCP
        && socket.state == SocketState::Listen
        && is_reached_locally(socket.socket.ip())
}

/// Whether a socket that listens on this address is reached through 127.0.0.1 or ::1.
pub fn is_reached_locally(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_unspecified() || v4 == Ipv4Addr::LOCALHOST,
        IpAddr::V6(v6) => v6.is_unspecified() || v6 == Ipv6Addr::LOCALHOST,
    }
}
