//! What is at a path.

use std::{fs::File, io, sync::Arc, time::SystemTime};

use super::kept::REST;
use crate::server::{
    blocking::blocking,
    folder::{FileStamp, Folder, Found, Known, OpenFolderId, Way},
    path::RequestPath,
};

/// What is at the path of a request.
#[derive(Debug)]
pub enum Resource {
    File(FileResource),
    Folder(FolderResource),
    /// The list of the chosen items.
    Chosen,
}

/// A file that can be opened.
#[derive(Clone, Debug)]
pub struct FileResource {
    pub(super) folder: Folder,
    pub(super) path: RequestPath,
    pub stamp: FileStamp,
}

/// A folder that can be read.
#[derive(Debug)]
pub struct FolderResource {
    pub folder: Folder,
    /// The real path below `folder`.
    pub path: RequestPath,
    pub dir: cap_std::fs::Dir,
}

impl FolderResource {
    /// Looks up a name directly in the folder.
    ///
    /// # Errors
    /// The errors of [`Folder::find`].
    pub async fn find(&self, name: &[u8]) -> io::Result<Resource> {
        find_in(&self.folder, self.path.join(name)).await
    }
}

/// Looks up a path in a folder, without waiting if the answer is in memory.
///
/// # Errors
/// The errors of [`Folder::find`].
pub(super) async fn find_in(folder: &Folder, path: RequestPath) -> io::Result<Resource> {
    let found = match folder.find_now(&path) {
        Some(found) => found?,
        None => {
            let folder = folder.clone();
            blocking(move || folder.find(&path)).await?
        }
    };
    let folder = folder.clone();
    Ok(match found {
        Found::File { path, stamp } => Resource::File(FileResource {
            folder,
            path,
            stamp,
        }),
        Found::Folder { path, dir } => Resource::Folder(FolderResource { folder, path, dir }),
    })
}

impl FileResource {
    /// Where it is: the folder, and the real path below it.
    pub fn place(&self) -> (OpenFolderId, RequestPath) {
        (self.folder.open_id(), self.path.clone())
    }

    /// The file whose name has something after that of this file. `None` if there is none that visitors may see.
    pub async fn beside(&self, suffix: &[u8]) -> Option<FileResource> {
        let path = self.path.with_suffix(suffix);
        match find_in(&self.folder, path).await {
            Ok(Resource::File(file)) => Some(file),
            _ => None,
        }
    }

    /// What is known of the file, if it is as it was when it was opened. See [`Known::new`].
    pub fn known(
        &self,
        way: Arc<Way>,
        file: Option<&File>,
        stamp: &FileStamp,
        then: SystemTime,
    ) -> Option<Known> {
        Known::new(way, &self.path, file, stamp, (then, REST))
    }

    /// Opens the file, without waiting if that doesn't need the disk.
    ///
    /// # Errors
    /// The errors of [`Folder::open`].
    pub async fn open(&self) -> io::Result<(File, FileStamp)> {
        if let Some(opened) = self.folder.open_now(&self.path) {
            return Ok(opened);
        }
        let (folder, path) = (self.folder.clone(), self.path.clone());
        blocking(move || folder.open(&path)).await
    }
}
