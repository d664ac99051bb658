//! Where every byte of an archive comes from, known before the first is sent.

use std::{
    fs::File,
    io,
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    dos_time::DosTime,
    format::{Form, Record, end_length},
    root::Root,
    tar_format::END_LENGTH,
    walk::{Visited, walk},
};
use crate::server::{
    folder::{FileStamp, Folder, Found, mix},
    path::RequestPath,
    work::Budget,
};

const CRC_KNOWN: u64 = 1 << 32;

/// The layout of an archive.
#[derive(Debug)]
pub struct Plan {
    form: Form,
    roots: Vec<Root>,
    entries: Vec<Planned>,
    /// Names in the archive and paths in the folder, concatenated: 100,000 separate strings would
    /// take twice the memory.
    text: Vec<u8>,
    central_offset: u64,
    central_length: u64,
    fingerprint: u64,
    is_rested: bool,
}

#[derive(Debug)]
struct Planned {
    /// Where its record begins.
    offset: u64,
    /// The checksum of the file as planned, and [`CRC_KNOWN`] once it is known.
    crc: AtomicU64,
    stamp: FileStamp,
    text: u64,
    name_length: u32,
    path_length: u32,
    root: u32,
    dos_time: DosTime,
    is_folder: bool,
}

/// Two plans are the same if every byte of their archives comes from the same place.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        let entries = self.entries.iter().zip(&other.entries);
        let roots = self.roots.iter().zip(&other.roots);
        self.form == other.form
            && self.length() == other.length()
            && self.fingerprint == other.fingerprint
            && self.text == other.text
            && self.entries.len() == other.entries.len()
            && entries
                .into_iter()
                .all(|(a, b)| a.stamp == b.stamp && a.root == b.root)
            && self.roots.len() == other.roots.len()
            && roots.into_iter().all(|(a, b)| a.folder.is_same(&b.folder))
    }
}

impl Plan {
    /// Walks the roots. Slow; waits for the disk.
    ///
    /// # Errors
    /// If the budget is used up. Files that can't be read are left out.
    pub fn new(roots: Vec<Root>, form: Form, budget: &Budget) -> io::Result<Self> {
        let mut plan = Self {
            form,
            roots: Vec::new(),
            entries: Vec::new(),
            text: Vec::new(),
            central_offset: 0,
            central_length: 0,
            fingerprint: 0,
            is_rested: true,
        };
        walk(&roots, budget, |visited| plan.add(visited, budget))?;
        plan.roots = roots;
        plan.lay_out();
        Ok(plan)
    }

    fn add(&mut self, visited: &Visited<'_>, budget: &Budget) -> io::Result<()> {
        let (name, path) = (visited.name, visited.path);
        budget.spend_bytes(size_of::<Planned>() + name.len() + path.len())?;
        self.entries.push(Planned {
            offset: 0,
            crc: AtomicU64::new(0),
            stamp: FileStamp {
                size: visited.size(),
                ..visited.stamp
            },
            text: self.text.len() as u64,
            // Both are short enough for a zip, or at least for the system.
            name_length: u32::try_from(name.len()).map_err(io::Error::other)?,
            path_length: u32::try_from(path.len()).map_err(io::Error::other)?,
            root: visited.root,
            dos_time: DosTime::local(visited.stamp.modified_s),
            is_folder: visited.is_folder,
        });
        self.text.extend_from_slice(name);
        self.text.extend_from_slice(path);
        Ok(())
    }

