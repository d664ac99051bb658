//! Lookups where the system has no call for them: all by walking, and none that never waits.

use std::ffi::OsStr;
use std::fs::File;
use std::io;

use cap_std::fs::Dir;

use super::{Kept, Kind, Probe, walk};
use crate::server::path::RequestPath;

pub use walk::{open, open_without_links, probe};

/// Whether the file system of a folder can be asked without ever waiting. There is no call for it.
pub fn is_local(_dir: &Dir) -> bool {
    false
}

/// Whether the file system of a folder may know a file by a short name beside its own.
pub fn may_have_short_names(_dir: &Dir) -> bool {
    true
}

/// As [`probe`], but never waits: `None` if the answer is not in memory.
pub fn probe_now(_dir: &Dir, _path: &RequestPath) -> Option<io::Result<Probe>> {
    None
}

/// As [`open`], but never waits: `None` if that needs the disk.
pub fn open_now(_dir: &Dir, _path: &RequestPath) -> Option<(File, Kept)> {
    None
}

/// Gives each name in a folder with what it is, in no order, as long as `each` says to go on.
pub fn names(dir: &Dir, mut each: impl FnMut(&OsStr, Kind) -> bool) -> io::Result<()> {
    for entry in dir.entries()? {
        // One entry that can't be read says nothing about the others.
        let Ok(entry) = entry else { continue };
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let kind = if kind.is_file() {
            Kind::File
        } else if kind.is_dir() {
            Kind::Folder
        } else if kind.is_symlink() {
            Kind::Link
        } else {
            Kind::Special
        };
        if !each(&entry.file_name(), kind) {
            break;
        }
    }
    Ok(())
}
