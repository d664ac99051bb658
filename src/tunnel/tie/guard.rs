//! The guard: runs a program, and kills it when the guard's own input closes.
//!
//! macOS has neither PR_SET_PDEATHSIG nor Job Objects. A pipe is what every system closes when
//! a process ends, so the guard waits at the end of one.

use std::{ffi::OsString, io, pin::pin, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// Runs `program`, and gives its exit code when it ends (128 and more: by a signal).
///
/// SIGTERM is passed on, and the program may take its time. When standard input closes it is
/// killed: nobody is left, or has any more patience.
///
/// # Errors
/// The program can't be started, or signals can't be received.
pub async fn guard(program: OsString, arguments: Vec<OsString>) -> io::Result<i32> {
    let mut asked_to_end = signal(SignalKind::terminate())?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut input_closed = pin!(input_closed());
    loop {
        tokio::select! {
            status = child.wait() => return Ok(exit_code(status?)),
            () = &mut input_closed => break,
            Some(()) = asked_to_end.recv() => terminate(&mut child)?,
        }
    }
    child.start_kill()?;
    Ok(exit_code(child.wait().await?))
}

/// Asks a child to end, by SIGTERM; one that has ended already is fine.
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

fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(1)
}
