//! Reads a file for its sum, and says how far it is.

use std::{
    fs::File,
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use sha2::{Digest, Sha256};

use crate::server::{transport::read_at, work::Budget};

/// A SHA-256 sum.
pub type Sum = [u8; 32];

/// How much is read at a time.
const READ_BYTES: usize = 256 * 1024;

/// The file that is being read, of all shares of this process.
pub static READING: Reading = Reading {
    identity: AtomicU64::new(0),
    read: AtomicU64::new(0),
    size: AtomicU64::new(0),
};

/// The file that is being read. Only one is at a time, and numbers that don't belong together would
/// only show somebody a wrong percentage.
#[derive(Debug)]
pub struct Reading {
    identity: AtomicU64,
    read: AtomicU64,
    size: AtomicU64,
}

/// How far a sum is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Another file is being read.
    Waiting,
    /// Of a hundred parts of the file, so many are read.
    Read(u64),
}

impl Reading {
    /// Reading a file of this size begins.
    pub fn begin(&'static self, identity: u64, size: u64) -> Progress {
        self.read.store(0, Ordering::Relaxed);
        self.size.store(size, Ordering::Relaxed);
        self.identity.store(identity, Ordering::Relaxed);
        Progress(self)
    }

    /// How far the sum of a file is.
    pub fn stage(&self, identity: u64) -> Stage {
        if self.identity.load(Ordering::Relaxed) != identity {
            return Stage::Waiting;
        }
        let (read, size) = (&self.read, &self.size);
        let (read, size) = (read.load(Ordering::Relaxed), size.load(Ordering::Relaxed));
        // Of more bytes than any disk has, 0 parts are read.
        Stage::Read((read.saturating_mul(100) / size.max(1)).min(100))
    }
}

/// Notes how much was read, and in the end that the file is read no more.
#[derive(Debug)]
pub struct Progress(&'static Reading);

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.identity.store(0, Ordering::Relaxed);
    }
}

/// The sum of the first `size` bytes of a file. Slow; waits for the disk.
///
/// # Errors
/// If the file is shorter, or can't be read; and those of the budget.
pub fn sum_of(file: &File, size: u64, progress: &Progress, budget: &Budget) -> io::Result<Sum> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; READ_BYTES];
    let mut place = 0;
    while place < size {
        budget.check()?;
        // At most READ_BYTES.
        let length = (size - place).min(READ_BYTES as u64) as usize;
        let read = read_at(file, place, &mut buffer[..length])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        hasher.update(&buffer[..read]);
        place += read as u64;
        progress.0.read.store(place, Ordering::Relaxed);
    }
    Ok(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_on_for_those_who_have_left() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &vec![b'a'; 1_000_000]).unwrap();
        let progress = READING.begin(7, 1_000_000);
        let sum = sum_of(&file, 1_000_000, &progress, &Budget::ample()).unwrap();
        // Of a million times `a`, as in FIPS 180-2.
        assert_eq!(sum[..4], [0xcd, 0xc7, 0x6e, 0x5c]);
        assert_eq!(READING.stage(7), Stage::Read(100));
        assert_eq!(READING.stage(8), Stage::Waiting);
        let error = sum_of(&file, 1_000_000, &progress, &Budget::of_checks(2));
        assert!(error.is_err());
        assert_eq!(READING.stage(7), Stage::Read(52));
        // It has become shorter.
        assert!(sum_of(&file, 1_000_001, &progress, &Budget::ample()).is_err());
        drop(progress);
        assert_eq!(READING.stage(7), Stage::Waiting);
    }
}
