//! A file of an archive that is being sent, or read for its checksum.

use std::{fs::File, io};

use crc32fast::Hasher;

use super::{format::SMALL_BYTES, plan::Plan};
use crate::server::transport::{read_at, read_now};

/// Bytes that are read at a time where they are only hashed.
const HASHED_AT_ONCE: usize = 64 * 1024;

/// An entry's file, opened.
pub struct Current {
    pub index: usize,
    /// Whether it is the file that was planned.
    pub is_as_planned: bool,
    /// Bytes.
    size: u64,
    data: EntryData,
}

enum EntryData {
    /// Read already.
    Small(Vec<u8>),
    /// Hashed as it is sent, unless that began in the middle.
    Large {
        file: File,
        hasher: Hasher,
        hashed: u64,
    },
}

impl Current {
    /// Opens an entry's file. Only a whole archive may have one in it that is not as planned.
    ///
    /// # Errors
    /// If it no longer exists, can't be read, or has changed so that it doesn't fit; `WouldBlock`
    /// if that would have to wait for the disk and may not.
    pub fn open(plan: &Plan, index: usize, is_whole: bool, may_wait: bool) -> io::Result<Self> {
        let planned = plan.stamp(index);
        let (file, stamp) = if may_wait {
            plan.open(index)?
        } else {
            plan.open_now(index).ok_or(io::ErrorKind::WouldBlock)?
        };
        // Sent from the start, a file that has grown or was written to is still a whole file with
        // the right checksum; another file in its place is only if it is as long. Going on in the
        // middle of another content would be neither.
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

    /// Adds `length` bytes from `place` on to what is sent.
    ///
    /// # Errors
    /// If the file has got shorter or can't be read; `WouldBlock` as for [`Current::open`]. Nothing
    /// was added then.
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

    /// Whether it is hashed as it is sent.
    pub fn is_large(&self) -> bool {
        matches!(self.data, EntryData::Large { .. })
    }

    /// Reads about `max_bytes` more of it for its checksum alone, and tells how many. May wait for
    /// the disk.
    ///
    /// # Errors
    /// If the file has got shorter or can't be read.
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

    /// The checksum, once all of it was hashed.
    pub fn crc(&self) -> Option<u32> {
        match &self.data {
            EntryData::Small(content) => Some(crc32fast::hash(content)),
            EntryData::Large { hasher, hashed, .. } => {
                (*hashed == self.size).then(|| hasher.clone().finalize())
            }
        }
    }
}

/// Fills a buffer from a place in a file.
fn read_whole(file: &File, place: u64, buffer: &mut [u8], may_wait: bool) -> io::Result<()> {
    let (is_whole, error) = if may_wait {
        let read = read_at(file, place, buffer)?;
        (read == buffer.len(), io::ErrorKind::UnexpectedEof)
    } else {
        (read_now(file, place, buffer), io::ErrorKind::WouldBlock)
    };
    is_whole.then_some(()).ok_or_else(|| error.into())
}
