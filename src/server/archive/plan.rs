//! Where every byte of an archive comes from, known before the first is sent.

use std::{
    fs::File,
    io,
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    format::{Record, end_length},
    name::ArchiveNames,
    root::Root,
};
use crate::server::{
    folder::{FileStamp, Folder, Found, mix},
    path::RequestPath,
    platform::may_read,
};

/// Files up to this size are read before their record is written, so that the checksum can stand
/// in front; programs that read a zip from a pipe like that better.
pub const SMALL_BYTES: u64 = 64 * 1024;

/// More entries than this are refused, rather than taking the memory for them.
const MAX_ENTRIES: usize = 4_000_000;

const CRC_KNOWN: u64 = 1 << 32;

/// An archive laid out.
#[derive(Debug)]
pub struct Plan {
    roots: Vec<Root>,
    entries: Vec<Planned>,
    /// Names in the archive and paths in the folder, one behind the other: 100,000 strings of
    /// their own would take twice the memory.
    text: Vec<u8>,
    central_offset: u64,
    central_length: u64,
    fingerprint: u64,
}

#[derive(Debug)]
struct Planned {
    /// Where its local record begins.
    offset: u64,
    /// The checksum of the file as planned, with [`CRC_KNOWN`] once it is known.
    crc: AtomicU64,
    stamp: FileStamp,
    text: u64,
    name_length: u32,
    path_length: u32,
    root: u32,
    is_folder: bool,
}

/// A folder that is still to be read.
struct Unread {
    root: u32,
    path: RequestPath,
    name: Vec<u8>,
    stamp: FileStamp,
    is_behind_link: bool,
}