    fn lay_out(&mut self) {
        let mut offset = 0;
        let mut central = 0;
        let mut hash = 0;
        for index in 0..self.entries.len() {
            let entry = &self.entries[index];
            let record = self.record(index);
            let length = match self.form {
                Form::Zip => {
                    central += record.central_length(offset);
                    record.length()
                }
                Form::Tar => record.tar_length(),
            };
            for chunk in record.name.chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                hash = mix(hash, u64::from_le_bytes(word));
            }
            // All that an archive contains of a folder itself is its time in seconds. Its other
            // metadata also changes for reasons that don't affect the archive.
            let content = if entry.is_folder {
                entry.stamp.modified_s.cast_unsigned()
            } else {
                self.is_rested &= entry.stamp.is_rested;
                entry.stamp.fingerprint()
            };
            // It changes with the computer's time zone.
            if self.form == Form::Zip {
                hash = mix(hash, u64::from(entry.dos_time.value()));
            }
            hash = mix(hash, content);
            self.entries[index].offset = offset;
            offset += length;
        }
        self.central_offset = offset;
        self.central_length = central;
        self.fingerprint = hash;
    }

    /// Length of the archive in bytes.
    pub fn length(&self) -> u64 {
        let end = match self.form {
            Form::Zip => end_length(
                self.count() as u64,
                self.central_offset,
                self.central_length,
            ),
            Form::Tar => END_LENGTH,
        };
        self.end_offset() + end
    }

    /// The kind of the archive.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Changes whenever a name, size, time or file in the archive changes.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether every later change of a file will change the fingerprint.
    pub fn is_rested(&self) -> bool {
        self.is_rested
    }

    /// Number of files and folders.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The range of a zip's central directory. A tar has an empty one, where its end begins.
    pub fn central(&self) -> Range<u64> {
        self.central_offset..self.end_offset()
    }

    fn end_offset(&self) -> u64 {
        self.central_offset + self.central_length
    }

    /// The entry that has the byte at `position`, which must be before the central directory.
    pub fn entry_at(&self, position: u64) -> usize {
        let behind = self
            .entries
            .partition_point(|entry| entry.offset <= position);
        behind.saturating_sub(1)
    }

    /// Where an entry's record begins.
    pub fn offset(&self, index: usize) -> u64 {
        self.entries[index].offset
    }

    /// The stamp of the file when the archive was planned; the size of a folder is 0.
    pub fn stamp(&self, index: usize) -> FileStamp {
        self.entries[index].stamp
    }

    /// The checksum of the file as planned, if a download has found it.
    pub fn crc(&self, index: usize) -> Option<u32> {
        let crc = self.entries[index].crc.load(Ordering::Relaxed);
        // Truncated to the 32 bits of the checksum.
        (crc & CRC_KNOWN != 0).then_some(crc as u32)
    }

    /// Remembers the checksum of the file as planned.
    pub fn set_crc(&self, index: usize, crc: u32) {
        let crc = u64::from(crc) | CRC_KNOWN;
        self.entries[index].crc.store(crc, Ordering::Relaxed);
    }

    /// What an entry's records contain.
    pub fn record(&self, index: usize) -> Record<'_> {
        let entry = &self.entries[index];
        let start = entry.text as usize;
        Record {
            name: &self.text[start..start + entry.name_length as usize],
            is_folder: entry.is_folder,
            size: entry.stamp.size,
            modified_s: entry.stamp.modified_s,
            dos_time: entry.dos_time,
        }
    }

    /// Opens an entry's file, which may have changed since.
    ///
    /// # Errors
    /// If it no longer exists, or can't be read.
    pub fn open(&self, index: usize) -> io::Result<(File, FileStamp)> {
        let (folder, path) = self.place(index);
        match folder.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match folder.find(&path)? {
                Found::File { path, .. } => folder.open(&path),
                Found::Folder { .. } => Err(error),
            },
            opened => opened,
        }
    }

    /// Like [`Plan::open`], but never waits: `None` if opening needs the disk, or fails.
    pub fn open_now(&self, index: usize) -> Option<(File, FileStamp)> {
        let (folder, path) = self.place(index);
        folder.open_now(&path)
    }

    fn place(&self, index: usize) -> (&Folder, RequestPath) {
        let entry = &self.entries[index];
        let start = entry.text as usize + entry.name_length as usize;
        let path = &self.text[start..start + entry.path_length as usize];
        let folder = &self.roots[entry.root as usize].folder;
        (folder, RequestPath::from_joined(path))
    }
}
