//! Starts the tray program from a command, so that it outlives the command's terminal.

use std::{
    fs, io, iter,
    os::{
        fd::{BorrowedFd, RawFd},
        unix::process::CommandExt,
    },
    path,
    process::{Command, Stdio},
};

use rustix::io::{FdFlags, fcntl_setfd};

use crate::process::own_program;

/// Where the system lists the open descriptors of this process.
const DESCRIPTORS: &str = "/dev/fd";
/// The first descriptor after standard input, output and error.
const FIRST_OTHER: RawFd = 3;

/// Starts the tray program without waiting for it. `verbosity` is the number of `-v` options to
/// pass on. The program keeps nothing open that belongs to the command: no folder that the user may
/// want to unmount, no lock, no pipe whose end somebody waits for.
///
/// # Errors
/// The program can't be started.
pub fn tray_program(verbosity: u8) -> io::Result<()> {
    let program = path::absolute(own_program::path()?)?;
    close_on_exec();
    Command::new(program)
        .args(iter::repeat_n("-v", verbosity.into()))
        .current_dir("/")
        // They would still name the folder in which the command was started.
        .env_remove("PWD")
        .env_remove("OLDPWD")
        // A process group of its own, which Ctrl-C and the end of the terminal don't reach.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
}

/// Keeps descriptors that this process has inherited from being inherited again. Descriptors that
/// it opened itself never are.
fn close_on_exec() {
    // If they can't be listed, they are inherited, which is better than not sharing at all.
    let open = fs::read_dir(DESCRIPTORS).into_iter().flatten().flatten();
    let open: Vec<RawFd> = open
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in open.into_iter().filter(|number| *number >= FIRST_OTHER) {
        // SAFETY: only this flag is changed, which closes no descriptor and doesn't affect its user
        // in this process. One that was closed since it was listed results in an error.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(descriptor, FdFlags::CLOEXEC);
    }
}
