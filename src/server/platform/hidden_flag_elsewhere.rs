//! Only macOS has a flag that hides files.

use std::ffi::OsStr;

use cap_std::fs::Dir;

/// Whether a flag hides the file with this name: never.
pub fn has_hidden_flag(_dir: &Dir, _name: &OsStr) -> bool {
    false
}
