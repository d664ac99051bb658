//! Who listens on a port, as far as this account may see other programs. Looking takes a few
//! milliseconds, and no program notices it.

use std::{io, time::Duration};

use super::listening_socket::{ListeningSocket, is_listening};

/// How often it is reasonable to look.
pub const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// The sockets that listen on `port` and can be reached from this computer, in order. The programs
/// of other accounts may be missing, so the port may answer even if there are none.
///
/// # Errors
/// The system doesn't tell.
pub fn listening_on(port: u16) -> io::Result<Vec<ListeningSocket>> {
    let all = listeners::get_all().map_err(|error| io::Error::other(error.to_string()))?;
    let mut found: Vec<ListeningSocket> = all
        .into_iter()
        .filter(|listener| listener.socket.port() == port && is_listening(listener))
        .map(|listener| ListeningSocket {
            address: listener.socket.ip(),
            id: listener.process.pid.into(),
        })
        .collect();
    found.sort_unstable();
    Ok(found)
}
