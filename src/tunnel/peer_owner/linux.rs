//! Linux: the table of connections has the owner of each.

use std::{fs, net::SocketAddr};

const CONNECTIONS: &str = "/proc/self/net/tcp";

/// Whether another user made the connection from `peer` to `here`. If that is not known, it counts
/// as ours: some containers have an empty table.
pub fn is_other_user(peer: SocketAddr, here: SocketAddr) -> bool {
    let Ok(table) = fs::read_to_string(CONNECTIONS) else {
        return false;
    };
    let own = rustix::process::geteuid().as_raw();
    owner(&table, peer, here).is_some_and(|owner| owner != own)
}

/// The user who owns the `peer` end of this connection (proc_pid_net(5)).
fn owner(table: &str, peer: SocketAddr, here: SocketAddr) -> Option<u32> {
    let (peer, here) = (in_hex(peer)?, in_hex(here)?);
    table.lines().find_map(|line| {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid …
        let mut fields = line.split_ascii_whitespace().skip(1);
        let is_it = fields.next()? == peer && fields.next()? == here;
        is_it.then(|| fields.nth(4)?.parse().ok()).flatten()
    })
}

/// The address in this computer's byte order.
fn in_hex(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(v4) = address else {
        return None;
    };
    let bytes = u32::from_ne_bytes(v4.ip().octets());
    Some(format!("{bytes:08X}:{:04X}", v4.port()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_owner_of_a_connection_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let stream = TcpStream::connect(here).unwrap();
        let peer = stream.local_addr().unwrap();
        let table = fs::read_to_string(CONNECTIONS).unwrap();
        let own = rustix::process::geteuid().as_raw();
        assert_eq!(owner(&table, peer, here), Some(own));
        assert!(!is_other_user(peer, here));
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn another_users_connection_is_recognized() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 1\n   \
            1: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2\n";
        let (peer, here) = ("127.0.0.1:54321".parse(), "127.0.0.1:8080".parse());
        assert_eq!(owner(table, peer.unwrap(), here.unwrap()), Some(1001));
    }
}
