//! What was given to the program to share and is in no file: standard input, and the clipboard. It is
//! kept in a file that only its owner can read, for as long as it is shared.
//!
//! Each file has a folder of its own, with a lock beside it. Whoever needs the file holds the lock, and
//! the last one removes both. What nobody holds was left by a program that was killed.

mod name;

use std::{
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

pub use name::{UnusableName, checked, for_content};

use crate::owner_only;

/// The lock in the folder of a file. No file to share has a name like that.
const LOCK: &str = ".lock";

/// A folder without a lock is just being made, unless it is older than this.
const MAKING_LIMIT: Duration = Duration::from_secs(60);

/// How often to begin again, should others remove what is just being made.
const ATTEMPTS: usize = 20;

/// A file in the spool, held until this is dropped.
#[derive(Debug)]
pub struct Spooled {
    /// The folder of the file.
    folder: PathBuf,
    path: PathBuf,
    /// Locked, and shared with others who need the file. `None` once it was let go.
    lock: Option<File>,
}

/// Makes an empty file with this name in the spool, which is made if it is missing.
///
/// # Errors
/// Those of the file system.
pub fn create(spool: &Path, name: &str) -> io::Result<(File, Spooled)> {
    for _ in 0..ATTEMPTS {
        match make(spool, name) {
            // Another process was faster to lock it, took it for one that was left, and removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            made => return made,
        }
    }
    make(spool, name)
}

fn make(spool: &Path, name: &str) -> io::Result<(File, Spooled)> {
    static FILES: AtomicU32 = AtomicU32::new(0);
    owner_only::create_dir(spool)?;
    let folder = loop {
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let folder = spool.join(format!("{}-{number}", process::id()));
        match owner_only::create_new_dir(&folder) {
            // Another process had the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => break made.map(|()| folder)?,
        }
    };
    let spooled = lock(&folder).map(|lock| Spooled {
        path: folder.join(name),
        folder: folder.clone(),
        lock: Some(lock),
    });
    let made = spooled.and_then(|spooled| {
        let mut options = owner_only::open_options();
        let file = options.write(true).create_new(true).open(&spooled.path)?;
        Ok((file, spooled))
    });
    if made.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_dir_all(&folder);
    }
    made
}

/// Holds a file that somebody else has put into the spool. `None` if there is no such file.
pub fn hold(spool: &Path, path: &Path) -> Option<Spooled> {
    let folder = path
        .parent()
        .filter(|folder| folder.parent() == Some(spool))?;
    let lock = lock(folder).ok()?;
    let spooled = Spooled {
        folder: folder.to_owned(),
        path: path.to_owned(),
        lock: Some(lock),
    };
    // It may have been removed before it was locked.
    path.exists().then_some(spooled)
}

/// Removes what killed programs have left.
pub fn tidy(spool: &Path) {
    for entry in fs::read_dir(spool).into_iter().flatten().flatten() {
        // The spool may be a link to a folder with other things in it.
        if !is_ours(&entry.file_name()) {
            continue;
        }
        let folder = entry.path();
        if folder.join(LOCK).exists() {
            remove_unless_held(&folder);
        } else {
            let made = entry.metadata().and_then(|about| about.modified());
            let is_old = made.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > MAKING_LIMIT));
            if is_old {
                remove(&folder);
            }
        }
    }
}

impl Spooled {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file another name.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn rename(&mut self, name: &str) -> io::Result<()> {
        let path = self.folder.join(name);
        if path != self.path {
            fs::rename(&self.path, &path)?;
            self.path = path;
        }
        Ok(())
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        self.lock = None;
        remove_unless_held(&self.folder);
    }
}

/// Takes the lock of a folder, together with others who hold it.
fn lock(folder: &Path) -> io::Result<File> {
    let file = open_lock(folder)?;
    file.lock_shared()?;
    Ok(file)
}

fn open_lock(folder: &Path) -> io::Result<File> {
    let mut options = owner_only::open_options();
    let options = options.write(true).create(true).truncate(false);
    options.open(folder.join(LOCK))
}

/// Whether a folder is called like those that are made here.
fn is_ours(name: &OsStr) -> bool {
    let name = name.to_str().and_then(|name| name.split_once('-'));
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    name.is_some_and(|(process, number)| is_number(process) && is_number(number))
}

fn remove_unless_held(folder: &Path) {
    let lock = match open_lock(folder) {
        Ok(lock) => lock,
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, "can't look whether a spooled file is needed");
            }
            return;
        }
    };
    match lock.try_lock() {
        Ok(()) => {
            // Windows removes no file that is open.
            let _locked = (!cfg!(windows)).then_some(lock);
            remove(folder);
        }
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "can't look whether a spooled file is needed");
        }
    }
}

fn remove(folder: &Path) {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "can't remove a spooled file");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn spooled(spool: &Path, name: &str) -> Spooled {
        let (mut file, spooled) = create(spool, name).unwrap();
        file.write_all(b"private").unwrap();
        spooled
    }

    #[test]
    fn the_last_who_holds_a_file_removes_it() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let mut first = spooled(&spool, "a.txt");
        first.rename("b.txt").unwrap();
        let path = first.path().to_owned();
        assert_eq!(fs::read(&path).unwrap(), b"private");
        let second = hold(&spool, &path).unwrap();
        drop(first);
        assert!(path.exists());
        tidy(&spool);
        assert!(path.exists(), "somebody holds it");
        drop(second);
        assert_eq!(fs::read_dir(&spool).unwrap().count(), 0);
        assert!(hold(&spool, &path).is_none());
    }

    #[test]
    fn what_a_killed_program_left_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let kept = spooled(&spool, "kept.txt");
        let mut left = spooled(&spool, "left.txt");
        // The system does this at the end of a process.
        left.lock = None;
        let path = left.path().to_owned();
        std::mem::forget(left);
        let being_made = spool.join("1-1");
        fs::create_dir(&being_made).unwrap();
        let other = spool.join("Photos");
        fs::create_dir(&other).unwrap();
        File::create(other.join(LOCK)).unwrap();
        tidy(&spool);
        assert!(!path.exists() && kept.path().exists() && being_made.exists());
        assert!(other.exists(), "it is not one of ours");
    }

    #[test]
    fn only_what_is_in_the_spool_can_be_held() {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let file = dir.path().join("own.txt");
        fs::write(&file, "own").unwrap();
        assert!(hold(&spool, &file).is_none());
        assert!(hold(&spool, &spool.join("../own.txt")).is_none());
        assert!(file.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let file = spooled(&spool, "a.txt");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(file.path()), 0o600);
        assert_eq!(mode(file.path().parent().unwrap()), 0o700);
        assert_eq!(mode(&spool), 0o700);
    }
}
