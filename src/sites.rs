//! Sites on this computer that can be shared: the programs that listen on a port.

use std::{collections::BTreeMap, net::IpAddr, path::Path, process};

use listeners::{Process, Protocol, SocketState};

use crate::app::Site;

/// Nobody finds anything in a longer menu.
const SITES_MAX: usize = 24;

/// Finds the programs that a browser on this computer could reach, as far as this account may see
/// them. Leaves out this program and cloudflared. Takes a few milliseconds.
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
