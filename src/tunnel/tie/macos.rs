//! macOS and other unix systems: a guard process stands between us and the child.

use std::{io, path::Path, process::Stdio};

use tokio::process::{Child, Command};

#[path = "guard.rs"]
mod guarding;

pub use guarding::{guard, terminate};

use super::GUARD_COMMAND;

/// A command that runs `program` under a guard, which ends it when our end of its input closes.
///
/// The kernel closes that end however this program ends. The guard is this program itself.
pub fn command(program: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(GUARD_COMMAND)
        .arg(program)
        .stdin(Stdio::piped());
    Ok(command)
}

/// Nothing is left to do: the guard watches already.
pub fn adopt(_child: &Child) -> io::Result<()> {
    Ok(())
}
