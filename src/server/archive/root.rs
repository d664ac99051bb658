//! What an archive contains.

use crate::server::{
    folder::{Folder, OpenFolderId},
    path::RequestPath,
    share::{ChosenItem, FolderResource, ItemTarget},
};

/// A file or folder that the archive starts from.
#[derive(Clone, Debug)]
pub struct Root {
    pub folder: Folder,
    /// The path below `folder`. At most its last name is a link.
    pub path: RequestPath,
    /// Its name in the archive, which may have several parts.
    pub name: Vec<u8>,
}

/// Identifies a root without keeping its folder open.
#[derive(Debug, PartialEq)]
pub struct RootId {
    folder: OpenFolderId,
    path: RequestPath,
    name: Vec<u8>,
}

impl Root {
    /// What identifies it.
    pub fn id(&self) -> RootId {
        RootId {
            folder: self.folder.open_id(),
            path: self.path.clone(),
            name: self.name.clone(),
        }
    }

    /// A folder, with `name` as its name in the archive.
    pub fn folder(place: &FolderResource, name: &[u8]) -> Self {
        Self {
            folder: place.folder.clone(),
            path: place.path.clone(),
            name: name.to_vec(),
        }
    }

    /// One of several items that were chosen together.
    pub fn chosen(chosen: &ChosenItem) -> Self {
        let (folder, path) = match &chosen.target {
            ItemTarget::File { parent, name } => (parent.clone(), name.clone()),
            ItemTarget::Folder(folder) => (folder.clone(), RequestPath::default()),
        };
        Self {
            folder,
            path,
            name: chosen.name.as_encoded_bytes().to_vec(),
        }
    }
}
