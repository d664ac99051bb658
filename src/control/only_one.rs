//! The lock that makes one program the one; the system releases it however that program ends.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
    thread,
    time::Duration,
};

use crate::private;

/// How often, and how long after one another, it is looked whether the lock is free.
const LOOKS: u32 = 6;
const PACE: Duration = Duration::from_millis(50);

/// The right to be the one; it lasts as long as this lives.
#[derive(Debug)]
pub struct OnlyOne(#[expect(dead_code, reason = "the open file is the lock")] File);

/// This program can't become the one.
#[derive(Debug, thiserror::Error)]
pub enum OnlyOneError {
    /// Another one runs, with this process id if it could be read.
    #[error("Spot Serve runs already{}. Look for its icon in the tray.", .0.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    RunsAlready(Option<u32>),
    #[error("Spot Serve can't use its lock file {path}: {source}. Make its folder writable.")]
    Unusable { path: String, source: io::Error },
}

impl OnlyOne {
    /// Takes the lock at `path`, or says that another program holds it. A file that is left of
    /// a crash holds no lock.
    pub fn try_become(path: &Path) -> Result<Self, OnlyOneError> {
        let unusable = |source| OnlyOneError::Unusable {
            path: path.display().to_string(),
            source,
        };
        let mut file = private::open_options()
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
                // Only for the message; Windows does not let a locked file be read.
                let _ = file.read_to_string(&mut text);
                return Err(OnlyOneError::RunsAlready(text.trim().parse().ok()));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        // Only for the message: a full disk is no reason not to run.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self(file))
    }

    /// Whether another program is the one, with its process id if it could be read. Leaves no file
    /// where there is none.
    pub fn of_another(path: &Path) -> Option<Option<u32>> {
        if !path.exists() {
            return None;
        }
        match Self::try_become(path) {
            Err(OnlyOneError::RunsAlready(pid)) => Some(pid),
            Ok(_) | Err(OnlyOneError::Unusable { .. }) => None,
        }
    }
}

/// Somebody who only looks whether it is held holds it for a moment.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PACE),
            done => return done,
        }
    }
    file.try_lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = OnlyOne::try_become(&path).unwrap();
        let second = OnlyOne::try_become(&path).unwrap_err();
        assert!(
            matches!(second, OnlyOneError::RunsAlready(Some(pid)) if pid == std::process::id())
        );
        let pid = Some(std::process::id());
        assert_eq!(OnlyOne::of_another(&path), Some(pid));
        drop(first);
        assert_eq!(OnlyOne::of_another(&path), None);
        OnlyOne::try_become(&path).unwrap();
    }

    #[test]
    fn a_lock_file_that_a_crash_left_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        std::fs::write(&path, "4194304").unwrap();
        OnlyOne::try_become(&path).unwrap();
    }
}
