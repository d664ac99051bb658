//! Checksums of files that were read before, and turns for those that are still to be read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use crate::server::folder::FileStamp;

/// Checksums that are kept: about 3 MB when full.
const CAPACITY: usize = 100_000;

/// Visitors of a share for whom files are read for their checksums alone, at a time. The other
/// threads that may wait for the disk are left for what is sent.
const HASHING: usize = 2;

/// CRC-32 of files as they were, by their fingerprint.
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
    /// Where those who have to read files for their checksums alone wait for their turn.
    pub fn turns(&self) -> &Arc<Semaphore> {
        &self.turns
    }

    /// The checksum of a file, if it was read before and has not changed since.
    pub fn get(&self, stamp: &FileStamp) -> Option<u32> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&stamp.fingerprint()).copied()
    }

    /// Keeps the checksum of a file.
    pub fn put(&self, stamp: &FileStamp, crc: u32) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Starting over is rare, and costs no more than reading files again.
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(stamp.fingerprint(), crc);
    }
}
