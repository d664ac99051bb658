//! Starts the tray program from a command, so that it outlives the command's terminal.

use std::{
    fs, io,
    os::{
        fd::{BorrowedFd, RawFd},
        unix::process::CommandExt,
    },
    path,
    process::{Command, Stdio},
};

use rustix::io::{FdFlags, fcntl_setfd};

use crate::paths;

/// Where the system lists the open descriptors of the process that looks.
const DESCRIPTORS: &str = "/dev/fd";
/// Standard input, output and error are the first.
const FIRST_OTHER: RawFd = 3;

/// Starts the tray program and does not wait for it. It keeps nothing of where the command was
/// started: a folder that somebody wants to unmount, a lock, a pipe that somebody reads to its
/// end.
pub fn tray_program() -> io::Result<()> {
    let program = path::absolute(paths::own_program()?)?;
    keep_descriptors();
    Command::new(program)
        .current_dir("/")
        // The variable would still say where the command was started.
        .env_remove("PWD")
        .env_remove("OLDPWD")
        // Its own process group: neither Ctrl-C nor the terminal's end reaches it.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}

/// What this process has inherited is not handed on; the program's own never is.
fn keep_descriptors() {
    // Where they can't be listed they are handed on: no reason to share nothing.
    let open = fs::read_dir(DESCRIPTORS).into_iter().flatten().flatten();
    let open: Vec<RawFd> = open
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in open.into_iter().filter(|number| *number >= FIRST_OTHER) {
        // SAFETY: nothing but this one flag is changed through it, which closes no descriptor
        // and makes no difference to who uses it here. One that was closed since it was listed
        // is an error, and is none to hand on.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(descriptor, FdFlags::CLOEXEC);
    }
}
