//! The bytes of a picture, until its time is up.

use std::{
    io::{self, BufRead, Cursor, Read, Seek, SeekFrom},
    time::{Duration, Instant},
};

/// How long a decoder may read one picture. Large ones take about a second; on a busy or slow computer more.
const LIMIT: Duration = Duration::from_secs(20);

/// How much is read between two looks at the clock. The slowest compressed data that is known, blocks of no
/// bytes, takes 16 ms for so much.
const CHUNK_BYTES: usize = 32 * 1024;

/// Reads a picture for a limited time. Some files make a decoder work for hours: by compressed data that gives
/// nothing, or by what is decoded only to be skipped.
pub struct InTime<'a> {
    data: Cursor<&'a [u8]>,
    end: Instant,
}

impl<'a> InTime<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self::until(data, Instant::now() + LIMIT)
    }

    fn until(data: &'a [u8], end: Instant) -> Self {
        let data = Cursor::new(data);
        Self { data, end }
    }

    fn check(&self) -> io::Result<()> {
        if Instant::now() < self.end {
            Ok(())
        } else {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
}

impl Read for InTime<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let length = buffer.len().min(CHUNK_BYTES);
        self.data.read(&mut buffer[..length])
    }
}

impl BufRead for InTime<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        let rest = self.data.fill_buf()?;
        Ok(&rest[..rest.len().min(CHUNK_BYTES)])
    }

    fn consume(&mut self, amount: usize) {
        self.data.consume(amount);
    }
}

impl Seek for InTime<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.data.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ends_with_the_time() {
        let data = vec![7; 100_000];
        let mut all = Vec::new();
        InTime::new(&data).read_to_end(&mut all).unwrap();
        assert_eq!(all, data);
        let mut late = InTime::until(&data, Instant::now());
        assert!(late.read(&mut [0]).is_err());
        assert!(late.fill_buf().is_err());
    }
}
