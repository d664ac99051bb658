//! macOS and other unix systems: a guard process stands between us and the child.

use std::{
    io,
    path::Path,
    process::{ExitStatus, Stdio},
};

use tokio::process::{Child, ChildStdin, Command};

#[path = "guard.rs"]
mod guarding;

pub use guarding::{guard, terminate};

use super::GUARD_COMMAND;
use crate::paths;

/// A command that runs `program` under a guard, which kills it when our end of its input closes.
///
/// The kernel closes that end however this program ends. The guard is this program itself. It is
/// never killed, which would leave what it guards alone.
pub fn command(program: &Path) -> io::Result<Command> {
    let mut command = Command::new(paths::own_program()?);
    command
        .arg(GUARD_COMMAND)
        .arg(program)
        .stdin(Stdio::piped())
        // A Ctrl-C in our terminal is for us alone: it would end the guard before its child.
        .process_group(0);
    Ok(command)
}

/// Our end of the guard's input; the guard's child is killed when this is dropped.
pub struct Tie {
    input: Option<ChildStdin>,
}

impl Tie {
    /// Takes the input of a guard that was started, since [`Child::wait`] closes what it finds.
    pub fn adopt(child: &mut Child) -> io::Result<Self> {
        match child.stdin.take() {
            Some(input) => Ok(Self { input: Some(input) }),
            None => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        }
    }

    /// Has the guard kill its child.
    pub fn kill(&mut self, _guard: &mut Child) -> io::Result<()> {
        self.input = None;
        Ok(())
    }
}

/// The exit code of the guard's child; `None` when a signal ended it or the guard.
pub fn exit_code(guard: ExitStatus) -> Option<i32> {
    // What is above 128 is the guard's word for a signal.
    guard.code().filter(|code| *code <= 128)
}
