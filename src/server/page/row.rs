//! A row of the page.

use super::words::Words;
use crate::server::{kind::FileKind, listing::ListingRow, path::shown_name, utc};

/// A row, and the number of rows before it in the order of names.
pub struct Ranked {
    pub row: ListingRow,
    pub rank: usize,
}

/// A row as the template needs it.
pub struct RowView<'a> {
    row: &'a ListingRow,
    pub rank: usize,
    pub kind: FileKind,
    pub name: String,
    pub url: String,
    pub is_folder: bool,
    pub size: u64,
    pub modified_s: i64,
}

impl<'a> RowView<'a> {
    pub fn new(ranked: &'a Ranked) -> Self {
        let row = &ranked.row;
        RowView {
            row,
            rank: ranked.rank,
            kind: row.kind(),
            name: shown_name(&row.name),
            url: row.url(),
            is_folder: row.is_folder,
            size: row.size,
            modified_s: row.modified_s,
        }
    }

    pub fn kind_name<'w>(&self, words: &'w Words) -> &'w str {
        words.kind.of(self.kind)
    }

    pub fn shown_size(&self, words: &Words) -> String {
        words.size(self.row.size)
    }

    pub fn time(&self) -> String {
        let modified = utc::date_time(self.modified_s);
        let (hour, minute, second) = modified.to_hms();
        format!("{}T{hour:02}:{minute:02}:{second:02}Z", modified.date())
    }

    pub fn day(&self) -> String {
        utc::date_time(self.modified_s).date().to_string()
    }

    /// The URL to save it from. Browsers would decompress an SVGZ drawing.
    pub fn saved_url(&self) -> String {
        let is_packed = self.row.name.to_ascii_lowercase().ends_with(b".svgz");
        let query = if is_packed { "?download" } else { "" };
        format!("{}{query}", self.url)
    }

    pub fn download_label(&self, words: &Words) -> String {
        let text = if self.is_folder {
            &words.list.download_folder
        } else {
            &words.list.download
        };
        text.replace("{name}", &self.name)
    }
}
