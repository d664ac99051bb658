//! Checksums of files that were read earlier, and turns for reading the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use crate::server::folder::FileStamp;

/// How many checksums are kept: about 3 MB when full.
const CAPACITY: usize = 100_000;

/// How many files of a share may be read only for their checksums at the same time. The other
/// threads that may wait for the disk stay free for sending.
const HASHING: usize = 2;

/// CRC-32 checksums, by the fingerprint of the file.
#[derive(Debug)]
pub struct Checksums {
    known: Mutex<HashMap<u64, u32>>,
    turns: Arc<Semaphore>,
}

impl Default for Checksums {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            turns: Arc::new(Semaphore::new(HASHING)),
        }
    }
}

impl Checksums {
    /// The turns of those who read files only for their checksums.
    pub fn turns(&self) -> &Arc<Semaphore> {
        &self.turns
    }

    /// The checksum of a file, if it was read before and has not changed since.
    pub fn get(&self, stamp: &FileStamp) -> Option<u32> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&stamp.fingerprint()).copied()
    }

    /// Remembers the checksum of a file.
    pub fn put(&self, stamp: &FileStamp, crc: u32) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // This is rare, and costs no more than reading files again.
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(stamp.fingerprint(), crc);
    }
}
