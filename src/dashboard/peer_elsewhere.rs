//! Whose program is at the other end of a connection on this computer. Here, the system doesn't tell.

use std::net::SocketAddr;

/// Whoever has the address is believed.
pub fn is_this_user(_peer: SocketAddr, _port: u16) -> bool {
    true
}
