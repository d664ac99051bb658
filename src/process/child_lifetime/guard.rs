//! The guard: runs a program and kills it when the guard's own standard input closes.
//!
//! macOS has neither PR_SET_PDEATHSIG nor Job Objects. But every system closes a process's pipes
//! when it ends, so the guard waits at the other end of one.

use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt,
    pin::pin,
    process::{ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// Runs `program` and returns its exit code, or 128 plus the signal that ended it.
///
/// The guard passes SIGTERM on and lets the program finish. It kills the program when standard
/// input closes: the parent is gone, or is done waiting.
///
/// # Errors
/// The program can't be started, or signal handlers can't be installed.
pub async fn guard(program: OsString, arguments: Vec<OsString>) -> io::Result<i32> {
    let mut terminate_requested = signal(SignalKind::terminate())?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut input_closed = pin!(input_closed());
    loop {
        tokio::select! {
            status = child.wait() => return Ok(shell_exit_code(status?)),
            () = &mut input_closed => break,
            Some(()) = terminate_requested.recv() => terminate(&mut child)?,
        }
    }
    child.start_kill()?;
    Ok(shell_exit_code(child.wait().await?))
}

/// Asks a child to end, with SIGTERM. Does nothing if it has already ended.
///
/// # Errors
/// The signal can't be sent.
pub fn terminate(child: &mut Child) -> io::Result<()> {
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    match pid {
        Some(pid) => Ok(kill_process(pid, Signal::TERM)?),
        None => Ok(()),
    }
}

async fn input_closed() {
    let mut input = tokio::io::stdin();
    let mut ignored = [0; 64];
    while matches!(input.read(&mut ignored).await, Ok(read) if read > 0) {}
}

fn shell_exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}
