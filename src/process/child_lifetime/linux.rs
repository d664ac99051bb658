//! Linux: the kernel kills the child when the thread that started it ends.

use std::{io, path::Path, process::ExitStatus};

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};
use tokio::process::{Child, Command};

pub use super::guard::{guard, terminate};

/// A command for `program` whose process gets SIGKILL when the calling thread ends.
///
/// PR_SET_PDEATHSIG watches the *thread* that forks, so this program starts its children from
/// its main thread.
///
/// # Errors
/// Never on Linux.
pub fn command(program: &Path) -> io::Result<Command> {
    let mut command = Command::new(program);
    let parent = getpid();
    // SAFETY: the closure runs between fork and exec and makes only two system calls that
    // POSIX allows there; it takes no lock and allocates nothing.
    unsafe { command.pre_exec(move || die_with(parent)) };
    command.kill_on_drop(true);
    Ok(command)
}

fn die_with(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have died before the line above, and then the signal never comes.
    if getppid() != Some(parent) {
        return Err(io::Error::from(io::ErrorKind::BrokenPipe));
    }
    Ok(())
}

/// Holds nothing: the kernel already knows.
pub struct ChildLifetime;

impl ChildLifetime {
    /// Takes a child that was started from [`command`].
    ///
    /// # Errors
    /// Never on Linux.
    pub fn bind(_child: &mut Child) -> io::Result<Self> {
        Ok(Self)
    }

    /// Kills the child.
    ///
    /// # Errors
    /// The signal can't be sent.
    pub fn kill(&mut self, child: &mut Child) -> io::Result<()> {
        child.start_kill()
    }
}

/// The child's exit code; `None` if a signal ended it.
pub fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code()
}
