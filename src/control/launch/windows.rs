//! Starts the tray program from a command, so that it outlives the command's console.

use std::{
    env, io, iter,
    os::windows::process::CommandExt,
    process::{Command, Stdio},
};

use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS};

/// Starts the tray program without waiting for it. `verbosity` is the number of `-v` options to
/// pass on.
///
/// # Errors
/// The program can't be started.
pub fn tray_program(verbosity: u8) -> io::Result<()> {
    Command::new(env::current_exe()?)
        .args(iter::repeat_n("-v", verbosity.into()))
        .creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}
