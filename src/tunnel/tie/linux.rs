//! Linux: the kernel kills the child when the thread that started it ends.

use std::{io, path::Path, process::ExitStatus};

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};
use tokio::process::{Child, Command};

#[path = "guard.rs"]
mod guarding;

pub use guarding::{guard, terminate};

/// A command for `program` whose process gets SIGKILL when the calling thread ends.
///
/// PR_SET_PDEATHSIG watches the *thread* that forks, so this program starts its children from
/// its main thread.
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
    // The parent may have died before the line above; then nothing would ever come.
    if getppid() != Some(parent) {
        return Err(io::Error::from(io::ErrorKind::BrokenPipe));
    }
    Ok(())
}

/// Nothing has to be held: the kernel knows already.
pub struct Tie;

impl Tie {
    pub fn adopt(_child: &mut Child) -> io::Result<Self> {
        Ok(Self)
    }

    /// Kills the child.
    pub fn kill(&mut self, child: &mut Child) -> io::Result<()> {
        child.start_kill()
    }
}

/// The child's exit code; `None` when a signal ended it.
pub fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code()
}
