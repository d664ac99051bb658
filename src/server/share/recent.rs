//! Remembers for a moment which part of a share is a website. Every response depends on it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::membership::Membership;

/// How long an answer is used. A change of the shared folder shows after this time at the latest.
const VALID: Duration = Duration::from_millis(500);

/// How many folders are remembered.
const MAX_FOLDERS: usize = 256;

/// The longest path that is remembered, in bytes.
const MAX_PATH_BYTES: usize = 1024;

/// Answers, and when they were found, by folder.
type Folders = HashMap<Box<[u8]>, (Membership, Instant)>;

/// What the files of the folders that were requested last are part of.
#[derive(Debug, Default)]
pub struct RecentMemberships(Mutex<Folders>);

impl RecentMemberships {
    /// The answer for a folder, if it is recent.
    pub fn get(&self, folder: &[u8], now: Instant) -> Option<Membership> {
        let (membership, found) = *self.folders().get(folder)?;
        (now.saturating_duration_since(found) < VALID).then_some(membership)
    }

    /// Remembers an answer that was true at `now`, unless the path is very long.
    pub fn insert(&self, folder: &[u8], membership: Membership, now: Instant) {
        if folder.len() > MAX_PATH_BYTES {
            return;
        }
        let mut folders = self.folders();
        if folders.len() >= MAX_FOLDERS && !folders.contains_key(folder) {
            folders.clear();
        }
        folders.insert(folder.into(), (membership, now));
    }

    fn folders(&self) -> MutexGuard<'_, Folders> {
        // No panic under this lock can leave it inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_used_for_a_moment() {
        let recent = RecentMemberships::default();
        let now = Instant::now();
        recent.insert(b"a", Membership::NestedSite, now);
        assert_eq!(recent.get(b"a", now), Some(Membership::NestedSite));
        assert_eq!(recent.get(b"b", now), None);
        assert_eq!(recent.get(b"a", now + VALID), None);
    }

    #[test]
    fn few_folders_are_remembered() {
        let recent = RecentMemberships::default();
        let now = Instant::now();
        for number in 0..10 * MAX_FOLDERS {
            recent.insert(&number.to_le_bytes(), Membership::Listing, now);
        }
        assert!(recent.folders().len() <= MAX_FOLDERS);
        let long = [b'a'; MAX_PATH_BYTES + 1];
        recent.insert(&long, Membership::Listing, now);
        assert_eq!(recent.get(&long, now), None);
        recent.insert(&long[1..], Membership::Listing, now);
        assert_eq!(recent.get(&long[1..], now), Some(Membership::Listing));
    }
}
