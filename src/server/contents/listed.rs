//! The entries of an archive, as the page gets them.

use std::{io, sync::Arc};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::server::{
    kind::FileKind,
    path::{push_encoded, shown_name},
    transport::ChunkSource,
    work::Budget,
};

/// About how much is written at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The most entries that are listed.
pub const MAX_ENTRIES: usize = 20_000;

/// The longest name that is shown, in bytes.
pub const MAX_NAME_BYTES: usize = 4096;

/// Something in an archive.
#[derive(Debug)]
pub struct Entry<'a> {
    /// As it is there: it may be anything.
    pub name: &'a [u8],
    pub is_folder: bool,
    /// In bytes, if known.
    pub size: Option<u64>,
    /// Seconds since 1970, if known.
    pub modified_s: Option<i64>,
    /// If it can be taken out: how many others of its name come before it.
    pub member: Option<u32>,
}

/// The entries of an archive as JSON: one row each.
#[derive(Debug, Default)]
pub struct Listed {
    rows: String,
    is_cut: bool,
}

impl Listed {
    /// Adds an entry.
    ///
    /// # Errors
    /// If the budget is used up.
    pub fn push(&mut self, entry: &Entry<'_>, budget: &Budget) -> io::Result<()> {
        budget.spend_entry()?;
        let name = &entry.name[..entry.name.len().min(MAX_NAME_BYTES)];
        let kind = if entry.is_folder {
            FileKind::Folder
        } else {
            FileKind::of_file(name)
        };
        let member = entry.member.filter(|_| name.len() == entry.name.len());
        let member = member.map(|before| {
            let mut encoded = String::new();
            push_encoded(name, &mut encoded);
            if before > 0 {
                encoded.push_str(&format!("&after={before}"));
            }
            encoded
        });
        let row = json!([
            shown(name),
            kind.number(),
            entry.size,
            entry.modified_s,
            member
        ]);
        let row = row.to_string();
        budget.spend_bytes(row.len() + 1)?;
        if !self.rows.is_empty() {
            self.rows.push_str(",\n");
        }
        self.rows.push_str(&row);
        Ok(())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// There are more.
    pub fn cut(&mut self) {
        self.is_cut = true;
    }
}

/// A path in an archive for display: each name as names are shown, and nothing that could be taken for
/// a way out of it.
fn shown(name: &[u8]) -> String {
    let names = name.split(|byte| *byte == b'/').map(shown_name);
    names.collect::<Vec<_>>().join("/")
}

/// The body of an answer, written piece by piece.
pub struct ListBody {
    listed: Arc<Listed>,
    next: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Start,
    Rows(usize),
    Over,
}

impl ListBody {
    /// Writes these entries.
    pub fn new(listed: Arc<Listed>) -> Self {
        let next = Part::Start;
        Self { listed, next }
    }
}

impl ChunkSource for ListBody {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let rows = self.listed.rows.as_bytes();
        match self.next {
            Part::Start => {
                self.next = Part::Rows(0);
                let start = format!(
                    "{{\"cut\":{},\"entries\":[",
                    Value::from(self.listed.is_cut)
                );
                Ok(Some(start.into()))
            }
            Part::Rows(start) => {
                let end = rows.len().min(start + CHUNK_BYTES);
                let mut chunk = rows[start..end].to_vec();
                self.next = Part::Rows(end);
                if end == rows.len() {
                    chunk.extend_from_slice(b"]}\n");
                    self.next = Part::Over;
                }
                Ok(Some(chunk.into()))
            }
            Part::Over => Ok(None),
        }
    }
}
