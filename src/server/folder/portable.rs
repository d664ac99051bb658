//! Lookups on systems without a call for them: always a walk, and always one that may wait.

use std::{ffi::OsStr, fs::File, io};

use cap_std::fs::Dir;

use super::{
    file_stamp::FileStamp,
    probe::{EntryKind, PathProbe},
    walk,
};
use crate::server::path::RequestPath;

pub use walk::{open, open_without_links, probe};

/// Like [`probe`], but never waits: `None` if the answer is not in memory.
///
/// # Errors
/// The errors of [`probe`].
pub fn probe_now(_dir: &Dir, _path: &RequestPath) -> Option<io::Result<PathProbe>> {
    None
}

/// Like [`open`], but never waits: `None` if that needs the disk.
pub fn open_now(_dir: &Dir, _path: &RequestPath) -> Option<(File, FileStamp)> {
    None
}

/// Passes the name and kind of each entry to `each`, in no particular order, while it returns true.
///
/// # Errors
/// If the folder can't be read.
pub fn names(dir: &Dir, mut each: impl FnMut(&OsStr, EntryKind) -> bool) -> io::Result<()> {
    for entry in dir.entries()? {
        // One entry that can't be read says nothing about the others.
        let Ok(entry) = entry else { continue };
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let kind = if kind.is_file() {
            EntryKind::File
        } else if kind.is_dir() {
            EntryKind::Folder
        } else if kind.is_symlink() {
            EntryKind::Link
        } else {
            EntryKind::Special
        };
        if !each(&entry.file_name(), kind) {
            break;
        }
    }
    Ok(())
}
