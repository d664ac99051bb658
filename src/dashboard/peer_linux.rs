//! Whose program is at the other end of a connection on this computer, from the kernel's tables. While a
//! browser starts, other users can see the address that it is to open.

use std::{fs, net::SocketAddr};

/// The tables of the network namespace of this thread.
const TABLES: [&str; 2] = ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"];

/// Whether the connection from `peer` to our `port` belongs to a program of this user. If the kernel
/// doesn't tell, whoever has the address is believed.
pub fn is_this_user(peer: SocketAddr, port: u16) -> bool {
    let tables: Vec<String> = TABLES
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .collect();
    if tables.is_empty() {
        tracing::info!("the kernel doesn't tell who opens the dashboard");
        return true;
    }
    let own = rustix::process::geteuid().as_raw();
    owners(&tables.concat(), peer.port(), port).is_some_and(|all| all.iter().all(|uid| *uid == own))
}

/// The users who have a socket that connects these two ports; none if there is no such socket.
fn owners(table: &str, from: u16, to: u16) -> Option<Vec<u32>> {
    let port = |field: &str| {
        let (_, port) = field.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    let owner = |line: &str| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (local, remote) = (port(fields.next()?)?, port(fields.next()?)?);
        let uid = fields.nth(4)?.parse().ok()?;
        ((local, remote) == (from, to)).then_some(uid)
    };
    let owners: Vec<u32> = table.lines().filter_map(owner).collect();
    (!owners.is_empty()).then_some(owners)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_of_this_user_is_recognised() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (_accepted, peer) = listener.accept().unwrap();
        assert!(is_this_user(peer, port));
        drop(client);
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        assert!(!is_this_user(nobody, port));
    }

    #[test]
    fn the_owner_of_the_right_socket_counts() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 1 1
   1: 0100007F:C350 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1001        0 2 1
   2: 0100007F:C351 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1000        0 3 1
";
        assert_eq!(owners(table, 50_000, 8000), Some(vec![1001]));
        assert_eq!(owners(table, 50_001, 8000), Some(vec![1000]));
        assert_eq!(owners(table, 50_002, 8000), None);
    }
}
