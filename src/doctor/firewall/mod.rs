//! Whether a firewall on this computer keeps the local network from shares that are open to it, as far as
//! that can be known.

#[cfg(target_os = "linux")]
mod firewalld;
mod ports;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(target_os = "linux", windows)), path = "elsewhere.rs")]
mod system;
#[cfg(any(windows, test))]
mod windows_rule;

use self::ports::CHECK;
use super::finding::Finding;
use crate::{
    control::{ControlClient, ControlReply, ControlRequest},
    paths::Paths,
};

/// Looks for a firewall if anything is to be open to the network: by default, or one of the shares of the
/// running program.
pub async fn examine(paths: &Paths, by_default: bool) -> Vec<Finding> {
    if !by_default && !has_share_on_network(paths).await {
        return Vec::new();
    }
    let mut findings = system::examine().await;
    if findings.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            "none is known to keep the local network out",
        ));
    }
    findings
}

async fn has_share_on_network(paths: &Paths) -> bool {
    let listed = async {
        let mut client = ControlClient::ask(&paths.socket_file(), ControlRequest::List).await?;
        client.reply().await
    };
    matches!(listed.await, Ok(ControlReply::Shares(shares)) if shares.iter().any(|share| share.lan))
}
