//! Checksums of files that were read before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::server::folder::Kept;

/// Checksums that are kept: about 3 MB when full.
const CAPACITY: usize = 100_000;

/// CRC-32 of files as they were, by their fingerprint.
#[derive(Debug, Default)]
pub struct Checksums {
    known: Mutex<HashMap<u64, u32>>,
}

impl Checksums {
    /// The checksum of a file, if it was read before and has not changed since.
    pub fn get(&self, kept: &Kept) -> Option<u32> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&kept.fingerprint()).copied()
    }

    /// Keeps the checksum of a file.
    pub fn put(&self, kept: &Kept, crc: u32) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Starting over is rare, and costs no more than reading files again.
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(kept.fingerprint(), crc);
    }
}
