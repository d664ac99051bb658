//! What a share needs of this computer before any network: our files, and the port of the
//! settings.

use std::net::{Ipv4Addr, TcpListener};

use super::Finding;
use crate::{
    control::{ControlClient, ControlReply, ControlRequest},
    paths::Paths,
    store,
};

pub async fn examine(paths: &Paths, port: u16) -> Vec<Finding> {
    let mut findings = vec![files(paths)];
    findings.extend(wanted_port(paths, port).await);
    findings
}

/// What every share begins with.
fn files(paths: &Paths) -> Finding {
    const CHECK: &str = "folders";
    if let Err(error) = paths.create() {
        return Finding::problem(CHECK, error.to_string(), "Then look again.");
    }
    let file = paths.empty_tunnel_config();
    match store::keep_empty(&file) {
        Ok(()) => Finding::ok(CHECK, paths.state.display().to_string()),
        Err(error) => Finding::problem(
            CHECK,
            format!("{} can't be written ({error}).", file.display()),
            "Make its folder writable for you, and see that the disk has room.",
        ),
    }
}

/// A port of the settings has to be free; `None` where any will do.
async fn wanted_port(paths: &Paths, port: u16) -> Option<Finding> {
    const CHECK: &str = "[server] port";
    if port == 0 {
        return None;
    }
    let error = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => return Some(Finding::ok(CHECK, format!("port {port} is free"))),
        Err(error) => error,
    };
    Some(match has_share_at(paths, port).await {
        true => Finding::warning(
            CHECK,
            format!("port {port} has a share of Spot Serve, and no second one would find it free."),
            "Set it to 0, for any free one, to share several things at a time.",
        ),
        false => Finding::problem(
            CHECK,
            format!("port {port} can't be had ({error})."),
            "Choose another one in the settings, or 0 for any free one.",
        ),
    })
}

async fn has_share_at(paths: &Paths, port: u16) -> bool {
    let asked = async {
        let mut client = ControlClient::ask(&paths.socket_file(), ControlRequest::List).await?;
        client.reply().await
    };
    let local = format!("http://127.0.0.1:{port}/");
    matches!(asked.await, Ok(ControlReply::Shares(shares))
        if shares.iter().any(|share| share.local.as_ref() == Some(&local)))
}
