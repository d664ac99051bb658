//! `spot-serve doctor`: checks everything that sharing needs, and says how to fix it.
//!
//! - [`finding`]: the result of one check
//! - [`report`]: all findings, as text and as JSON
//! - `local`: the program's own files, and the port in the settings
//! - `inbox`: whether files can be received
//! - `sidecar`: the cloudflared that would be run
//! - `network`: DNS, the service that creates links, and TCP and UDP to Cloudflare
//! - `local_network`: whether shares can be opened to it, or ask first
//! - `firewall`: whether one keeps the local network out, if a share is to be open to it
//! - `desktop`: tray, notifications, clipboard, launch at login

mod desktop;
pub mod finding;
mod firewall;
mod inbox;
mod local;
mod local_network;
mod network;
pub mod report;
mod sidecar;

use std::sync::Arc;

use tokio::task::spawn_blocking;

use self::{finding::Finding, report::Report};
use crate::{
    config::Config,
    control::{InstanceLock, InstanceLockError},
    http::Client,
    paths::Paths,
    tunnel::{Setup, settings_mistake},
};

/// Runs all checks. Takes some seconds where the network doesn't answer.
pub async fn examine() -> Report {
    let paths = match Paths::of_this_user() {
        Ok(paths) => paths,
        Err(error) => {
            return Report::of(vec![Finding::problem(
                "log and state",
                error.to_string(),
                "Nothing else can be checked without it.",
            )]);
        }
    };
    let mut checks = Vec::new();
    let file = paths.config_file();
    let config = match Config::load(&file) {
        Ok(config) => {
            let note = if file.exists() {
                ""
            } else {
                " doesn't exist, so the defaults are used"
            };
            checks.push(Finding::ok("settings", format!("{}{note}", file.display())));
            config
        }
        Err(error) => {
            let advice = format!(
                "Fix the file. Until then, a running tray app keeps its previous settings; whatever starts now {}.",
                error.substitute_in_words()
            );
            checks.push(Finding::warning("settings", error.to_string(), advice));
            error.substitute()
        }
    };
    checks.extend(local::examine(&paths, config.server.port).await);
    let folder = config.receive.inbox(paths.home.as_deref());
    if let Ok(finding) = spawn_blocking(move || inbox::examine(folder)).await {
        checks.push(finding);
    }
    let client = Client::from_environment();
    let setup = Arc::new(Setup::new(config.tunnel.clone(), &paths));
    checks.extend(settings_mistake(&config.tunnel).map(|sentence| {
        let advice = format!("The settings are in {}.", file.display());
        Finding::problem("[tunnel] settings", sentence, advice)
    }));
    checks.extend(sidecar::examine(Arc::clone(&setup), &config.tunnel.args).await);
    checks.extend(network::examine(&client, &config.tunnel, setup.cooldown_left()).await);
    checks.extend(local_network::examine().await);
    checks.extend(firewall::examine(&paths, config.share.lan).await);
    checks.extend(desktop::examine().await);
    checks.push(instance(&paths));
    Report::of(checks)
}

/// Whether the tray app is running.
fn instance(paths: &Paths) -> Finding {
    const CHECK: &str = "tray app";
    const NOT_RUNNING: &str = "not running";
    if !paths.lock_file().exists() {
        return Finding::ok(CHECK, NOT_RUNNING);
    }
    match InstanceLock::acquire(&paths.lock_file()) {
        Ok(_) => Finding::ok(CHECK, NOT_RUNNING),
        Err(InstanceLockError::AlreadyRunning(Some(pid))) => {
            Finding::ok(CHECK, format!("running (process {pid})"))
        }
        Err(InstanceLockError::AlreadyRunning(None)) => Finding::ok(CHECK, "running"),
        Err(error @ InstanceLockError::Unusable { .. }) => Finding::warning(
            CHECK,
            error.to_string(),
            "Until then, Spot Serve can't start in the tray.",
        ),
    }
}
