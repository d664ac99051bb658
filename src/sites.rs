//! The sites that answer on this computer, as far as this person may see whose they are.

use std::{collections::BTreeMap, net::IpAddr, process};

use listeners::{Protocol, SocketState};

use crate::app::Site;

/// More would not be found in a menu.
const MOST: usize = 24;

/// Looks up who listens where a browser on this computer would reach it; not this program, and
/// not the cloudflareds, whose ports are for its own use. Takes some milliseconds.
pub fn find() -> Vec<Site> {
    let listeners = match listeners::get_all() {
        Ok(listeners) => listeners,
        Err(error) => {
            tracing::info!(%error, "who listens on this computer can't be found out");
            return Vec::new();
        }
    };
    let mut sites = BTreeMap::new();
    for listener in listeners {
        let is_ours = listener.process.pid == process::id()
            || listener.process.name.starts_with("cloudflared");
        if listener.protocol == Protocol::TCP
            && listener.state == SocketState::Listen
            && is_reached_locally(listener.socket.ip())
            && !is_ours
        {
            sites.insert(listener.socket.port(), listener.process.name);
        }
    }
    sites
        .into_iter()
        .take(MOST)
        .map(|(port, program)| Site { port, program })
        .collect()
}

fn is_reached_locally(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_unspecified() || v4 == std::net::Ipv4Addr::LOCALHOST,
        IpAddr::V6(v6) => v6.is_unspecified() || v6 == std::net::Ipv6Addr::LOCALHOST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_this_program_are_not_offered() {
        let own = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = own.local_addr().unwrap().port();
        assert!(find().iter().all(|site| site.port != port));
    }
}
