//! The flag that hides a file from the Finder.

use std::ffi::OsStr;

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, statat};

/// `UF_HIDDEN` in `<sys/stat.h>`.
const UF_HIDDEN: u32 = 0x8000;

/// Whether a flag hides the file with this name. A link stands for itself.
pub fn has_hidden_flag(dir: &Dir, name: &OsStr) -> bool {
    statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|stat| stat.st_flags & UF_HIDDEN != 0)
}
