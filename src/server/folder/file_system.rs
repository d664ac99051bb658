//! What kind of file system a folder is on, where there is no call to ask for it.

use cap_std::fs::Dir;

/// Whether the file system of a folder can be asked without ever waiting. There is no call for it.
pub fn is_local(_dir: &Dir) -> bool {
    false
}

/// Whether the file system of a folder may know a file by a short name beside its own.
pub fn may_have_short_names(_dir: &Dir) -> bool {
    true
}
