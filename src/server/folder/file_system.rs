//! The kind of file system a folder is on, where the system has no call that says.

use cap_std::fs::Dir;

/// Whether the file system of a folder answers without ever waiting, which this system can't tell.
pub fn is_local(_dir: &Dir) -> bool {
    false
}

/// Whether the file system may also know a file in this folder by a short name.
pub fn may_have_short_names(_dir: &Dir) -> bool {
    true
}