/// Two plans are the same if every byte of their archives comes from the same place.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        let entries = self.entries.iter().zip(&other.entries);
        let roots = self.roots.iter().zip(&other.roots);
        self.length() == other.length()
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
    /// Walks the roots. Takes its time, and waits for the disk.
    ///
    /// # Errors
    /// If there are too many entries. What can't be read is left out.
    pub fn new(roots: Vec<Root>) -> io::Result<Self> {
        let mut plan = Self {
            roots: Vec::new(),
            entries: Vec::new(),
            text: Vec::new(),
            central_offset: 0,
            central_length: 0,
            fingerprint: 0,
        };
        let mut unread = Vec::new();
        let mut names = ArchiveNames::of(roots.iter().map(|root| root.name.as_slice()));
        for (index, root) in roots.iter().enumerate() {
            let index = u32::try_from(index).map_err(io::Error::other)?;
            let name = names.name(&root.name);
            match root.folder.find(&root.path) {
                // What was chosen and is there no more is missing on the page as well.
                Err(_) => {}
                Ok(Found::File { path, stamp }) => {
                    plan.add(index, name, path.as_bytes(), stamp, false)?;
                }
                Ok(Found::Folder { path, dir }) => unread.push(Unread {
                    root: index,
                    path,
                    name,
                    stamp: FileStamp::of(&dir.dir_metadata()?),
                    is_behind_link: false,
                }),
            }
        }
        unread.reverse();
        while let Some(folder) = unread.pop() {
            let Some(root) = roots.get(folder.root as usize) else {
                continue;
            };
            plan.add_folder(&root.folder, folder, &mut unread)?;
        }
        plan.roots = roots;
        plan.lay_out();
        Ok(plan)
    }

    /// Adds a folder with its files, and puts its folders on the list of those to read.
    fn add_folder(
        &mut self,
        root: &Folder,
        folder: Unread,
        unread: &mut Vec<Unread>,
    ) -> io::Result<()> {
        let mut name = folder.name.clone();
        name.push(b'/');
        // What can't be read is shown as a folder with nothing in it.
        let (path, entries) = match root.find(&folder.path) {
            Ok(Found::Folder { path, dir }) => {
                let entries = root.entries(&path, &dir).unwrap_or_default();
                (path, Some((entries, dir)))
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                (folder.path.clone(), None)
            }
            _ => return Ok(()),
        };
        self.add(folder.root, name, path.as_bytes(), folder.stamp, true)?;
        let Some((mut entries, dir)) = entries else {
            return Ok(());
        };
        // In one order for ever, as the layout depends on it.
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let first = unread.len();
        let mut names = ArchiveNames::of(entries.iter().map(|entry| entry.name.as_encoded_bytes()));
        for entry in &entries {
            let bytes = entry.name.as_encoded_bytes();
            let mut name = folder.name.clone();
            name.push(b'/');
            name.extend_from_slice(&names.name(bytes));
            let entry_path = path.join(bytes);
            if entry.is_folder {
                // A link to a folder is followed once. Behind it, or back to where it stands, it
                // would go on for ever.
                let leads_back = entry.is_link && leads_back(root, &entry_path, &path);
                if entry.is_link && (folder.is_behind_link || leads_back) {
                    continue;
                }
                unread.push(Unread {
                    root: folder.root,
                    path: entry_path,
                    name,
                    stamp: entry.stamp,
                    is_behind_link: folder.is_behind_link || entry.is_link,
                });
            } else if may_read(&dir, &entry.name) {
                self.add(folder.root, name, entry_path.as_bytes(), entry.stamp, false)?;
            }
        }
        unread[first..].reverse();
        Ok(())
    }

    fn add(
        &mut self,
        root: u32,
        name: Vec<u8>,
        path: &[u8],
        stamp: FileStamp,
        is_folder: bool,
    ) -> io::Result<()> {
        let path_length = u32::try_from(path.len()).ok();
        let path_length = path_length.filter(|_| self.entries.len() < MAX_ENTRIES);
        let Some(path_length) = path_length else {
            return Err(io::Error::other("the folder is too large for a zip"));
        };
        // A zip has two bytes for the length of a name; what is deeper is not in it.
        if name.len() > usize::from(u16::MAX) {
            return Ok(());
        }
        let size = if is_folder { 0 } else { stamp.size };
        self.entries.push(Planned {
            offset: 0,
            crc: AtomicU64::new(0),
            stamp: FileStamp { size, ..stamp },
            text: self.text.len() as u64,
            // At most u16::MAX.
            name_length: name.len() as u32,
            path_length,
            root,
            is_folder,
        });
        self.text.extend_from_slice(&name);
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
            let length = record.local_length() + entry.stamp.size + record.descriptor_length();
            central += record.central_length(offset);
            for chunk in record.name.chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                hash = mix(hash, u64::from_le_bytes(word));
            }
            // Of a folder nothing is in the archive but its time in seconds; what else is known of it
            // changes with things that are not.
            let content = if entry.is_folder {
                entry.stamp.modified_s.cast_unsigned()
            } else {
                entry.stamp.fingerprint()
            };
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
        self.end_offset()
            + end_length(
                self.count() as u64,
                self.central_offset,
                self.central_length,
            )
    }

    /// Changes when a name, size, time or file in it does.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Number of files and folders.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// How many files there are, and how many bytes they have together.
    pub fn files(&self) -> (usize, u64) {
        let files = self.entries.iter().filter(|entry| !entry.is_folder);
        files.fold((0, 0), |(count, size), file| {
            (count + 1, size + file.stamp.size)
        })
    }

    /// The bytes of the central directory.
    pub fn central(&self) -> Range<u64> {
        self.central_offset..self.end_offset()
    }

    fn end_offset(&self) -> u64 {
        self.central_offset + self.central_length
    }

    /// The entry whose bytes are at `position`, which lies in front of the central directory.
    pub fn entry_at(&self, position: u64) -> usize {
        let behind = self
            .entries
            .partition_point(|entry| entry.offset <= position);
        behind.saturating_sub(1)
    }

    /// Where an entry's local record begins.
    pub fn offset(&self, index: usize) -> u64 {
        self.entries[index].offset
    }

    /// The file as it was when the archive was planned; of size 0 for a folder.
    pub fn stamp(&self, index: usize) -> FileStamp {
        self.entries[index].stamp
    }

    /// The checksum of the file as planned, if a download has come by it.
    pub fn crc(&self, index: usize) -> Option<u32> {
        let crc = self.entries[index].crc.load(Ordering::Relaxed);
        // Cut to the 32 bits of the checksum.
        (crc & CRC_KNOWN != 0).then_some(crc as u32)
    }

    /// Keeps the checksum of the file as planned.
    pub fn set_crc(&self, index: usize, crc: u32) {
        let crc = u64::from(crc) | CRC_KNOWN;
        self.entries[index].crc.store(crc, Ordering::Relaxed);
    }

    /// What an entry's records say.
    pub fn record(&self, index: usize) -> Record<'_> {
        let entry = &self.entries[index];
        let start = entry.text as usize;
        Record {
            name: &self.text[start..start + entry.name_length as usize],
            is_folder: entry.is_folder,
            size: entry.stamp.size,
            modified_s: entry.stamp.modified_s,
            has_descriptor: entry.stamp.size > SMALL_BYTES,
        }
    }

    /// Opens an entry's file, which may have changed since.
    ///
    /// # Errors
    /// If it is there no more, or can't be read.
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

    /// As [`Plan::open`], but never waits: `None` if that needs the disk, or gives nothing.
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

/// Whether a link leads to the folder that it stands in, or to one around it.
fn leads_back(root: &Folder, link: &RequestPath, stands_in: &RequestPath) -> bool {
    let Ok(Found::Folder { path: target, .. }) = root.find(link) else {
        return true;
    };
    let target = target.as_bytes();
    stands_in
        .as_bytes()
        .strip_prefix(target)
        .is_some_and(|rest| target.is_empty() || rest.is_empty() || rest.starts_with(b"/"))
}
