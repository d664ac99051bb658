//! What a page says of all entries of a folder, also of those that it does not show.

use super::{row::Ranked, view::ListLayout, words::Words};
use crate::server::{listing::Items, thumbnail};

/// Of a large folder the first ones stand for all, and folders up to this size are looked at in
/// full before the page leaves.
pub const LOOKED_AT: usize = 2000;

/// A folder with fewer pictures is no gallery.
const GALLERY_MIN: usize = 4;

/// What is known of all entries.
#[derive(Debug, Default)]
pub struct Summary {
    pub folders: usize,
    pub files: usize,
    pictures: usize,
    /// Bytes of all files, also below; unknown where that takes long.
    pub size: Option<u64>,
    /// The name of the file that is shown under the list.
    pub readme: Option<Vec<u8>>,
}

impl Summary {
    /// What the names alone tell.
    pub fn of(items: &Items) -> Self {
        let mut summary = Self::default();
        for (name, is_folder) in items.names() {
            summary.add(name, is_folder);
        }
        // The first ones stand for all.
        let pictures = items.names().take(LOOKED_AT);
        let pictures = pictures.filter(|(name, is_folder)| !is_folder && has_tile(name));
        summary.pictures = pictures.count() * summary.total().div_ceil(LOOKED_AT);
        summary
    }

    /// What is told by entries that have been looked at.
    pub fn of_rows(rows: &[Ranked]) -> Self {
        let mut summary = Self::default();
        let mut size = 0_u64;
        for Ranked { row, .. } in rows {
            summary.add(&row.name, row.is_folder);
            summary.pictures += usize::from(!row.is_folder && has_tile(&row.name));
            size = size.saturating_add(row.size);
        }
        Self {
            size: Some(size),
            ..summary
        }
    }

    fn add(&mut self, name: &[u8], is_folder: bool) {
        if is_folder {
            self.folders += 1;
            return;
        }
        self.files += 1;
        if name.eq_ignore_ascii_case(b"readme.md") {
            self.readme = Some(name.to_vec());
        }
    }

    /// Entries.
    pub fn total(&self) -> usize {
        self.folders + self.files
    }

    /// How many there are, in words.
    pub fn counts(&self, words: &Words) -> String {
        // A platform's numbers of entries fit.
        let (folders, files) = (self.folders as u64, self.files as u64);
        match (folders, files) {
            (folders, 0) if folders > 0 => words.folders(folders),
            (0, files) => words.files(files),
            _ => format!("{} · {}", words.folders(folders), words.files(files)),
        }
    }

    /// As people would lay it out: mostly pictures are a gallery.
    pub fn layout(&self) -> ListLayout {
        if self.pictures >= GALLERY_MIN && self.pictures * 3 >= self.total() * 2 {
            ListLayout::Gallery
        } else {
            ListLayout::List
        }
    }
}

/// Whether a gallery has more than an icon for a file of this name.
fn has_tile(name: &[u8]) -> bool {
    let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let is_shown = |known: &[u8]| extension.eq_ignore_ascii_case(known);
    let others: [&[u8]; 4] = [b"avif", b"svg", b"bmp", b"ico"];
    thumbnail::can_be_made(name) || others.into_iter().any(is_shown)
}
