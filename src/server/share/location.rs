//! Where a chosen item is, and whether what is there now is what was chosen.
//!
//! The owner did not choose whatever appears at a path later. It must be reached through the same
//! links, or links that replaced them. In the same place, it must be owned by the same user, and on
//! a separate disk if it was on one. A path that others can write to, such as `/tmp/x`, could lead to
//! something private by then, and an empty mount point is not the disk.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::{Path, PathBuf},
};

use super::{
    chosen_path::ChosenPath,
    source::{ChosenItem, ItemTarget},
    start_error::StartError,
};
use crate::server::{
    folder::{Folder, Found},
    path::RequestPath,
    platform::FolderId,
};

/// The location of a chosen item.
#[derive(Debug)]
pub struct Location {
    /// Its name in the share.
    name: OsString,
    path: ChosenPath,
    /// Whether it is a file, which is served from its folder.
    is_file: bool,
}

/// Where an item was last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Without links.
    real: PathBuf,
    /// The id of the folder, or of the file's folder.
    id: Option<FolderId>,
    /// Whether a separate disk is mounted there.
    is_mounted: bool,
    /// Whether it is on a drive that may fail without any event.
    is_remote: bool,
}

impl Sighting {
    /// Whether it is certainly the same folder as another one.
    pub fn is_same(&self, other: &Self) -> bool {
        self.id.is_some() && self == other
    }

    /// Where it is, if its drive may fail without any event.
    pub fn remote_place(&self) -> Option<&Path> {
        self.is_remote.then_some(&self.real)
    }
}

impl Location {
    /// Of an item at `path` that was opened as `folder`, or in it if it is a file.
    ///
    /// # Errors
    /// If it is gone again.
    pub fn of(
        path: &Path,
        name: OsString,
        folder: &Folder,
        is_file: bool,
    ) -> Result<(Self, Sighting), StartError> {
        let (chosen, real) =
            ChosenPath::new(path).map_err(|source| StartError::opening(path, source))?;
        let sighting = Sighting::of(real, folder, is_file);
        let location = Self {
            name,
            path: chosen,
            is_file,
        };
        Ok((location, sighting))
    }

    /// Its name in the share; empty for a single folder.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// Opens the folder that is there now, or the folder of the file. Adds to `steps` as
    /// [`ChosenPath::follow`] does.
    ///
    /// # Errors
    /// `NotFound` if nothing is there, or not what was chosen. Others as the system reports them.
    pub fn find(
        &self,
        last: &Sighting,
        serves_hidden: bool,
        steps: &mut Vec<PathBuf>,
    ) -> io::Result<(Sighting, Folder)> {
        let real = self.path.follow(steps)?;
        // A hidden file that was chosen by name is served. A link in its place is not.
        let folder = if self.is_file {
            let parent = real.parent().ok_or(io::ErrorKind::NotFound)?;
            Folder::open_without_links(parent, true)?.for_chosen_file()
        } else {
            Folder::open_without_links(&real, serves_hidden)?
        };
        folder.check_readable()?;
        let now = Sighting::of(real, &folder, self.is_file);
        let owner = |sighting: &Sighting| sighting.id.map(|id| id.owner);
        let is_it = now.real != last.real
            || owner(&now) == owner(last) && (now.is_mounted || !last.is_mounted);
        if !is_it || self.is_file && !is_in(&folder, &now.real)? {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok((now, folder))
    }

    /// The item in a folder that [`Location::find`] gave.
    pub fn chosen(&self, sighting: &Sighting, folder: Folder) -> Option<ChosenItem> {
        let target = if self.is_file {
            ItemTarget::File {
                parent: folder,
                name: file_name(&sighting.real)?,
            }
        } else {
            ItemTarget::Folder(folder)
        };
        Some(ChosenItem {
            name: self.name.clone(),
            target,
        })
    }
}

impl Sighting {
    fn of(real: PathBuf, folder: &Folder, is_file: bool) -> Self {
        let id = folder.id();
        Self {
            is_mounted: !is_file && is_mounted(&real, id),
            is_remote: folder.is_remote(),
            real,
            id,
        }
    }
}

fn is_in(folder: &Folder, path: &Path) -> io::Result<bool> {
    let Some(name) = file_name(path) else {
        return Ok(false);
    };
    Ok(matches!(folder.find(&name)?, Found::File { .. }))
}

fn file_name(path: &Path) -> Option<RequestPath> {
    RequestPath::from_names([path.file_name()?])
}

/// Whether a separate disk is mounted at `path`.
fn is_mounted(path: &Path, id: Option<FolderId>) -> bool {
    let parent = path
        .parent()
        .and_then(|parent| Folder::open_ambient(parent, true).ok()?.id());
    match (parent, id) {
        (Some(parent), Some(id)) => parent.device != id.device,
        _ => false,
    }
}
