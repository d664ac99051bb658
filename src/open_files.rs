//! Whether the system allows no more open files.

use std::io;

/// What to do about it.
pub const ADVICE: &str = "Close programs that keep many files or connections open.";

/// Whether an error means that this process, or the whole system, has as many open files as it may
/// have. It says nothing about the file that was to be opened.
pub fn are_used_up(error: &io::Error) -> bool {
    #[cfg(unix)]
    const CODES: [i32; 2] = [
        rustix::io::Errno::MFILE.raw_os_error(),
        rustix::io::Errno::NFILE.raw_os_error(),
    ];
    // ERROR_TOO_MANY_OPEN_FILES
    #[cfg(windows)]
    const CODES: [i32; 1] = [4];
    error
        .raw_os_error()
        .is_some_and(|code| CODES.contains(&code))
}
