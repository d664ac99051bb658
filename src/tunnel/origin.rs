//! The local address that a tunnel makes public.

use std::net::SocketAddr;

/// Where a tunnel forwards requests to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where the share is served on this computer.
    pub address: SocketAddr,
    /// The Host header it gets; `None`: the public name. A development server may accept only its
    /// own name.
    pub host: Option<String>,
}

impl From<SocketAddr> for Origin {
    fn from(address: SocketAddr) -> Self {
        Self {
            address,
            host: None,
        }
    }
}
