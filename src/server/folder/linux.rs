//! Lookups on Linux: one `openat2` each, which the kernel confines to the handle.
//!
//! With `RESOLVE_CACHED` it answers only from memory, so that a slow disk never blocks the thread
//! that serves everybody else.

use std::{
    ffi::OsStr,
    fs::File,
    io,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::Path,
};

use cap_std::fs::Dir;
use rustix::{
    fs::{
        AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags, Stat, fstat, openat, openat2,
        statat,
    },
    io::Errno,
};

use super::{
    file_stamp::{FileId, FileStamp},
    probe::{EntryKind, PathProbe, not_found},
    walk,
};
use crate::{hidden_name::Visibility, server::path::RequestPath};

/// Whether a lookup may wait for the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    ForDisk,
    Never,
}

/// Buffer size for the entries that one call returns.
const NAMES_BYTES: usize = 256 * 1024;

/// Looks up a path without opening it, unless it is a folder.
///
/// # Errors
/// The underlying I/O error; `NotFound` for what a visitor may not see.
pub fn probe(dir: &Dir, path: &RequestPath, visibility: Visibility) -> io::Result<PathProbe> {
    match probe_by_kernel(dir, path, Wait::ForDisk) {
        Err(error) if needs_walk(&error) => walk::probe(dir, path, visibility),
        probed => probed,
    }
}

/// Like [`probe`], but never waits: `None` if the answer is not in memory.
///
/// # Errors
/// The errors of [`probe`].
pub fn probe_now(dir: &Dir, path: &RequestPath) -> Option<io::Result<PathProbe>> {
    match probe_by_kernel(dir, path, Wait::Never) {
        Ok(probe) => Some(Ok(probe)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Err(error)),
        Err(_) => None,
    }
}

/// Opens a regular file for reading, if no part of the path is a link.
///
/// # Errors
/// The errors of [`probe`]; also one if it is not a regular file.
pub fn open(
    dir: &Dir,
    path: &RequestPath,
    visibility: Visibility,
) -> io::Result<(File, FileStamp)> {
    match open_by_kernel(dir, path, Wait::ForDisk) {
        Err(error) if needs_walk(&error) => walk::open(dir, path, visibility),
        opened => opened,
    }
}

/// Like [`open`], but never waits: `None` if that needs the disk.
pub fn open_now(dir: &Dir, path: &RequestPath) -> Option<(File, FileStamp)> {
    open_by_kernel(dir, path, Wait::Never).ok()
}

/// Opens a folder of the file system, if no part of the absolute path is a link.
///
/// # Errors
/// The underlying I/O error, and an error if there is a link.
pub fn open_without_links(path: &Path) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS);
    match opened.map_err(io::Error::from) {
        Ok(dir) => Ok(Dir::from_std_file(dir.into())),
        Err(error) if needs_walk(&error) => walk::open_without_links(path),
        Err(error) => Err(error),
    }
}

/// Passes the name and kind of each entry to `each`, in no particular order, while it returns true.
///
/// # Errors
/// If the folder can't be read.
pub fn names(dir: &Dir, mut each: impl FnMut(&OsStr, EntryKind) -> bool) -> io::Result<()> {
    // A separate handle, because the position of the next entry belongs to the handle.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let handle = openat(dir, ".", flags, Mode::empty())?;
    let mut buffer = Vec::with_capacity(NAMES_BYTES);
    let mut entries = RawDir::new(&handle, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let mut kind = entry.file_type();
        if kind == FileType::Unknown {
            // Some file systems don't report the kind, and the entry may be gone by now.
            let Ok(stat) = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            kind = FileType::from_raw_mode(stat.st_mode);
        }
        let kind = match kind {
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            FileType::Symlink => EntryKind::Link,
            _ => EntryKind::Special,
        };
        if !each(OsStr::from_bytes(name.to_bytes()), kind) {
            break;
        }
    }
    Ok(())
}

/// Looks up a path without opening it, which could wake up a FIFO's writer.
pub(super) fn probe_by_kernel(dir: &Dir, path: &RequestPath, wait: Wait) -> io::Result<PathProbe> {
    let handle = match resolve(dir, path, OFlags::PATH, wait) {
        Err(Errno::LOOP) => return Ok(PathProbe::Link),
        handle => handle?,
    };
    let stat = fstat(&handle)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(PathProbe::File(stamp(&stat))),
        FileType::Directory => {
            // The first handle is only for lookups; this one can be read.
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let dir = openat(&handle, ".", flags, Mode::empty())?;
            Ok(PathProbe::Folder(Dir::from_std_file(File::from(dir))))
        }
        // With O_PATH and O_NOFOLLOW, a link at the end is opened itself.
        FileType::Symlink => Ok(PathProbe::Link),
        _ => Ok(PathProbe::Special),
    }
}

/// Opens a regular file for reading, if no part of the path is a link.
pub(super) fn open_by_kernel(
    dir: &Dir,
    path: &RequestPath,
    wait: Wait,
) -> io::Result<(File, FileStamp)> {
    // Non-blocking matters only if a FIFO has just replaced the file.
    let handle = match resolve(dir, path, OFlags::RDONLY | OFlags::NONBLOCK, wait) {
        Err(Errno::LOOP | Errno::NXIO) => return Err(not_found()),
        handle => handle?,
    };
    let stat = fstat(&handle)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(not_found());
    }
    Ok((File::from(handle), stamp(&stat)))
}

/// Whether the kernel couldn't resolve the path in one call but a walk name by name can: an old
/// kernel, a container that forbids `openat2`, or a path longer than 4,096 bytes.
fn needs_walk(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::NOSYS | Errno::PERM | Errno::NAMETOOLONG))
}

fn resolve(dir: &Dir, path: &RequestPath, flags: OFlags, wait: Wait) -> Result<OwnedFd, Errno> {
    let mut within =
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    if wait == Wait::Never {
        // File systems mounted further down may have to wait.
        within |= ResolveFlags::CACHED | ResolveFlags::NO_XDEV;
    }
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let path = if path.is_root() {
        b"."
    } else {
        path.as_bytes()
    };
    // Without RESOLVE_CACHED, EAGAIN means that a rename on this computer interfered.
    let attempts = if wait == Wait::Never { 1 } else { 16 };
    let mut result = Err(Errno::AGAIN);
    for _ in 0..attempts {
        result = openat2(dir, path, flags, Mode::empty(), within);
        if !matches!(result, Err(Errno::AGAIN)) {
            break;
        }
    }
    match result {
        // Nothing is there: part of the path is not a folder, or the path leads out.
        Err(Errno::NOTDIR) => Err(Errno::NOENT),
        Err(Errno::XDEV) if wait == Wait::ForDisk => Err(Errno::NOENT),
        result => result,
    }
}

fn stamp(stat: &Stat) -> FileStamp {
    let nanoseconds = |count| u32::try_from(count).unwrap_or(0);
    FileStamp::new(
        FileId(stat.st_ino),
        // Never negative for a regular file or folder.
        u64::try_from(stat.st_size).unwrap_or(0),
        (stat.st_mtime, nanoseconds(stat.st_mtime_nsec)),
        (stat.st_ctime, nanoseconds(stat.st_ctime_nsec)),
    )
}
