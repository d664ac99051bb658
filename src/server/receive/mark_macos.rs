//! On macOS, files in quarantine are not opened without a question.

use std::{fs::File, time::SystemTime};

use cap_std::fs::Dir;
use rustix::fs::{XattrFlags, fsetxattr};

use super::record::seconds;

/// Marks a file as one from a stranger, if the file system keeps such marks.
pub fn mark(_parts: &Dir, _name: &str, file: &File, _origin: &str) {
    // Downloaded, and not yet approved by the user.
    let value = format!("0081;{:08x};Spot Serve;", seconds(SystemTime::now()));
    let name = "com.apple.quarantine";
    if let Err(error) = fsetxattr(file, name, value.as_bytes(), XattrFlags::empty()) {
        tracing::debug!(%error, "a received file can't be put in quarantine");
    }
}
