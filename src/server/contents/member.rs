//! One file of a zip, taken out while it is sent.

use std::{fs::File, io, ops::Range};

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

use super::{
    invalid::invalid,
    zip::{Record, data_of, find},
};
use crate::server::{
    transport::{ChunkSource, read_at},
    work::Budget,
};

/// How much is read and written at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// What is read before there are bytes to send, however few. Real programs write at most a few hundred bytes
/// that give nothing; a file of nothing else would take minutes.
const MAX_BARREN_BYTES: u64 = 64 * 1024;

/// One file of a zip.
pub struct Member {
    file: File,
    record: Record,
    /// Where what was not read yet begins and ends.
    at: u64,
    end: u64,
    /// How much is still to be sent.
    left: u64,
    crc: crc32fast::Hasher,
    decoder: Option<Decompress>,
    /// What was read, and how much of it was unpacked.
    read: Vec<u8>,
    used: usize,
    is_over: bool,
    /// It is not all of the file, so nothing says what its checksum is.
    is_part: bool,
}

impl Member {
    /// The file with this name in a zip of this size.
    ///
    /// # Errors
    /// `NotFound` if there is none that can be taken out, and those of reading the zip.
    pub fn of(file: File, size: u64, name: &[u8], budget: &Budget) -> io::Result<Self> {
        let record = find(&file, size, name, budget)?;
        Self::at(file, size, record)
    }

    /// The file of this record in a zip of this size.
    ///
    /// # Errors
    /// Those of reading the zip.
    pub fn at(file: File, size: u64, record: Record) -> io::Result<Self> {
        let at = data_of(&file, size, &record)?;
        let is_stored = record.method == 0;
        if is_stored && record.packed != record.size {
            return Err(invalid());
        }
        Ok(Self {
            file,
            at,
            end: at + record.packed,
            left: record.size,
            crc: crc32fast::Hasher::new(),
            decoder: (!is_stored).then(|| Decompress::new(false)),
            read: Vec::new(),
            used: 0,
            is_over: false,
            is_part: false,
            record,
        })
    }

    /// Its length, according to the zip.
    pub fn length(&self) -> u64 {
        self.record.size
    }

    /// Whether a part of it can be sent without unpacking what is before it.
    pub fn has_parts(&self) -> bool {
        self.decoder.is_none()
    }

    /// These bytes of it, which are in it; all of it if it has no parts.
    pub fn part(mut self, range: Range<u64>) -> Self {
        let length = range.end - range.start;
        if self.has_parts() && length < self.record.size {
            self.at += range.start;
            self.left = length;
            self.end = self.at + length;
            self.is_part = true;
        }
        self
    }

    /// The checksum, according to the zip.
    pub fn crc(&self) -> u32 {
        self.record.crc
    }

    /// The last part of its name.
    pub fn name(&self) -> &[u8] {
        let mut parts = (self.record.name).rsplit(|byte| matches!(byte, b'/' | b'\\'));
        parts.next().unwrap_or_default()
    }

    fn read_more(&mut self) -> io::Result<()> {
        let length = (self.end - self.at).min(CHUNK_BYTES as u64);
        self.read.resize(length as usize, 0);
        self.used = 0;
        if read_at(&self.file, self.at, &mut self.read)? < self.read.len() {
            return Err(invalid());
        }
        self.at += length;
        Ok(())
    }

    /// The next bytes; none at the end.
    fn unpack(&mut self) -> io::Result<Vec<u8>> {
        let Some(mut decoder) = self.decoder.take() else {
            self.read_more()?;
            return Ok(std::mem::take(&mut self.read));
        };
        let mut out = Vec::with_capacity(CHUNK_BYTES);
        let mut has_ended = false;
        let start = decoder.total_in();
        while out.len() < CHUNK_BYTES && !has_ended {
            // Visitors who have left are noticed between two chunks.
            if decoder.total_in() - start >= MAX_BARREN_BYTES {
                if out.is_empty() {
                    return Err(invalid());
                }
                break;
            }
            if self.used == self.read.len() && self.at < self.end {
                self.read_more()?;
            }
            let (read, written) = (decoder.total_in(), decoder.total_out());
            let status = decoder
                .decompress_vec(&self.read[self.used..], &mut out, FlushDecompress::None)
                .map_err(|_| invalid())?;
            self.used += (decoder.total_in() - read) as usize;
            has_ended = status == Status::StreamEnd;
            let is_stuck = decoder.total_in() == read && decoder.total_out() == written;
            if is_stuck && !has_ended {
                // The end is missing.
                return Err(invalid());
            }
        }
        self.decoder = Some(decoder);
        Ok(out)
    }
}

impl ChunkSource for Member {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.is_over {
            return Ok(None);
        }
        let chunk = if self.left == 0 {
            Vec::new()
        } else {
            self.unpack()?
        };
        let is_last = self.left <= chunk.len() as u64;
        if chunk.len() as u64 > self.left || (chunk.is_empty() && self.left > 0) {
            return Err(invalid());
        }
        self.left -= chunk.len() as u64;
        self.crc.update(&chunk);
        if is_last {
            self.is_over = true;
            // The last bytes are not sent if they are wrong, so nobody takes it for complete.
            if !self.is_part && self.crc.clone().finalize() != self.record.crc {
                return Err(invalid());
            }
            if chunk.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(chunk.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What is sent of a member of 9 bytes with these deflated ones.
    fn sent(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut file = tempfile::tempfile().unwrap();
        let mut header = b"PK\x03\x04".to_vec();
        header.resize(26, 0);
        header.extend([1, 0, 0, 0, b'x']);
        file.write_all(&header).unwrap();
        file.write_all(packed).unwrap();
        let record = Record {
            name: b"x".to_vec(),
            method: 8,
            is_encrypted: false,
            crc: crc32fast::hash(b"something"),
            packed: packed.len() as u64,
            size: 9,
            offset: 0,
            modified_s: None,
        };
        let size = (header.len() + packed.len()) as u64;
        let mut member = Member::at(file, size, record)?;
        let mut all = Vec::new();
        while let Some(chunk) = member.next()? {
            all.extend(chunk);
        }
        Ok(all)
    }

    #[test]
    fn what_gives_nothing_is_not_read_to_its_end() {
        let empty_block = [0, 0, 0, 0xff, 0xff];
        let last = [&[1, 9, 0, 0xf6, 0xff][..], b"something"].concat();
        let few = [empty_block.repeat(100), last.clone()].concat();
        assert_eq!(sent(&few).unwrap(), b"something");
        let many = [empty_block.repeat(14_000), last].concat();
        assert!(sent(&many).is_err());
    }
}
