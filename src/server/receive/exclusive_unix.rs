//! Linux and macOS rename a file only if the new name is free, on most file systems.

use std::{ffi::OsStr, io};

use cap_std::fs::Dir;
use rustix::{
    fs::{RenameFlags, renameat_with},
    io::Errno,
};

/// Renames a file if the new name is free; `None` if the file system can't do that.
pub fn rename_to_free(from: &Dir, name: &OsStr, to: &Dir, new: &OsStr) -> Option<io::Result<()>> {
    match renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
        // A container may forbid it.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM) => None,
        renamed => Some(renamed.map_err(io::Error::from)),
    }
}
