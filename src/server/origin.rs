//! Where a request came from.

use std::net::SocketAddr;

/// Where a request came from, according to its connection and the name in its Host header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOrigin {
    /// A loopback name: from this computer.
    Loopback,
    /// The public name: through the tunnel.
    Tunnel,
    /// An address or name of this computer in the local network, over plain HTTP.
    Network,
}

/// The address of this computer in the local network at which a connection came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkAddress(pub SocketAddr);
