//! Where a request came from.

/// Where a request came from, according to the name in its Host header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOrigin {
    /// A loopback name: from this computer.
    Loopback,
    /// The public name: through the tunnel.
    Tunnel,
}
