//! Starts the tray program from a command, so that it outlives the command's terminal.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::paths;

/// Starts the tray program and does not wait for it.
pub fn tray_program() -> io::Result<()> {
    Command::new(paths::own_program()?)
        // Its own process group: neither Ctrl-C nor the terminal's end reaches it.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}
