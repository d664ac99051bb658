//! The lock that only one running program can hold. The system releases it however that program
//! ends.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

use crate::owner_only;

/// Attempts to take the lock, and the pause between them.
const ATTEMPTS: u32 = 6;
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Held for as long as the program is the running one.
#[derive(Debug)]
pub struct InstanceLock(#[expect(dead_code, reason = "the open file holds the lock")] File);

/// The lock can't be taken.
#[derive(Debug, thiserror::Error)]
pub enum InstanceLockError {
    /// Another program holds it, with this process id if known.
    #[error("Spot Serve is already running{}.", .0.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    AlreadyRunning(Option<u32>),
    #[error("Can't use the lock file {path}: {source}. Make its folder writable and start again.")]
    Unusable { path: PathBuf, source: io::Error },
}

impl InstanceLock {
    /// Takes the lock at `path`. A file left by a crash does not hold it.
    ///
    /// # Errors
    /// Another program holds the lock, or the file can't be used.
    pub fn acquire(path: &Path) -> Result<Self, InstanceLockError> {
        let unusable = |source| InstanceLockError::Unusable {
            path: path.to_owned(),
            source,
        };
        let mut file = owner_only::open_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(unusable)?;
        match try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Only the message needs it, and Windows doesn't allow reading a locked file.
                let _ = file.read_to_string(&mut text);
                return Err(InstanceLockError::AlreadyRunning(text.trim().parse().ok()));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        // Only the message needs it: run on a full disk too.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", process::id()));
        Ok(Self(file))
    }

    /// Whether another program holds the lock, with its process id if known. Does not create the
    /// file.
    pub fn held_by_another(path: &Path) -> Option<Option<u32>> {
        if !path.exists() {
            return None;
        }
        match Self::acquire(path) {
            Err(InstanceLockError::AlreadyRunning(pid)) => Some(pid),
            Ok(_) | Err(InstanceLockError::Unusable { .. }) => None,
        }
    }
}

/// Tries for a while, since [`InstanceLock::held_by_another`] holds the lock for a moment.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(RETRY_INTERVAL),
            result => return result,
        }
    }
    file.try_lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_learns_the_process_id_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = InstanceLock::acquire(&path).unwrap();
        let second = InstanceLock::acquire(&path).unwrap_err();
        let pid = Some(process::id());
        assert!(matches!(second, InstanceLockError::AlreadyRunning(found) if found == pid));
        assert_eq!(InstanceLock::held_by_another(&path), Some(pid));
        drop(first);
        assert_eq!(InstanceLock::held_by_another(&path), None);
        InstanceLock::acquire(&path).unwrap();
    }

    #[test]
    fn a_lock_file_left_by_a_crash_is_not_held() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        std::fs::write(&path, "4194304").unwrap();
        InstanceLock::acquire(&path).unwrap();
    }
}
