//! Where the entries of a listing are.

use std::io;

use super::{
    items::{Items, ListingItem},
    row::ListingRow,
};
use crate::server::{
    folder::Found,
    share::{ChosenItem, FolderResource, ItemTarget},
    transport::read_at,
};

/// Where the entries are.
pub enum ListingSource {
    Folder(FolderResource),
    Chosen(Vec<ChosenItem>),
}

impl ListingSource {
    /// Reads the names, in no order. May wait for the disk.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn read(&self) -> io::Result<Items> {
        match self {
            Self::Folder(place) => {
                let names = place.folder.names(&place.path, &place.dir)?;
                let folder = (place.folder.clone(), place.dir.try_clone()?);
                let items = names.into_iter().map(ListingItem::Listed).collect();
                Ok(Items::new(Some(folder), items))
            }
            Self::Chosen(chosen) => Ok(Items::of_rows(
                chosen.iter().filter_map(chosen_row).collect(),
            )),
        }
    }

    /// The first `max_bytes` of a file right in the folder, and whether there is more of it; none
    /// if it can't be read. May wait for the disk.
    pub fn start_of_file(&self, name: &[u8], max_bytes: u64) -> Option<(Vec<u8>, bool)> {
        let Self::Folder(place) = self else {
            return None;
        };
        let Found::File { path, .. } = place.folder.find(&place.path.join(name)).ok()? else {
            return None;
        };
        let (file, stamp) = place.folder.open(&path).ok()?;
        // The caller's limit is what is read into memory at most.
        let mut start = vec![0; stamp.size.min(max_bytes) as usize];
        let read = read_at(&file, 0, &mut start).ok()?;
        start.truncate(read);
        Some((start, stamp.size > max_bytes))
    }
}

/// The row of a chosen thing; none while it is not there.
fn chosen_row(chosen: &ChosenItem) -> Option<ListingRow> {
    let (is_folder, stamp) = match &chosen.target {
        ItemTarget::Folder(folder) => (true, folder.stamp().ok()?),
        ItemTarget::File { parent, name } => match parent.find(name).ok()? {
            Found::File { stamp, .. } => (false, stamp),
            Found::Folder { .. } => return None,
        },
    };
    Some(ListingRow {
        name: chosen.name.as_encoded_bytes().to_vec(),
        is_folder,
        size: if is_folder { 0 } else { stamp.size },
        modified_s: stamp.modified_s,
    })
}
