//! Lookups on Linux: one `openat2` each, which the kernel keeps below the handle.
//!
//! `RESOLVE_CACHED` makes it answer only from memory, so that a cold disk never holds up the
//! thread that serves everybody else.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use cap_std::fs::Dir;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2};
use rustix::io::Errno;

use super::kept::{Identity, Kept};
use super::{Probe, not_found};
use crate::server::path::RequestPath;

/// Whether a lookup may wait for the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    ForDisk,
    Never,
}

/// Looks at a path without opening what is there, which could wake up a FIFO's writer.
pub fn probe(dir: &Dir, path: &RequestPath, wait: Wait) -> io::Result<Probe> {
    let handle = match resolve(dir, path, OFlags::PATH, wait) {
        Err(Errno::LOOP) => return Ok(Probe::Link),
        handle => handle?,
    };
    let stat = fstat(&handle)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Probe::File(kept(&stat))),
        FileType::Directory => {
            // The handle so far can only be looked at; this one can be read.
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
            let dir = openat(&handle, ".", flags, Mode::empty())?;
            Ok(Probe::Folder(Dir::from_std_file(File::from(dir))))
        }
        // With O_PATH and O_NOFOLLOW a link at the end is opened itself.
        FileType::Symlink => Ok(Probe::Link),
        _ => Ok(Probe::Special),
    }
}

/// Opens a regular file for reading, if no part of the path is a link.
pub fn open(dir: &Dir, path: &RequestPath, wait: Wait) -> io::Result<(File, Kept)> {
    // Non-blocking only matters if a FIFO took the file's place a moment ago.
    let handle = match resolve(dir, path, OFlags::RDONLY | OFlags::NONBLOCK, wait) {
        Err(Errno::LOOP | Errno::NXIO) => return Err(not_found()),
        handle => handle?,
    };
    let stat = fstat(&handle)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(not_found());
    }
    Ok((File::from(handle), kept(&stat)))
}

/// Whether the kernel could not do it in one go and going name by name can: an old kernel, a
/// container that forbids `openat2`, or a path longer than 4,096 bytes.
pub fn needs_walk(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::NOSYS | Errno::PERM | Errno::NAMETOOLONG))
}

fn resolve(dir: &Dir, path: &RequestPath, flags: OFlags, wait: Wait) -> Result<OwnedFd, Errno> {
    let mut within =
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    if wait == Wait::Never {
        within |= ResolveFlags::CACHED;
    }
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let path = if path.is_root() {
        b"."
    } else {
        path.as_bytes()
    };
    // Without RESOLVE_CACHED, EAGAIN means that a rename on this computer got in between.
    let attempts = if wait == Wait::Never { 1 } else { 16 };
    let mut result = Err(Errno::AGAIN);
    for _ in 0..attempts {
        result = openat2(dir, path, flags, Mode::empty(), within);
        if !matches!(result, Err(Errno::AGAIN)) {
            break;
        }
    }
    match result {
        // Nothing is there: a file on the way is no folder, a name is longer than names can be.
        Err(Errno::NOTDIR | Errno::XDEV) => Err(Errno::NOENT),
        result => result,
    }
}

fn kept(stat: &Stat) -> Kept {
    Kept {
        identity: Identity(stat.st_ino),
        // Never negative for a regular file or folder.
        size: u64::try_from(stat.st_size).unwrap_or(0),
        modified_s: stat.st_mtime,
        modified_ns: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
    }
}
