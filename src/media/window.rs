//! A file that is read up to a limit.

use std::io;

type Read<'a> = dyn Fn(u64, &mut [u8]) -> io::Result<usize> + 'a;

/// How many pieces are read of a file.
const MAX_PIECES: u32 = 2_000;

/// A file that is read up to a limit, after which there is nothing more in it.
pub struct Window<'a> {
    read: &'a Read<'a>,
    size: u64,
    left: u64,
    pieces: u32,
}

impl<'a> Window<'a> {
    /// A file of `size` bytes that `read` fills a buffer from, at most `limit` bytes in all.
    pub fn new(read: &'a Read<'a>, size: u64, limit: u64) -> Self {
        Self {
            read,
            size,
            left: limit,
            pieces: MAX_PIECES,
        }
    }

    /// The size of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// These bytes; `None` if the file has not so many, or too many were read.
    pub fn bytes(&mut self, at: u64, length: usize) -> Option<Vec<u8>> {
        let bytes = self.up_to(at, length)?;
        (bytes.len() == length).then_some(bytes)
    }

    /// At most this many bytes, up to the end of the file.
    pub fn up_to(&mut self, at: u64, length: usize) -> Option<Vec<u8>> {
        let length = self.size.checked_sub(at)?.min(length as u64);
        self.left = self.left.checked_sub(length)?;
        self.pieces = self.pieces.checked_sub(1)?;
        // Not more than `length`.
        let mut bytes = vec![0; length as usize];
        let read = (self.read)(at, &mut bytes).ok()?;
        bytes.truncate(read);
        Some(bytes)
    }
}

/// A big-endian number of two bytes.
pub fn be16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

/// A big-endian number of four bytes.
pub fn be32(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// A big-endian number of eight bytes.
pub fn be64(data: &[u8], at: usize) -> Option<u64> {
    let bytes = data.get(at..at.checked_add(8)?)?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}
