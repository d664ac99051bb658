//! A listing for programs, and the compact one that the page's script reads.
//!
//! Both leave in pieces, so that a hundred thousand rows need no memory. What programs get is
//! described in `docs/listing.md`.

use std::{io, ops::Range};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::json;

use super::{
    items::Items,
    row::{Listing, ListingRow},
};
use crate::server::{
    path::{push_encoded, shown_name},
    transport::ChunkSource,
};

/// Rows that are written at a time.
const ROWS: usize = 1000;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// One object with all that a program may want.
    Programs,
    /// A line a piece, each an array of rows.
    Script,
}

/// Writes the rows of a listing.
pub struct JsonRows {
    items: Items,
    form: JsonForm,
    /// What is to be written before the next rows.
    start: String,
    /// How many rows are still skipped, and how many are written then.
    window: Range<usize>,
    is_first: bool,
    is_done: bool,
}

impl JsonRows {
    /// Writes the rows of `items`, which are sorted, that lie in `window`.
    pub fn new(listing: &Listing, items: Items, form: JsonForm, window: Range<usize>) -> Self {
        let start = match form {
            JsonForm::Programs => json_start(listing, items.len()),
            JsonForm::Script => String::new(),
        };
        Self {
            items,
            form,
            start,
            window,
            is_first: true,
            is_done: false,
        }
    }
}

impl ChunkSource for JsonRows {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.is_done {
            return Ok(None);
        }
        let mut text = std::mem::take(&mut self.start);
        let skipped = self.window.start;
        self.items.skip(skipped);
        let left = self.window.end.saturating_sub(skipped);
        let rows: Vec<ListingRow> = self.items.rows().take(left.min(ROWS)).collect();
        self.window = 0..left - rows.len();
        self.is_done = rows.len() < ROWS;
        match self.form {
            JsonForm::Programs => {
                push_objects(&rows, self.is_first, &mut text);
                if self.is_done {
                    text.push_str("]}\n");
                }
            }
            JsonForm::Script => push_arrays(&rows, &mut text),
        }
        self.is_first = false;
        Ok(Some(text.into()))
    }
}

fn json_start(listing: &Listing, total: usize) -> String {
    let name = listing.path.last().map(String::from_utf8_lossy);
    let head = json!({
        "name": name.as_deref().unwrap_or(&listing.share),
        "path": listing.path.to_url(),
        "total": total,
    });
    // An object is written as `{...}`, so its last character is the brace.
    let mut text = head.to_string();
    text.pop();
    text.push_str(",\"entries\":[");
    text
}

fn push_objects(rows: &[ListingRow], is_first: bool, text: &mut String) {
    for (index, row) in rows.iter().enumerate() {
        if index > 0 || !is_first {
            text.push_str(",\n");
        }
        let mut entry = json!({
            "name": String::from_utf8_lossy(&row.name),
            "url": row.url(),
            "folder": row.is_folder,
            "size": row.size,
            "modified": row.modified_s,
        });
        if std::str::from_utf8(&row.name).is_err() {
            entry["bytes"] = STANDARD.encode(&row.name).into();
        }
        text.push_str(&entry.to_string());
    }
}

/// `[[name, kind, size, modified], ...]` with a fifth element, the name percent-encoded, where it
/// can't be told from the name that is shown.
fn push_arrays(rows: &[ListingRow], text: &mut String) {
    text.push('[');
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let shown = shown_name(&row.name);
        let kind = row.kind().number();
        let mut entry = json!([shown, kind, row.size, row.modified_s]);
        if shown.as_bytes() != row.name
            && let Some(entry) = entry.as_array_mut()
        {
            let mut encoded = String::new();
            push_encoded(&row.name, &mut encoded);
            entry.push(encoded.into());
        }
        text.push_str(&entry.to_string());
    }
    text.push_str("]\n");
}
