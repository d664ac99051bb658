//! The cloudflared that would be run: whose it is, and that it takes what it would be given.

use std::{
    env,
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{process::Command, task::spawn_blocking, time::timeout};

use super::Finding;
use crate::tunnel::{
    Setup, invocation, pins,
    sidecar::{Sidecar, SidecarSource},
};

const CHECK: &str = "cloudflared";
/// It answers within a fraction of a second.
const LIMIT: Duration = Duration::from_secs(10);

/// `args`: what the person adds to its arguments.
pub async fn examine(setup: Arc<Setup>, args: &[String]) -> Vec<Finding> {
    let sidecar = match spawn_blocking(move || setup.find_sidecar()).await {
        Ok(Ok(sidecar)) => sidecar,
        Ok(Err(error)) => {
            let advice = "Get it: spot-serve sidecar fetch";
            return vec![Finding::problem(CHECK, error.to_string(), advice)];
        }
        Err(error) => return vec![Finding::problem(CHECK, error.to_string(), "Try again.")],
    };
    let program = sidecar.program.display();
    let version = match version_of(&sidecar.program).await {
        Ok(version) => version,
        Err(error) => {
            return vec![Finding::problem(
                CHECK,
                format!("{program} can't be run ({error})."),
                instead_of(&sidecar),
            )];
        }
    };
    let found = match sidecar.source {
        SidecarSource::Pinned => format!("{version}, as pinned: {program}"),
        SidecarSource::Settings | SidecarSource::Path => {
            let pinned = pins::for_this_target().map_or("none", |pin| pin.version.as_str());
            format!("{version}, your own, not checked (pinned is {pinned}): {program}")
        }
    };
    let mut findings = vec![Finding::ok(CHECK, found)];
    findings.extend(refused(&sidecar.program, args).await);
    findings
}

/// What to do about one that is of no use.
fn instead_of(sidecar: &Sidecar) -> &'static str {
    match sidecar.source {
        SidecarSource::Settings => {
            "Name a cloudflared under [tunnel] cloudflared in the settings, or remove that line to use ours."
        }
        SidecarSource::Pinned => "Remove it and get ours: spot-serve sidecar fetch",
        SidecarSource::Path => "Get ours, which is taken before it: spot-serve sidecar fetch",
    }
}

async fn version_of(program: &Path) -> Result<String, String> {
    let said = ask(program, &["--version"]).await?;
    // `cloudflared version 2025.9.0 (built …)`
    let text = String::from_utf8_lossy(&said.stdout);
    let mut words = text.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some("cloudflared"), Some("version"), Some(version)) if said.status.success() => {
            Ok(version.to_owned())
        }
        _ => Err("it does not say that it is cloudflared, and which version".into()),
    }
}

/// The person's own arguments, if cloudflared does not understand them. It reads them before it
/// shows its help, and does nothing else.
async fn refused(program: &Path, args: &[String]) -> Option<Finding> {
    if args.is_empty() {
        return None;
    }
    let all: Vec<&str> = std::iter::once("tunnel")
        .chain(args.iter().map(String::as_str))
        .chain(["--help"])
        .collect();
    let said = ask(program, &all).await.ok()?;
    let text = String::from_utf8_lossy(&said.stdout);
    let what = text.lines().next()?.strip_prefix("Incorrect Usage")?;
    Some(Finding::problem(
        "[tunnel] args",
        format!(
            "cloudflared does not understand them: {}.",
            what.trim_matches(|c: char| c.is_whitespace() || ".:".contains(c))
        ),
        "Correct them in the settings.",
    ))
}

async fn ask(program: &Path, arguments: &[&str]) -> Result<Output, String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        // As one that serves a share.
        .env_clear()
        .envs(invocation::environment(env::vars_os()))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    timeout(LIMIT, command.output())
        .await
        .map_err(|_| "it does not answer".to_owned())?
        .map_err(|error| error.to_string())
}
