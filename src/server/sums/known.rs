//! The sums of files that were read before.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::reading::Sum;
use crate::server::folder::FileStamp;

/// How many sums are kept: about 1 MB when full.
const CAPACITY: usize = 10_000;

/// Sums, by the fingerprint of the file.
#[derive(Debug, Default)]
pub struct KnownSums(Mutex<HashMap<u64, Sum>>);

impl KnownSums {
    /// The sum of a file, if it was read before and has not changed since.
    pub fn get(&self, stamp: &FileStamp) -> Option<Sum> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Otherwise it may have changed and have the same stamp.
        stamp
            .is_rested
            .then(|| known.get(&stamp.fingerprint()).copied())?
    }

    /// Remembers the sum of a file.
    pub fn put(&self, stamp: &FileStamp, sum: Sum) {
        if !stamp.is_rested {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // This is rare, and costs no more than reading files again.
        if known.len() >= CAPACITY {
            known.clear();
        }
        known.insert(stamp.fingerprint(), sum);
    }
}
