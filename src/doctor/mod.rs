//! `spot-serve doctor`: checks what a share needs, and says in words what to do.
//!
//! - `local`: our files, and the port of the settings
//! - `sidecar`: the cloudflared that would be run
//! - `network`: names, the service, and UDP and TCP to the edge
//! - `desktop`: tray, notifications, clipboard, launch at login

mod desktop;
mod local;
mod network;
mod sidecar;

use std::sync::Arc;

use serde::Serialize;

use crate::{
    config::Config,
    control::{InstanceLock, InstanceLockError},
    http::Client,
    paths::Paths,
    tunnel::Setup,
};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    /// Something is less than it could be; a share would work.
    Warning,
    /// No share would get a link.
    Problem,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked: `cloudflared`.
    pub check: &'static str,
    pub level: Level,
    /// What was found.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            level: Level::Ok,
            found: found.into(),
            advice: None,
        }
    }

    fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            level: Level::Warning,
            advice: Some(advice.into()),
            ..Self::ok(check, found)
        }
    }

    fn problem(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            level: Level::Problem,
            ..Self::warning(check, found, advice)
        }
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    would_work: bool,
    checks: Vec<Finding>,
}

impl Findings {
    fn of(checks: Vec<Finding>) -> Self {
        Self {
            would_work: checks.iter().all(|finding| finding.level != Level::Problem),
            checks,
        }
    }

    /// Whether a share would get a link that works.
    pub fn would_work(&self) -> bool {
        self.would_work
    }

    /// One line a check: `ok`, `warning` or `problem`, what was found, what to do.
    pub fn text(&self) -> String {
        let line = |finding: &Finding| {
            let level = match finding.level {
                Level::Ok => "ok     ",
                Level::Warning => "warning",
                Level::Problem => "problem",
            };
            let advice = match &finding.advice {
                Some(advice) => format!(" {advice}"),
                None => String::new(),
            };
            format!("{level}  {}: {}{advice}\n", finding.check, finding.found)
        };
        let mut text: String = self.checks.iter().map(line).collect();
        text.push_str(if self.would_work {
            "A share would work."
        } else {
            "A share would have no public link."
        });
        text
    }

    pub fn json(&self) -> String {
        // There is nothing in it that JSON can't hold.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Examines this computer; takes some seconds where nothing answers.
pub async fn examine() -> Findings {
    let paths = match Paths::of_this_user() {
        Ok(paths) => paths,
        Err(error) => {
            return Findings::of(vec![Finding::problem(
                "folders",
                error.to_string(),
                "Without them nothing else can be checked.",
            )]);
        }
    };
    let mut checks = Vec::new();
    let config = match Config::load(&paths.config_file()) {
        Ok(config) => {
            checks.push(Finding::ok(
                "settings",
                paths.config_file().display().to_string(),
            ));
            config
        }
        Err(error) => {
            checks.push(Finding::warning(
                "settings",
                error.to_string(),
                "Correct them.",
            ));
            Config::default()
        }
    };
    checks.extend(local::examine(&paths, config.server.port).await);
    let client = Client::from_environment();
    let setup = Arc::new(Setup::new(config.tunnel.clone(), &paths));
    checks.extend(
        setup
            .settings_problem()
            .map(|sentence| Finding::problem("[tunnel] settings", sentence, "Correct them.")),
    );
    checks.extend(sidecar::examine(Arc::clone(&setup), &config.tunnel.args).await);
    checks.extend(network::examine(&client, &config.tunnel, setup.cooldown_left()).await);
    checks.extend(desktop::examine().await);
    checks.push(instance(&paths));
    Findings::of(checks)
}

fn instance(paths: &Paths) -> Finding {
    const CHECK: &str = "another Spot Serve";
    if !paths.lock_file().exists() {
        return Finding::ok(CHECK, "none runs");
    }
    match InstanceLock::acquire(&paths.lock_file()) {
        Ok(_) => Finding::ok(CHECK, "none runs"),
        Err(InstanceLockError::AlreadyRunning(Some(pid))) => {
            Finding::ok(CHECK, format!("process {pid} runs"))
        }
        Err(InstanceLockError::AlreadyRunning(None)) => Finding::ok(CHECK, "one runs"),
        Err(error) => Finding::warning(
            CHECK,
            error.to_string(),
            "Make the folder of its lock writable for you.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_problem_is_enough_for_no_link() {
        let good = Finding::ok("cloudflared", "2026.10.0");
        let lesser = Finding::warning("tray", "none", "Install one.");
        let bad = Finding::problem("names", "none", "Connect.");
        assert!(Findings::of(vec![good.clone(), lesser.clone()]).would_work());
        let all = Findings::of(vec![good, lesser, bad]);
        assert!(!all.would_work());
        insta::assert_snapshot!(format!("{}\n{}", all.text(), all.json()));
    }
}
