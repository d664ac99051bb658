//! On Windows, a renamed file may replace another one.

use std::{ffi::OsStr, io};

use cap_std::fs::Dir;

/// Renames a file if the new name is free: this system can't.
pub fn rename_to_free(
    _from: &Dir,
    _name: &OsStr,
    _to: &Dir,
    _new: &OsStr,
) -> Option<io::Result<()>> {
    None
}
