//! What an archive contains.

use crate::server::{
    folder::Folder,
    path::RequestPath,
    share::{ChosenItem, FolderResource, ItemTarget},
};

/// A file or folder that the archive starts from.
#[derive(Clone, Debug)]
pub struct Root {
    pub folder: Folder,
    /// The real path below `folder`.
    pub path: RequestPath,
    /// Its name in the archive.
    pub name: Vec<u8>,
}

impl Root {
    /// A folder, with `name` as its name in the archive.
    pub fn folder(place: FolderResource, name: &[u8]) -> Self {
        Self {
            folder: place.folder,
            path: place.path,
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

impl PartialEq for Root {
    fn eq(&self, other: &Self) -> bool {
        self.folder.is_same(&other.folder) && self.path == other.path && self.name == other.name
    }
}
