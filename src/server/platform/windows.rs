//! The Windows side of what differs from Unix.

use std::{ffi::OsStr, fs::File, io};

use cap_fs_ext::MetadataExt as _;
use cap_std::fs::{Dir, Metadata, MetadataExt, OpenOptions};
use tokio::net::TcpSocket;

use super::folder_id::FolderId;

/// A name in the system's own form; `None` if it can't be expressed.
pub fn os_name(name: &[u8]) -> Option<&OsStr> {
    std::str::from_utf8(name).ok().map(OsStr::new)
}

/// The number of a file, see [`FileId`](crate::server::folder::FileId).
pub fn file_id(metadata: &Metadata) -> u64 {
    // Only metadata from reading a folder lacks it, and entries are always examined one by one.
    metadata.ino()
}

/// When the file was created: a file that replaces another has another time. Windows doesn't report
/// the time of the last change.
pub fn changed(metadata: &Metadata) -> (i64, u32) {
    // Windows counts units of 100 ns since 1601.
    const TICKS_PER_SECOND: u64 = 10_000_000;
    const SECONDS_FROM_1601_TO_1970: i64 = 11_644_473_600;
    let ticks = metadata.creation_time();
    // Both fit: there are exactly that many in a second.
    (
        (ticks / TICKS_PER_SECOND) as i64 - SECONDS_FROM_1601_TO_1970,
        (ticks % TICKS_PER_SECOND) as u32 * 100,
    )
}

/// Distinguishes a folder from another one at the same path. Not available this way on Windows.
pub fn folder_id(_metadata: &Metadata) -> Option<FolderId> {
    None
}

/// The user who owns a file. Not available this way on Windows.
pub fn owner(_metadata: &std::fs::Metadata) -> Option<u32> {
    None
}

/// Whether an attribute hides the file.
pub fn is_hidden(metadata: &Metadata) -> bool {
    const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
    const FILE_ATTRIBUTE_SYSTEM: u32 = 4;
    metadata.file_attributes() & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM) != 0
}

/// Whether this program may read a file. On Windows, only opening it would show that.
pub fn may_read(_dir: &Dir, _name: &OsStr) -> bool {
    true
}

/// Opening a file never waits for a writer.
pub fn open_at_once(_options: &mut OpenOptions) {}

/// Reads from a position in a file. It may return fewer bytes than fit into the buffer.
///
/// # Errors
/// As the system reports them.
pub fn read_once(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Does nothing: a port is free at once. The option that other systems need would let another
/// program take over the port on Windows.
///
/// # Errors
/// None.
pub fn allow_same_port_again(_socket: &TcpSocket) -> io::Result<()> {
    Ok(())
}

/// Does nothing: the system keeps little.
///
/// # Errors
/// None.
pub fn keep_little_unsent(_socket: &TcpSocket) -> io::Result<()> {
    Ok(())
}

/// Does nothing: there is no such limit.
pub fn allow_many_files() {}

/// Writes all bytes to a position in a file.
///
/// # Errors
/// As the system reports them.
pub fn write_at(file: &File, mut offset: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        offset += written as u64;
        bytes = &bytes[written..];
    }
    Ok(())
}
