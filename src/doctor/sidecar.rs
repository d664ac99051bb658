//! The cloudflared that would be run: where it comes from, and whether it accepts its arguments.

use std::{
    env,
    path::Path,
    process::{Output, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{process::Command, task::spawn_blocking, time::timeout};

use super::finding::Finding;
use crate::tunnel::{
    Setup, invocation, pins,
    sidecar::{Sidecar, SidecarSource},
};

const CHECK: &str = "cloudflared";
/// How long cloudflared may take to answer. It usually needs a fraction of a second.
const LIMIT: Duration = Duration::from_secs(10);

/// `args` are the user's additional arguments.
pub async fn examine(setup: Arc<Setup>, args: &[String]) -> Vec<Finding> {
    let sidecar = match spawn_blocking(move || setup.find_sidecar()).await {
        Ok(Ok(sidecar)) => sidecar,
        Ok(Err(error)) => {
            return vec![Finding::problem(CHECK, error.reason(), error.advice())];
        }
        Err(error) => return vec![Finding::problem(CHECK, error.to_string(), "Try again.")],
    };
    let program = sidecar.program.display();
    let version = match version_of(&sidecar.program).await {
        Ok(version) => version,
        Err(error) => {
            return vec![Finding::problem(
                CHECK,
                format!("Can't run {program}: {error}."),
                replacement_advice(&sidecar),
            )];
        }
    };
    let found = match sidecar.source {
        SidecarSource::Pinned => {
            format!("{version}, the one for this version of Spot Serve: {program}")
        }
        SidecarSource::Settings | SidecarSource::Path => {
            let pinned = pins::for_this_target().map(|pin| {
                format!(
                    " (this version of Spot Serve was tested with {})",
                    pin.version
                )
            });
            format!(
                "{version}, installed by you{}: {program}",
                pinned.unwrap_or_default()
            )
        }
    };
    let mut findings = vec![Finding::ok(CHECK, found)];
    findings.extend(refused(&sidecar.program, args).await);
    findings
}

/// What to do about a cloudflared that doesn't work.
fn replacement_advice(sidecar: &Sidecar) -> &'static str {
    match sidecar.source {
        SidecarSource::Settings => {
            "Correct [tunnel] cloudflared in the settings, or remove that line."
        }
        SidecarSource::Pinned => "Remove it and run `spot-serve sidecar fetch`.",
        SidecarSource::Path => {
            "Run `spot-serve sidecar fetch` to download one that Spot Serve uses instead."
        }
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
        _ => Err("it isn't cloudflared: it reports no version".into()),
    }
}

/// A finding if cloudflared rejects the user's arguments. With `--help` it only parses them.
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
            "cloudflared rejects them: {}.",
            what.trim_matches(|c: char| c.is_whitespace() || ".:".contains(c))
        ),
        "Correct them in the settings.",
    ))
}

async fn ask(program: &Path, arguments: &[&str]) -> Result<Output, String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        // The environment it has when it serves a share.
        .env_clear()
        .envs(invocation::serving_environment(env::vars_os()))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    timeout(LIMIT, command.output())
        .await
        .map_err(|_| "it doesn't answer".to_owned())?
        .map_err(|error| error.to_string())
}
