//! Sites on this computer that can be shared: the programs that listen on a port.

#[cfg_attr(target_os = "linux", path = "listening_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "listening_elsewhere.rs")]
mod listening;
mod listening_socket;
mod other_services;

use std::{collections::BTreeMap, path::Path, process};

use listeners::Process;

pub use self::{
    listening::{LOOK_INTERVAL, listening_on},
    listening_socket::ListeningSocket,
};
use self::{listening_socket::is_listening, other_services::serves_no_pages};
use crate::app::Site;

/// Nobody finds anything in a longer menu.
const SITES_MAX: usize = 24;

/// Finds the programs that a browser on this computer could reach, as far as this account may see
/// them. Leaves out this program, cloudflared, and what is
/// known to serve no pages. Takes a few milliseconds.
pub fn find() -> Vec<Site> {
    let listeners = match listeners::get_all() {
        Ok(listeners) => listeners,
        Err(error) => {
            tracing::info!(%error, "can't find the programs that listen on this computer");
            return Vec::new();
        }
    };
    let mut sites = BTreeMap::new();
    for listener in listeners {
        let program = program(&listener.process);
        let is_ours = listener.process.pid == process::id()
            || program == env!("CARGO_PKG_NAME")
            || program.starts_with("cloudflared");
        let port = listener.socket.port();
        if is_listening(&listener) && !is_ours && !serves_no_pages(port, &program) {
            sites.insert(port, program);
        }
    }
    sites
        .into_iter()
        .take(SITES_MAX)
        .map(|(port, program)| Site { port, program })
        .collect()
}

/// The name by which users know a program. Newer versions of Node.js name the main thread, and with
/// it the process, after its role.
fn program(process: &Process) -> String {
    let file = Path::new(&process.path).file_name();
    match file {
        Some(file) if process.name.ends_with("MainThread") => file.to_string_lossy().into_owned(),
        _ => process.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn what_listens_on_a_port_is_found_without_connecting() {
        for address in ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"] {
            let Ok(server) = TcpListener::bind(address) else {
                // This computer has no IPv6.
                assert!(address.starts_with('['), "{address}");
                continue;
            };
            let place = server.local_addr().unwrap();
            let found = listening_on(place.port()).unwrap();
            let addresses: Vec<_> = found.iter().map(|socket| socket.address).collect();
            assert_eq!(addresses, [place.ip()], "{address}");
            server.set_nonblocking(true).unwrap();
            assert!(server.accept().is_err(), "{address}: nobody has connected");
            drop(server);
            assert_eq!(listening_on(place.port()).unwrap(), [], "{address}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_browser_can_not_reach_does_not_count() {
        let server = TcpListener::bind("127.0.0.2:0").unwrap();
        let port = server.local_addr().unwrap().port();
        assert_eq!(listening_on(port).unwrap(), []);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_new_socket_on_the_same_port_is_another() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = server.local_addr().unwrap();
        let before = listening_on(place.port()).unwrap();
        drop(server);
        let _again = TcpListener::bind(place).unwrap();
        let after = listening_on(place.port()).unwrap();
        assert_ne!(before, after);
        assert_eq!(after.len(), 1);
    }

    #[test]
    fn a_program_has_the_name_that_users_know() {
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
