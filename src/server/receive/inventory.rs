//! What is in the hidden folder.

use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    io::{self, Read},
    time::SystemTime,
};

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::OpenOptions;

use super::{id::UploadId, notes::Note, parts::Parts, record::Record};
use crate::server::platform::open_at_once;

/// The longest file that is read as a record, in bytes.
const MAX_RECORD_BYTES: u64 = 64 * 1024;

/// The longest file of records that is read, in bytes: an hour of many small files.
const MAX_DONE_BYTES: u64 = 64 * 1024 * 1024;

/// A part on the disk.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub id: UploadId,
    /// In bytes.
    pub length: u64,
    /// When it was last written to.
    pub modified: SystemTime,
}

/// What is in the folder.
#[derive(Debug, Default)]
pub struct Contents {
    pub parts: Vec<Part>,
    /// Records of uploads, and when they were written.
    pub records: Vec<Record>,
    /// Records that can't be read, or were never complete.
    pub broken: Vec<OsString>,
    /// Parts with unchecked bytes, and their length without.
    pub unchecked: Vec<(UploadId, u64)>,
    /// Records of complete files, oldest first.
    pub done: Vec<Record>,
    /// Complete files that the owner knows of.
    pub told: HashSet<UploadId>,
}

impl Contents {
    /// Everything that is in the folder.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn of(parts: &Parts) -> io::Result<Self> {
        let mut contents = Self::default();
        let mut done = Vec::new();
        for entry in parts.dir().entries()? {
            let entry = entry?;
            let name = entry.file_name();
            let Some((stem, kind)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            if kind == "done" {
                done.extend(stem.parse::<u64>());
                continue;
            }
            let Some(id) = UploadId::parse(stem) else {
                continue;
            };
            match kind {
                "part" => {
                    let Ok(metadata) = parts.dir().symlink_metadata(&name) else {
                        continue;
                    };
                    if metadata.is_file() {
                        contents.parts.push(Part {
                            id,
                            length: metadata.len(),
                            modified: metadata.modified().map_or(
                                SystemTime::UNIX_EPOCH,
                                cap_std::time::SystemTime::into_std,
                            ),
                        });
                    }
                }
                "json" => {
                    let read = read(parts, &name, MAX_RECORD_BYTES)?;
                    match Record::parse(&read).filter(|record| record.id == id) {
                        Some(record) => contents.records.push(record),
                        None => contents.broken.push(name),
                    }
                }
                "check" => {
                    let read = read(parts, &name, MAX_RECORD_BYTES)?;
                    let offset = str::from_utf8(&read)
                        .ok()
                        .and_then(|text| text.parse().ok());
                    // If it is empty, no unchecked byte was written yet.
                    contents.unchecked.extend(offset.map(|offset| (id, offset)));
                }
                "json.new" => contents.broken.push(name),
                _ => {}
            }
        }
        done.sort_unstable();
        for hour in done {
            let read = read(parts, OsStr::new(&format!("{hour}.done")), MAX_DONE_BYTES)?;
            for line in read.split(|byte| *byte == b'\n') {
                if let Some(record) = Record::parse(line) {
                    contents.done.push(record);
                    continue;
                }
                match Note::parse(line) {
                    Some(Note::Told { delivery }) => {
                        let known = contents.done.iter();
                        let known = known.filter(|record| record.delivery == Some(delivery));
                        contents.told.extend(known.map(|record| record.id));
                    }
                    Some(Note::Lost { upload }) => {
                        contents.done.retain(|record| record.id != upload);
                    }
                    None => {}
                }
            }
        }
        Ok(contents)
    }
}

fn read(parts: &Parts, name: &OsStr, max: u64) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true).follow(FollowSymlinks::No);
    open_at_once(&mut options);
    let mut bytes = Vec::new();
    let opened = parts.dir().open_with(name, &options);
    match opened {
        Ok(file) => {
            file.into_std().take(max).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
        // Removed meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(bytes),
        Err(error) => Err(error),
    }
}
