//! Where the entries of a listing are.

use std::{fs::File, io};

use super::{
    looked::{Looked, created},
    names::Names,
    row::ListingRow,
};
use crate::server::{
    folder::{FileStamp, Found},
    path::RequestPath,
    share::{ChosenItem, FileResource, FolderResource, ItemTarget, Resource},
    work::Budget,
};

/// Where the entries are.
#[derive(Debug)]
pub enum ListingSource {
    Folder(FolderResource),
    Chosen(Vec<ChosenItem>),
}

impl ListingSource {
    /// Reads the names, in no particular order. May wait for the disk.
    ///
    /// # Errors
    /// If the folder can't be read, and those of the budget.
    pub fn read(&self, budget: &Budget) -> io::Result<Names> {
        let mut names = Names::default();
        match self {
            Self::Folder(place) => {
                let (folder, path, dir) = (&place.folder, &place.path, &place.dir);
                folder.names(path, dir, budget, |listed| {
                    let stamp = listed.link.as_ref().map(|link| &link.stamp);
                    names.push(listed.name, listed.is_folder, stamp, budget)
                })?;
            }
            Self::Chosen(chosen) => {
                for chosen in chosen {
                    if let Some((is_folder, stamp)) = look_at(chosen) {
                        names.push(&chosen.name, is_folder, Some(&stamp), budget)?;
                    }
                }
            }
        }
        names.shrink();
        Ok(names)
    }

    /// The row of an entry of this content; `None` if it is gone. May wait for the disk.
    pub fn row(&self, names: &Names, index: usize) -> Option<ListingRow> {
        let name = names.name(index).to_vec();
        if let Some(look) = names.look(index) {
            return Some(ListingRow {
                name,
                is_folder: names.is_folder(index),
                size: look.size,
                modified_s: look.modified_s,
            });
        }
        let Self::Folder(place) = self else {
            return None;
        };
        let (is_folder, stamp) = place.folder.look(&place.dir, names.os_name(index)?)?;
        Some(ListingRow {
            name,
            is_folder,
            size: if is_folder { 0 } else { stamp.size },
            modified_s: stamp.modified_s,
        })
    }

    /// Looks up an entry of this content; `None` if it is gone. May wait for the disk.
    pub fn look(&self, names: &Names, index: usize) -> Option<Looked> {
        if let Some(look) = names.look(index) {
            return Some(Looked {
                is_folder: names.is_folder(index),
                size: look.size,
                modified_s: Some(look.modified_s),
                version: look.version,
                created: None,
            });
        }
        let Self::Folder(place) = self else {
            return None;
        };
        let name = names.os_name(index)?;
        let metadata = place.folder.metadata(&place.dir, name)?;
        let stamp = FileStamp::of(&metadata);
        Some(Looked::new(metadata.is_dir(), &stamp, created(&metadata)))
    }

    /// A file directly in the folder.
    ///
    /// # Errors
    /// If there is none, or if this is no folder.
    pub async fn file(&self, name: &[u8]) -> io::Result<FileResource> {
        match self {
            Self::Folder(place) => match place.find(name).await? {
                Resource::File(file) => Ok(file),
                _ => Err(io::ErrorKind::IsADirectory.into()),
            },
            Self::Chosen(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Opens a file of this content or below. May wait for the disk.
    ///
    /// # Errors
    /// If there is none.
    pub fn open(&self, path: &RequestPath) -> io::Result<(File, FileStamp)> {
        match self {
            Self::Folder(place) => {
                let names = path.names();
                let path = names.fold(place.path.clone(), |path, name| path.join(name));
                place.folder.open(&path)
            }
            Self::Chosen(chosen) => {
                let mut names = path.names();
                let first = names.next().unwrap_or_default();
                let mut chosen = chosen.iter();
                let item = chosen.find(|item| item.name.as_encoded_bytes() == first);
                match &item.ok_or(io::ErrorKind::NotFound)?.target {
                    ItemTarget::File { parent, name } => parent.open(name),
                    ItemTarget::Folder(folder) => folder
                        .open(&names.fold(RequestPath::default(), |path, name| path.join(name))),
                }
            }
        }
    }
}

/// Looks up a chosen item: whether it is a folder, and its stamp; `None` while it is missing.
fn look_at(chosen: &ChosenItem) -> Option<(bool, FileStamp)> {
    match &chosen.target {
        ItemTarget::Folder(folder) => Some((true, folder.stamp().ok()?)),
        ItemTarget::File { parent, name } => match parent.find(name).ok()? {
            Found::File { stamp, .. } => Some((false, stamp)),
            Found::Folder { .. } => None,
        },
    }
}

#[cfg(test)]
impl ListingSource {
    /// A folder of the file system.
    pub fn of_dir(path: &std::path::Path) -> Self {
        use crate::server::{folder::Folder, path::RequestPath};

        let folder = Folder::open_ambient(path, false).unwrap();
        let Found::Folder { path, dir } = folder.find(&RequestPath::default()).unwrap() else {
            panic!("it is a folder");
        };
        Self::Folder(FolderResource { folder, path, dir })
    }
}
