//! What a page says about all entries of a folder, including those it does not show.

use super::{view::ListLayout, words::Words};
use crate::server::{
    kind,
    listing::{Items, ListingRow},
};

/// Folders with up to this many entries are examined in full before the page is sent. For larger
/// ones, the first entries stand for all.
pub const LOOKED_AT: usize = 2000;

/// A folder with fewer pictures is shown as a list.
const GALLERY_MIN: usize = 4;

/// What is known about all entries.
#[derive(Debug, Default)]
pub struct Summary {
    pub folders: usize,
    pub files: usize,
    pictures: usize,
    /// Bytes of all files in the folder and below. Unknown if it would take long to find out.
    pub size: Option<u64>,
    /// The name of the file that is shown below the list.
    pub readme: Option<Vec<u8>>,
}

impl Summary {
    /// A summary from the names alone.
    pub fn of(items: &Items) -> Self {
        let mut summary = Self::default();
        for (name, is_folder) in items.names() {
            summary.add(name, is_folder);
        }
        // The first entries stand for all.
        let pictures = items.names().take(LOOKED_AT);
        let pictures = pictures.filter(|(name, is_folder)| !is_folder && has_tile(name));
        summary.pictures = pictures.count() * summary.total().div_ceil(LOOKED_AT);
        summary
    }

    /// A summary of no entries, to which those that have been examined are added.
    pub fn of_none() -> Self {
        Self {
            size: Some(0),
            ..Self::default()
        }
    }

    /// Adds an entry that has been examined.
    pub fn add_row(&mut self, row: &ListingRow) {
        self.add(&row.name, row.is_folder);
        self.pictures += usize::from(!row.is_folder && has_tile(&row.name));
        self.size = self.size.map(|size| size.saturating_add(row.size));
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

    /// Number of entries.
    pub fn total(&self) -> usize {
        self.folders + self.files
    }

    /// The numbers of folders and files, in words.
    pub fn counts(&self, words: &Words) -> String {
        // Numbers of entries fit.
        let (folders, files) = (self.folders as u64, self.files as u64);
        match (folders, files) {
            (folders, 0) if folders > 0 => words.folders(folders),
            (0, files) => words.files(files),
            _ => format!("{} · {}", words.folders(folders), words.files(files)),
        }
    }

    /// The layout that suits the content: a gallery if most entries are pictures.
    pub fn layout(&self) -> ListLayout {
        if self.pictures >= GALLERY_MIN && self.pictures * 3 >= self.total() * 2 {
            ListLayout::Gallery
        } else {
            ListLayout::List
        }
    }
}

/// Whether the gallery shows a file of this name as a picture rather than an icon, whatever is in it.
fn has_tile(name: &[u8]) -> bool {
    let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let is_shown = |known: &[u8]| extension.eq_ignore_ascii_case(known);
    let others: [&[u8]; 5] = [b"avif", b"svg", b"svgz", b"bmp", b"ico"];
    kind::is_shown_by_browsers(name) || others.into_iter().any(is_shown)
}
