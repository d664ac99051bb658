//! All that is known about an entry once it was looked up.

use std::time::SystemTime;

use cap_std::fs::Metadata;

use crate::server::folder::FileStamp;

/// What is known about a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    pub is_folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
    /// Seconds since 1970, if known.
    pub modified_s: Option<i64>,
    /// What tells its content from any other; `None` if it has just changed.
    pub version: Option<u64>,
    /// When it was made, if the system knows.
    pub created: Option<SystemTime>,
}

impl Looked {
    /// Of something with this stamp.
    pub fn new(is_folder: bool, stamp: &FileStamp, created: Option<SystemTime>) -> Self {
        Self {
            is_folder,
            size: if is_folder { 0 } else { stamp.size },
            modified_s: Some(stamp.modified_s),
            version: stamp.version(),
            created,
        }
    }

    /// From what the system says about a folder.
    pub fn of_folder(metadata: &Metadata) -> Self {
        Self::new(true, &FileStamp::of(metadata), created(metadata))
    }
}

/// When something was made, if the system knows.
pub fn created(metadata: &Metadata) -> Option<SystemTime> {
    let created = metadata.created().ok()?;
    Some(created.into_std())
}
