//! The results of lookups in a folder.

use std::{
    ffi::{OsStr, OsString},
    io,
};

use cap_std::fs::Dir;

use super::file_stamp::FileStamp;
use crate::server::path::RequestPath;

/// The result of looking up a path without following links.
pub enum PathProbe {
    File(FileStamp),
    Folder(Dir),
    /// Some part of the path is a link.
    Link,
    /// A FIFO, socket or device, which is never opened.
    Special,
}

/// What reading a folder reveals about a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    Link,
    /// A FIFO, socket or device.
    Special,
}

/// What a path leads to. Paths are real paths below the folder: no name in them is a link.
#[derive(Debug)]
pub enum Found {
    /// A regular file; its bytes come from [`Folder::open`].
    File { path: RequestPath, stamp: FileStamp },
    /// An open folder.
    Folder { path: RequestPath, dir: Dir },
}

/// A name read from a folder. Only links have been looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<'a> {
    pub name: &'a OsStr,
    pub is_folder: bool,
    pub link: Option<Linked>,
}

/// The target of a link.
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

/// Converts what was found at a real path.
///
/// # Errors
/// `NotFound` for a link and for anything that is never opened.
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
