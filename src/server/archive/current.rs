//! A file of an archive that is being sent, or read for its checksum.

use std::{fs::File, io};

use crc32fast::Hasher;

use super::{format::SMALL_BYTES, plan::Plan};
use crate::server::transport::{read_at, read_now};

/// Bytes to read at a time when a file is only hashed.
const HASHED_AT_ONCE: usize = 64 * 1024;

/// The open file of an entry.
pub struct Current {
    pub index: usize,
    /// Whether the file is unchanged since the archive was planned.
    pub is_as_planned: bool,
    /// Bytes.
    size: u64,
    data: EntryData,
}

enum EntryData {
    /// Already read.
    Small(Vec<u8>),
    /// Hashed while it is sent, unless sending began in the middle.
    Large {
        file: File,
        hasher: Hasher,
        hashed: u64,
    },
}

impl Current {
    /// Opens an entry's file. A file that has changed since the plan is allowed only in a whole
    /// archive.
    ///
    /// # Errors
    /// If it no longer exists, can't be read, or has changed so that it doesn't fit; `WouldBlock`
    /// if opening it would have to wait for the disk and must not.
    pub fn open(plan: &Plan, index: usize, is_whole: bool, may_wait: bool) -> io::Result<Self> {
        let planned = plan.stamp(index);
        let (file, stamp) = if may_wait {
            plan.open(index)?
        } else {
            plan.open_now(index).ok_or(io::ErrorKind::WouldBlock)?
        };
        // When sent from the start, a file that has grown or was modified is still a whole file
        // with the right checksum, and so is another file of the same length. Continuing in the
        // middle with other content would give neither.
        let is_as_planned = stamp == planned;
        let is_complete = stamp.size == planned.size
            || stamp.size > planned.size && stamp.file_id == planned.file_id;
        if !is_complete || !(is_whole || is_as_planned) {
            return Err(io::Error::other(
                "a file has changed since the archive was planned",
            ));
        }
        let data = if planned.size <= SMALL_BYTES {
            let mut content = vec![0; planned.size as usize];
            read_whole(&file, 0, &mut content, may_wait)?;
            EntryData::Small(content)
        } else {
            EntryData::Large {
                file,
                hasher: Hasher::new(),
                hashed: 0,
            }
        };
        Ok(Self {
            index,
            is_as_planned,
            size: planned.size,
            data,
        })
    }

    /// Appends `length` bytes of the file, from `place` on, to `out`.
    ///
    /// # Errors
    /// If the file has become shorter or can't be read; `WouldBlock` as for [`Current::open`].
    /// Nothing is appended then.
    pub fn put(
        &mut self,
        out: &mut Vec<u8>,
        place: u64,
        length: usize,
        may_wait: bool,
    ) -> io::Result<()> {
        match &mut self.data {
            EntryData::Small(content) => {
                let place = place as usize;
                let part = content.get(place..place + length);
                out.extend_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
            }
            EntryData::Large {
                file,
                hasher,
                hashed,
            } => {
                let before = out.len();
                out.resize(before + length, 0);
                let read = read_whole(file, place, &mut out[before..], may_wait);
                if let Err(error) = read {
                    out.truncate(before);
                    return Err(error);
                }
                if *hashed == place {
                    hasher.update(&out[before..]);
                    *hashed += length as u64;
                }
            }
        }
        Ok(())
    }

    /// Whether the file is hashed while it is sent.
    pub fn is_large(&self) -> bool {
        matches!(self.data, EntryData::Large { .. })
    }

    /// Reads about `max_bytes` more of the file, only for its checksum, and returns how many. May
    /// wait for the disk.
    ///
    /// # Errors
    /// If the file has become shorter or can't be read.
    pub fn hash_on(&mut self, max_bytes: u64) -> io::Result<u64> {
        let EntryData::Large {
            file,
            hasher,
            hashed,
        } = &mut self.data
        else {
            return Ok(self.size);
        };
        let begun = *hashed;
        let mut buffer = vec![0; HASHED_AT_ONCE];
        while *hashed < self.size && *hashed - begun < max_bytes {
            // At most HASHED_AT_ONCE.
            let length = (self.size - *hashed).min(HASHED_AT_ONCE as u64) as usize;
            read_whole(file, *hashed, &mut buffer[..length], true)?;
            hasher.update(&buffer[..length]);
            *hashed += length as u64;
        }
        Ok(*hashed - begun)
    }

    /// The checksum, once the whole file was hashed.
    pub fn crc(&self) -> Option<u32> {
        match &self.data {
            EntryData::Small(content) => Some(crc32fast::hash(content)),
            EntryData::Large { hasher, hashed, .. } => {
                (*hashed == self.size).then(|| hasher.clone().finalize())
            }
        }
    }
}

/// Fills a buffer from a position in a file.
fn read_whole(file: &File, place: u64, buffer: &mut [u8], may_wait: bool) -> io::Result<()> {
    let (is_whole, error) = if may_wait {
        let read = read_at(file, place, buffer)?;
        (read == buffer.len(), io::ErrorKind::UnexpectedEof)
    } else {
        (read_now(file, place, buffer), io::ErrorKind::WouldBlock)
    };
    is_whole.then_some(()).ok_or_else(|| error.into())
}
