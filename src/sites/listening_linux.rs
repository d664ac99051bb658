//! Who listens on a port, from the kernel's tables of TCP sockets. Looking takes up to a
//! millisecond, and no program notices it.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use super::listening_socket::{ListeningSocket, is_reached_locally};

/// How often it is reasonable to look.
pub const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The tables of the network namespace that this thread connects in.
const TABLES: [&str; 2] = ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"];

/// Bytes to ask for at a time. To fill more, the kernel would search all its sockets.
const PIECE: usize = 512;

/// The state of a socket that listens.
const LISTEN: &str = "0A";

/// The sockets that listen on `port` and can be reached from this computer, in order. Those of IPv6
/// count where there are none of IPv4, since 127.0.0.1 is enough to reach the site. Only what
/// shares our network is listed: a port that the system forwards elsewhere may still answer.
///
/// # Errors
/// The tables can't be read.
pub fn listening_on(port: u16) -> io::Result<Vec<ListeningSocket>> {
    let mut found = Vec::new();
    for table in TABLES {
        match File::open(table) {
            Ok(file) => read(BufReader::with_capacity(PIECE, file), port, &mut found)?,
            // A system without IPv6 has no such table.
            Err(error) if error.kind() == ErrorKind::NotFound && table.ends_with('6') => {}
            Err(error) => return Err(error),
        }
        if !found.is_empty() {
            break;
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn read(table: impl BufRead, port: u16, found: &mut Vec<ListeningSocket>) -> io::Result<()> {
    // The first line has the names of the columns.
    for line in table.lines().skip(1) {
        let line = line?;
        let mut columns = line.split_ascii_whitespace().skip(1);
        let (Some(local), Some(state)) = (columns.next(), columns.nth(1)) else {
            continue;
        };
        // Sockets that listen come first, and there may be thousands of others.
        if state != LISTEN {
            break;
        }
        // After the state: queues, timer, retransmissions, user, time-out.
        let id = columns.nth(5).and_then(|inode| inode.parse().ok());
        if let (Some((address, listens_on)), Some(id)) = (socket(local), id)
            && listens_on == port
            && is_reached_locally(address)
        {
            found.push(ListeningSocket { address, id });
        }
    }
    Ok(())
}

/// `0100007F:1F90` is 127.0.0.1, port 8080, where the least significant byte comes first.
fn socket(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = address.get(at..at + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let address = if address.len() == 8 {
        Ipv4Addr::from(word(0)?).into()
    } else {
        let mut bytes = [0; 16];
        for (n, four) in bytes.chunks_exact_mut(4).enumerate() {
            four.copy_from_slice(&word(n * 8)?);
        }
        Ipv6Addr::from(bytes).into()
    };
    Some((address, port))
}
