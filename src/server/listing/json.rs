//! A listing for programs, and a compact one for the page's script.
//!
//! Both are sent in pieces, so that a hundred thousand rows don't fill the memory.
//! `docs/listing.md` describes the one for programs.

use std::{io, ops::Range};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    items::Items,
    row::{Listing, ListingRow},
    search::Hit,
};
use crate::server::{
    path::{push_encoded, shown_name},
    transport::ChunkSource,
};

/// How many rows are written at a time, at most.
const ROWS: usize = 1000;

/// Approximate size of a chunk. A slow visitor keeps one in memory.
const CHUNK_BYTES: usize = 96 * 1024;

/// The form of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForm {
    /// One object with everything that a program may want.
    Programs,
    /// One array of rows per line.
    Script,
}

/// Writes the rows of a listing.
pub struct JsonRows {
    items: Items,
    form: JsonForm,
    /// Text to write before the next rows.
    start: String,
    /// How many rows are still skipped, and how many are written after that.
    window: Range<usize>,
    is_first: bool,
    is_done: bool,
}

impl JsonRows {
    /// Writes the rows of `items`, which must be sorted, within `window`.
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
        if self.form == JsonForm::Script {
            text.push('[');
        }
        let (most, mut written) = (left.min(ROWS), 0);
        let mut rows = self.items.rows();
        while written < most && text.len() < CHUNK_BYTES {
            let Some(row) = rows.next() else {
                self.is_done = true;
                break;
            };
            let is_first = match self.form {
                JsonForm::Programs => self.is_first,
                JsonForm::Script => written == 0,
            };
            match (self.form, is_first) {
                (JsonForm::Programs, false) => text.push_str(",\n"),
                (JsonForm::Script, false) => text.push(','),
                (_, true) => {}
            }
            match self.form {
                JsonForm::Programs => push_object(&row, &mut text),
                JsonForm::Script => push_array(&row, &mut text),
            }
            self.is_first = false;
            written += 1;
        }
        drop(rows);
        self.window = 0..left - written;
        self.is_done |= self.window.is_empty();
        match self.form {
            JsonForm::Programs if self.is_done => text.push_str("]}\n"),
            JsonForm::Programs => {}
            JsonForm::Script => text.push_str("]\n"),
        }
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

fn push_object(row: &ListingRow, text: &mut String) {
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

/// `[name, kind, size, modified]`, with the percent-encoded name as a fifth element if it can't be
/// derived from the displayed name.
fn push_array(row: &ListingRow, text: &mut String) {
    let mut entry = values(row);
    if let Some(encoded) = encoded(row) {
        entry.push(encoded.into());
    }
    text.push_str(&Value::from(entry).to_string());
}

/// A line with the same; then there is always a fifth element, which may be null, and the sixth one is
/// the URL of its folder.
pub fn push_found(hit: &Hit, text: &mut String) {
    let mut entry = values(&hit.row);
    entry.push(encoded(&hit.row).into());
    let mut url = String::new();
    for name in hit.folder.names() {
        push_encoded(name, &mut url);
        url.push('/');
    }
    entry.push(url.into());
    text.push_str(&Value::from(entry).to_string());
    text.push('\n');
}

fn values(row: &ListingRow) -> Vec<Value> {
    vec![
        shown_name(&row.name).into(),
        row.kind().number().into(),
        row.size.into(),
        row.modified_s.into(),
    ]
}

/// The percent-encoded name, if it can't be derived from the displayed one.
fn encoded(row: &ListingRow) -> Option<String> {
    (shown_name(&row.name).as_bytes() != row.name).then(|| {
        let mut encoded = String::new();
        push_encoded(&row.name, &mut encoded);
        encoded
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;
    use crate::server::{listing::source::ListingSource, path::RequestPath, work::Budget};

    #[test]
    fn pieces_are_short_whatever_the_names_are() {
        const FILES: usize = 300;
        let dir = tempfile::tempdir().unwrap();
        for number in 0..FILES {
            // Each byte becomes ten in JSON.
            let name = [format!("{number:03}").as_bytes(), &[1; 252]].concat();
            std::fs::write(dir.path().join(OsStr::from_bytes(&name)), "").unwrap();
        }
        let budget = Budget::ample();
        let source = ListingSource::of_dir(dir.path());
        let names = source.read(&budget).unwrap().into();
        let items = super::super::items::Items::new(source.into(), names);
        let items = items.sorted(None, &budget).unwrap();
        let listing = Listing {
            share: "share".to_owned(),
            path: RequestPath::default(),
        };
        let made = |form, window: Range<usize>| {
            let mut rows = JsonRows::new(&listing, items.clone(), form, window);
            let (mut text, mut pieces) = (Vec::new(), 0);
            while let Some(piece) = rows.next().unwrap() {
                assert!(piece.len() < CHUNK_BYTES + 4096, "{}", piece.len());
                text.extend_from_slice(&piece);
                pieces += 1;
            }
            (String::from_utf8(text).unwrap(), pieces)
        };
        for window in [
            0..usize::MAX,
            0..FILES,
            0..0,
            5..7,
            0..250,
            FILES..FILES + 1,
        ] {
            let expected: Vec<usize> = (0..FILES).skip(window.start).collect();
            let expected = &expected[..expected.len().min(window.end - window.start)];
            let (text, pieces) = made(JsonForm::Programs, window.clone());
            let listing: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(listing["total"], FILES);
            let numbers = |entries: &[serde_json::Value],
                           name: &dyn Fn(&serde_json::Value) -> String| {
                let number = |entry| name(entry)[..3].parse::<usize>().unwrap();
                entries.iter().map(number).collect::<Vec<_>>()
            };
            let entries = listing["entries"].as_array().unwrap();
            let name = |entry: &serde_json::Value| entry["name"].as_str().unwrap().to_owned();
            assert_eq!(numbers(entries, &name), expected);
            assert!(expected.len() < 200 || pieces > 2);
            let (text, _) = made(JsonForm::Script, window);
            let rows: Vec<serde_json::Value> = text
                .lines()
                .flat_map(|line| serde_json::from_str::<Vec<_>>(line).unwrap())
                .collect();
            let name = |row: &serde_json::Value| row[0].as_str().unwrap().to_owned();
            assert_eq!(numbers(&rows, &name), expected);
        }
    }
}
