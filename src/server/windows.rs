//! What is done in another way on Unix: the Windows side.

use std::ffi::OsStr;
use std::fs::File;
use std::io;

use cap_std::fs::{Dir, Metadata, MetadataExt, OpenOptions};
use tokio::net::TcpSocket;

use super::folder::Mark;

/// A name in the system's own form; `None` where it has none.
pub fn os_name(name: &[u8]) -> Option<&OsStr> {
    std::str::from_utf8(name).ok().map(OsStr::new)
}

/// The number of a file. Windows gives it only for an open file; entries of a folder come without.
pub fn identity(_metadata: &Metadata) -> u64 {
    0
}

/// What tells a folder from another one at the same place. Windows does not give it away so.
pub fn mark(_metadata: &Metadata) -> Option<Mark> {
    None
}

/// Whether an attribute hides it.
pub fn is_hidden(metadata: &Metadata) -> bool {
    const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
    const FILE_ATTRIBUTE_SYSTEM: u32 = 4;
    metadata.file_attributes() & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM) != 0
}

/// Whether a name such as `GIT~1` is the short form that Windows keeps of another name (`.git`),
/// which would be a way round the rule for hidden names.
pub fn is_short_for_another(dir: &Dir, name: &OsStr) -> io::Result<bool> {
    if !name.as_encoded_bytes().contains(&b'~') {
        return Ok(false);
    }
    for entry in dir.entries()? {
        if entry?.file_name().eq_ignore_ascii_case(name) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether this program may read a file is only told by opening it.
pub fn may_read(_dir: &Dir, _name: &OsStr) -> bool {
    true
}

/// Opening a file never waits for somebody to write it.
pub fn open_at_once(_options: &mut OpenOptions) {}

/// Reads from a place in a file, which may give fewer bytes than there is room for.
///
/// # Errors
/// As the system gives them.
pub fn read_once(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// A port is free at once. The option that frees it elsewhere would let another program take it
/// over.
///
/// # Errors
/// None.
pub fn allow_same_port_again(_socket: &TcpSocket) -> io::Result<()> {
    Ok(())
}
