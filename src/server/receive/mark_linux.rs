//! On Linux, an attribute says where a file came from.

use std::fs::File;

use cap_std::fs::Dir;
use rustix::fs::{XattrFlags, fsetxattr};

/// Marks a file as one from a stranger, if the file system keeps such marks.
pub fn mark(_parts: &Dir, _name: &str, file: &File, origin: &str) {
    let name = "user.xdg.origin.url";
    if let Err(error) = fsetxattr(file, name, origin.as_bytes(), XattrFlags::empty()) {
        tracing::debug!(%error, "the origin of a received file can't be kept");
    }
}
