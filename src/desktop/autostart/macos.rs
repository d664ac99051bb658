//! macOS: a launch agent.

use std::env;

use auto_launch::{AutoLaunch, AutoLaunchBuilder};

use super::{argument::ARGUMENT, error::AutostartError};

/// Whether the system starts this program at login.
pub fn is_enabled() -> bool {
    entry().is_ok_and(|entry| entry.is_enabled().unwrap_or(false))
}

/// Adds or removes this program.
pub fn set(on: bool) -> Result<(), AutostartError> {
    let entry = entry()?;
    let done = if on { entry.enable() } else { entry.disable() };
    done.map_err(|error| AutostartError(error.to_string()))
}

/// A program that was moved since gets its entry right. Only the entry's own program can be
/// looked up by its name, so it is written anew.
pub fn repair() {
    if is_enabled()
        && let Err(error) = set(true)
    {
        tracing::warn!("{error}");
    }
}

fn entry() -> Result<AutoLaunch, AutostartError> {
    let program = env::current_exe().map_err(|error| AutostartError(error.to_string()))?;
    AutoLaunchBuilder::new()
        .set_app_name("Spot Serve")
        .set_app_path(&program.display().to_string())
        .set_args(&[ARGUMENT])
        .build()
        .map_err(|error| AutostartError(error.to_string()))
}
