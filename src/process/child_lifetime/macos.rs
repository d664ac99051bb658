//! macOS and other Unix systems: a guard process stands between this program and the child.

use std::{
    io,
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::process::{Child, ChildStdin, Command};

pub use super::guard::{guard, terminate};
use super::guard_command::GUARD_COMMAND;
use crate::process::own_program;

/// A command that runs `program` under a guard, which kills it when our end of its input closes.
///
/// The kernel closes that end however this program ends. The guard is this program itself. Never
/// kill the guard: its child would outlive it.
///
/// # Errors
/// The path of this program is unknown.
pub fn command(program: &Path) -> io::Result<Command> {
    let mut command = Command::new(own_program::path()?);
    command
        .arg(GUARD_COMMAND)
        .arg(program)
        .stdin(Stdio::piped())
        // Ctrl-C in our terminal is for us alone: it would end the guard before its child.
        .process_group(0);
    Ok(command)
}

/// Our end of the guard's input. Dropping it makes the guard kill its child.
pub struct ChildLifetime {
    input: Option<ChildStdin>,
}

impl ChildLifetime {
    /// Takes the input of a started guard, because [`Child::wait`] would close it.
    ///
    /// # Errors
    /// The guard was started without a pipe as its input.
    pub fn bind(guard: &mut Child) -> io::Result<Self> {
        match guard.stdin.take() {
            Some(input) => Ok(Self { input: Some(input) }),
            None => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }

    /// Makes the guard kill its child.
    ///
    /// # Errors
    /// Never on these systems.
    pub fn kill(&mut self, _guard: &mut Child) -> io::Result<()> {
        self.input = None;
        Ok(())
    }
}

/// The exit code of the guard's child; `None` if a signal ended the child or the guard.
pub fn exit_code(guard: ExitStatus) -> Option<i32> {
    // The guard reports a signal as a code above 128.
    guard.code().filter(|code| *code <= 128)
}
