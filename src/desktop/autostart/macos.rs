//! macOS: a launch agent.

use std::{fs, io, path::PathBuf};

use auto_launch::{AutoLaunch, MacOSLaunchMode};
use directories::BaseDirs;

use super::{
    entry::{ARGUMENT, LoginEntry},
    error::AutostartError,
    launch_agent,
};
use crate::store;

/// The label of the agent, and the name of its file.
const NAME: &str = "Spot Serve";

/// The agent of this program, if there is one.
pub fn entry() -> Option<LoginEntry> {
    let plist = fs::read_to_string(agent_file().ok()?).ok()?;
    Some(launch_agent::parsed(&plist))
}

/// Adds an agent that starts `program`.
pub fn enable(program: &str) -> Result<(), AutostartError> {
    auto_launch(program).enable()?;
    let file = agent_file()?;
    let written = fs::read_to_string(&file)?;
    let escaped = launch_agent::with_escaped_program(&written, program);
    if escaped != written {
        store::replace(&file, escaped.as_bytes())?;
    }
    Ok(())
}

/// Removes the agent.
pub fn disable() -> Result<(), AutostartError> {
    Ok(auto_launch("").disable()?)
}

fn auto_launch(program: &str) -> AutoLaunch {
    let identifiers: [&str; 0] = [];
    AutoLaunch::new(
        NAME,
        program,
        MacOSLaunchMode::LaunchAgent,
        &[ARGUMENT],
        &identifiers,
        "",
    )
}

fn agent_file() -> io::Result<PathBuf> {
    let dirs = BaseDirs::new().ok_or_else(|| io::Error::other("there is no home folder"))?;
    Ok(dirs
        .home_dir()
        .join(format!("Library/LaunchAgents/{NAME}.plist")))
}
