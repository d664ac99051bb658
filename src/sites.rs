//! The sites that answer on this computer, as far as this person may see whose they are.

use std::{collections::BTreeMap, net::IpAddr, path::Path, process};

use listeners::{Process, Protocol, SocketState};

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
        let program = program(&listener.process);
        let is_ours = listener.process.pid == process::id()
            || program == env!("CARGO_PKG_NAME")
            || program.starts_with("cloudflared");
        if listener.protocol == Protocol::TCP
            && listener.state == SocketState::Listen
            && is_reached_locally(listener.socket.ip())
            && !is_ours
        {
            sites.insert(listener.socket.port(), program);
        }
    }
    sites
        .into_iter()
        .take(MOST)
        .map(|(port, program)| Site { port, program })
        .collect()
}

/// The name by which its person knows a program. Newer Node.js names its main thread, and so
/// the process, after what it is to Node.js.
fn program(process: &Process) -> String {
    let file = Path::new(&process.path).file_name();
    match file {
        Some(file) if process.name.ends_with("MainThread") => file.to_string_lossy().into_owned(),
        _ => process.name.clone(),
    }
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
    fn a_program_is_named_as_people_know_it() {
        let named = |name: &str, path: &str| {
            program(&Process {
                pid: 1,
                name: name.into(),
                path: path.into(),
            })
        };
        assert_eq!(named("MainThread", "/usr/bin/node"), "node");
        assert_eq!(named("node-MainThread", "/usr/bin/node"), "node");
        assert_eq!(named("python3", "/usr/bin/python3.11"), "python3");
        assert_eq!(named("MainThread", ""), "MainThread");
    }

    #[test]
    fn ports_of_this_program_are_not_offered() {
        let own = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = own.local_addr().unwrap().port();
        assert!(find().iter().all(|site| site.port != port));
    }
}
