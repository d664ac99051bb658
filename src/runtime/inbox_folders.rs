//! Folders that are made for files that visitors hand in. One that stays empty is removed again.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::owner_only;

/// The folders that are used for received files now.
#[derive(Debug, Clone, Default)]
pub struct InboxFolders(Arc<Mutex<HashMap<PathBuf, Uses>>>);

#[derive(Debug, Default)]
struct Uses {
    count: usize,
    /// This program has made the folder.
    is_made: bool,
}

/// A folder that exists and is used. When the last use of it is dropped, it is removed if it was made
/// for that and is still empty.
#[derive(Debug)]
pub struct InboxUse {
    folders: InboxFolders,
    folder: PathBuf,
}

impl InboxFolders {
    /// Makes the folder if it is missing. May wait for the disk.
    ///
    /// # Errors
    /// It can't be made.
    pub fn make(&self, folder: &Path) -> io::Result<InboxUse> {
        // Nobody removes it in between.
        let mut folders = self.locked();
        let is_missing = !folder.is_dir();
        if is_missing {
            owner_only::create_dir(folder)?;
        }
        let uses = folders.entry(folder.to_owned()).or_default();
        uses.count += 1;
        uses.is_made |= is_missing;
        drop(folders);
        Ok(InboxUse {
            folders: self.clone(),
            folder: folder.to_owned(),
        })
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<PathBuf, Uses>> {
        // No panic under this lock can leave it inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InboxUse {
    fn drop(&mut self) {
        let mut folders = self.folders.locked();
        let Some(uses) = folders.get_mut(&self.folder) else {
            return;
        };
        uses.count -= 1;
        if uses.count > 0 {
            return;
        }
        let is_made = uses.is_made;
        folders.remove(&self.folder);
        if is_made {
            // Fails if something is in it, and then it stays.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_made_and_stays_empty_is_removed_after_its_last_use() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("Downloads/Received Files");
        let folders = InboxFolders::default();
        let first = folders.make(&folder).unwrap();
        let second = folders.make(&folder).unwrap();
        drop(first);
        assert!(folder.is_dir());
        drop(second);
        assert!(!folder.exists());
        let again = folders.make(&folder).unwrap();
        fs::write(folder.join("a.txt"), "").unwrap();
        drop(again);
        assert!(folder.join("a.txt").exists());
    }

    #[test]
    fn an_own_folder_stays_even_if_it_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        drop(InboxFolders::default().make(dir.path()));
        assert!(dir.path().is_dir());
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(InboxFolders::default().make(&file).is_err());
    }
}
