//! The Unix side of what differs from Windows.

use std::{ffi::OsStr, fs::File, io, os::unix::ffi::OsStrExt};

use cap_fs_ext::MetadataExt;
use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};
use rustix::{
    fs::{Access, AtFlags, OFlags, accessat},
    process::{Resource, getrlimit, setrlimit},
};
use tokio::net::TcpSocket;

use super::folder_id::FolderId;

/// A name in the system's own form.
pub fn os_name(name: &[u8]) -> Option<&OsStr> {
    Some(OsStr::from_bytes(name))
}

/// The number of a file, see [`FileId`](crate::server::folder::FileId).
pub fn file_id(metadata: &Metadata) -> u64 {
    metadata.ino()
}

/// When content, name or rights last changed: seconds since 1970, and nanoseconds to add.
pub fn changed(metadata: &Metadata) -> (i64, u32) {
    use cap_std::fs::MetadataExt;
    let nanoseconds = u32::try_from(metadata.ctime_nsec()).unwrap_or(0);
    (metadata.ctime(), nanoseconds)
}

/// Distinguishes a folder from another one at the same path.
pub fn folder_id(metadata: &Metadata) -> Option<FolderId> {
    Some(FolderId {
        device: metadata.dev(),
        inode: metadata.ino(),
        owner: cap_std::fs::MetadataExt::uid(metadata),
    })
}

/// The user who owns a file. A link stands for itself.
pub fn owner(metadata: &std::fs::Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(metadata))
}

/// Whether an attribute hides the file. On Unix, only names do.
pub fn is_hidden(_metadata: &Metadata) -> bool {
    false
}

/// Whether this program may read a file, as far as that is known without opening it.
pub fn may_read(dir: &Dir, name: &OsStr) -> bool {
    accessat(dir, name, Access::READ_OK, AtFlags::EACCESS).is_ok()
}

/// Never waits when opening. This matters only if a FIFO has just replaced the file.
pub fn open_at_once(options: &mut OpenOptions) {
    // Small positive flag whose value differs between systems, so the cast keeps it.
    options.custom_flags(OFlags::NONBLOCK.bits() as i32);
}

/// Reads from a position in a file. It may return fewer bytes than fit into the buffer.
///
/// # Errors
/// As the system reports them.
pub fn read_once(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Lets a share use the port of one that was just stopped.
///
/// # Errors
/// As the system reports them.
pub fn allow_same_port_again(socket: &TcpSocket) -> io::Result<()> {
    socket.set_reuseaddr(true)
}

/// Makes the system keep only little data that a visitor has not received yet. It would keep up to
/// 4 MB for each visitor, and hide for minutes whether a slow one receives anything. A small buffer
/// is also faster, because more of it is still in the processor's caches when it is read.
///
/// # Errors
/// The underlying I/O error.
pub fn keep_little_unsent(socket: &TcpSocket) -> io::Result<()> {
    socket.set_send_buffer_size(128 * 1024)
}

/// Lets this program open as many files as several shares with all their visitors need: a download
/// takes two. The usual limit is 1,024, and 256 on a Mac; the system raises it for programs that
/// ask.
pub fn allow_many_files() {
    // The maximum on macOS.
    const ENOUGH: u64 = 10_240;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(ENOUGH, |most| most.min(ENOUGH));
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "can't raise the limit of open files");
        }
    }
}

/// Writes all bytes to a position in a file.
///
/// # Errors
/// As the system reports them.
pub fn write_at(file: &File, offset: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_raised() {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = Some(512);
        setrlimit(Resource::Nofile, limit).unwrap();
        allow_many_files();
        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.unwrap_or(u64::MAX);
        assert!(limit.current.is_some_and(|now| now == most.min(10_240)));
    }
}
