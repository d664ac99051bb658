//! Windows: the child joins a Job Object that the kernel ends with our last handle to it.

use std::{
    ffi::{OsString, c_void},
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    path::Path,
    process::ExitStatus,
    sync::OnceLock,
};

use tokio::process::{Child, Command};
use windows_sys::Win32::System::{
    JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
        SetInformationJobObject,
    },
    Threading::CREATE_NO_WINDOW,
};

/// The job that this program's children join. Windows closes it however the program ends.
static JOB: OnceLock<OwnedHandle> = OnceLock::new();

/// A command for `program` that opens no console window.
///
/// # Errors
/// Never on Windows.
pub fn command(program: &Path) -> io::Result<Command> {
    let mut command = Command::new(program);
    command.creation_flags(CREATE_NO_WINDOW).kill_on_drop(true);
    Ok(command)
}

/// Holds nothing: the job belongs to the whole program.
pub struct ChildLifetime;

impl ChildLifetime {
    /// Puts the started child into the job.
    ///
    /// # Errors
    /// The job can't be created, or the child can't join it.
    pub fn bind(child: &mut Child) -> io::Result<Self> {
        let Some(process) = child.raw_handle() else {
            // It has already ended.
            return Ok(Self);
        };
        let job = match JOB.get() {
            Some(job) => job,
            None => {
                let job = create_job()?;
                JOB.get_or_init(|| job)
            }
        };
        // SAFETY: both handles are open: `job` is never closed, and `process` lives as long as `child`.
        let done = unsafe { AssignProcessToJobObject(job.as_raw_handle(), process) };
        if done == 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(Self)
        }
    }

    /// Kills the child.
    ///
    /// # Errors
    /// The child can't be ended.
    pub fn kill(&mut self, child: &mut Child) -> io::Result<()> {
        child.start_kill()
    }
}

fn create_job() -> io::Result<OwnedHandle> {
    // SAFETY: null is allowed for the name and the attributes; the result is checked before it is used.
    let handle = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just created and nothing else owns it.
    let job = unsafe { OwnedHandle::from_raw_handle(handle) };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    // SAFETY: the pointer and the size are those of `limits`, which outlives the call.
    let done = unsafe {
        SetInformationJobObject(
            job.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast::<c_void>(),
            size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32,
        )
    };
    if done == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(job)
    }
}

/// Kills the child: Windows has no signal that asks cloudflared to end.
///
/// # Errors
/// The child can't be ended.
pub fn terminate(child: &mut Child) -> io::Result<()> {
    child.start_kill()
}

/// The child's exit code.
pub fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code()
}

/// Windows needs no guard: the Job Object does its work.
///
/// # Errors
/// Always.
pub async fn guard(_program: OsString, _arguments: Vec<OsString>) -> io::Result<i32> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
