//! What sharing needs on this computer: the program's own files, and the port in the settings.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

use super::finding::Finding;
use crate::{
    control::{ControlClient, ControlReply, ControlRequest},
    paths::Paths,
    store,
};

pub async fn examine(paths: &Paths, port: u16) -> Vec<Finding> {
    let mut findings = vec![files(paths)];
    findings.extend(fixed_port(paths, port).await);
    findings
}

/// The files that every share needs.
fn files(paths: &Paths) -> Finding {
    const CHECK: &str = "log and state";
    if let Err(error) = paths.create() {
        return Finding {
            // The message says what to do.
            advice: None,
            ..Finding::problem(CHECK, error.to_string(), "")
        };
    }
    let file = paths.empty_tunnel_config();
    match store::ensure_empty(&file) {
        Ok(()) => Finding::ok(CHECK, paths.log_file().display().to_string()),
        Err(error) => Finding::problem(
            CHECK,
            format!("Can't write {}: {error}.", file.display()),
            "Make its folder writable, and check that the disk is not full.",
        ),
    }
}

/// Whether the port in the settings is free. `None` if the settings name none.
async fn fixed_port(paths: &Paths, port: u16) -> Option<Finding> {
    const CHECK: &str = "[server] port";
    if port == 0 {
        return None;
    }
    let error = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => return Some(Finding::ok(CHECK, format!("port {port} is free"))),
        Err(error) => error,
    };
    Some(if has_share_at(paths, port).await {
        Finding::warning(
            CHECK,
            format!("Port {port} is in use by a share, so a second share can't start."),
            "To share several things at once, set the port to 0.",
        )
    } else {
        Finding::problem(
            CHECK,
            port_problem(port, &error),
            "Choose another port in the settings, or 0 for any free one.",
        )
    })
}

fn port_problem(port: u16, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::AddrInUse {
        format!("Port {port} is in use by another program.")
    } else {
        format!("Can't use port {port}: {error}.")
    }
}

/// Whether the running program has a share on this port.
async fn has_share_at(paths: &Paths, port: u16) -> bool {
    let listed = async {
        let mut client = ControlClient::ask(&paths.socket_file(), ControlRequest::List).await?;
        client.reply().await
    };
    let local = format!("http://127.0.0.1:{port}/");
    matches!(listed.await, Ok(ControlReply::Shares(shares))
        if shares.iter().any(|share| share.local_link.as_ref() == Some(&local)))
}
