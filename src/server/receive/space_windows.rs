//! Free space, by the path of a folder: Windows doesn't tell it by a handle.

use std::io;

use crate::server::folder::Folder;

/// How many bytes this user may still write.
///
/// # Errors
/// If the system can't tell.
pub fn free_bytes(folder: &Folder) -> io::Result<u64> {
    let path = folder.path().ok_or(io::ErrorKind::NotFound)?;
    fs4::available_space(path)
}
