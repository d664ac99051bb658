//! Free space, by the handle of a folder.

use std::io;

use rustix::fs::fstatvfs;

use crate::server::folder::Folder;

/// How many bytes this user may still write.
///
/// # Errors
/// If the system can't tell.
pub fn free_bytes(folder: &Folder) -> io::Result<u64> {
    let stat = fstatvfs(folder.dir())?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}
