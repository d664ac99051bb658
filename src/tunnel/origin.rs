//! The local address that a tunnel makes public.

use std::net::SocketAddr;

/// What a tunnel leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where the share is served on this computer.
    pub address: SocketAddr,
    /// The name it is asked under; `None`: the public one. A development server knows its own
    /// name alone.
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
