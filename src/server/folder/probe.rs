//! What lookups in a folder give.

use std::{
    ffi::{OsStr, OsString},
    io,
};

use cap_std::fs::Dir;

use super::file_stamp::FileStamp;
use crate::server::path::RequestPath;

/// What one look at a path without links gives.
pub enum PathProbe {
    File(FileStamp),
    Folder(Dir),
    /// A link stands somewhere on the path.
    Link,
    /// A FIFO, socket or device, which is never opened.
    Special,
}

/// What reading a folder tells of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    Link,
    /// A FIFO, socket or device.
    Special,
}

/// What a path leads to. Paths are the real ones below the folder: no name in them is a link.
#[derive(Debug)]
pub enum Found {
    /// A regular file; its bytes come from [`Folder::open`].
    File { path: RequestPath, stamp: FileStamp },
    /// A folder, opened.
    Folder { path: RequestPath, dir: Dir },
}

/// A name that reading a folder gave, of which only a link has been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    pub name: &'a OsStr,
    pub is_folder: bool,
    pub link: Option<Linked>,
}

/// What a link stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The real path.
    pub path: RequestPath,
    pub stamp: FileStamp,
}

/// A name in a folder, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: OsString,
    pub is_folder: bool,
    /// The real path behind a link.
    pub link: Option<RequestPath>,
    pub stamp: FileStamp,
}

/// What a look at a real path found.
///
/// # Errors
/// `NotFound` for a link and for what is never opened.
pub fn found(probe: PathProbe, path: RequestPath) -> io::Result<Found> {
    match probe {
        PathProbe::File(stamp) => Ok(Found::File { path, stamp }),
        PathProbe::Folder(dir) => Ok(Found::Folder { path, dir }),
        PathProbe::Link | PathProbe::Special => Err(not_found()),
    }
}

/// The error for everything that a visitor may not see.
pub fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}
