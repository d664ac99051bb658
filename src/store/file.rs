//! Files that survive a crash at any moment: the new content is written to a temporary file, which
//! then replaces the old one.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use serde::de::DeserializeOwned;

use super::temporary;
use crate::owner_only;

/// Replaces the content of the file at `path`. Readers see the old or the new content, never a part.
///
/// # Errors
/// The file can't be written. The old one is then still there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // Somebody may have removed the folder while the program is running.
    if let Some(dir) = path.parent().filter(|dir| !dir.exists()) {
        owner_only::create_dir(dir)?;
    }
    static WRITES: AtomicU32 = AtomicU32::new(0);
    let temporary = temporary::name_for(path, WRITES.fetch_add(1, Ordering::Relaxed));
    let written = write_synced(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The temporary file may not exist. The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Makes sure that the file at `path` exists and is empty.
///
/// # Errors
/// The file can't be written.
pub fn ensure_empty(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.len() == 0 => Ok(()),
        _ => replace(path, b""),
    }
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = owner_only::open_options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    file.write_all(content)?;
    // Otherwise, a power cut after the rename can leave an empty file.
    file.sync_all()
}

/// Renames a file that can't be parsed, so that its content is not lost. Returns its new path.
///
/// # Errors
/// The file can't be renamed.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = path.with_extension("broken");
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Reads a JSON file. `None` if it does not exist. A file that can't be parsed is set aside.
pub fn load<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            // A folder in its place would prevent all saving.
            let aside = path.is_dir().then(|| set_aside(path));
            tracing::warn!(%error, path = %path.display(), ?aside, "can't read a file of the program");
            return None;
        }
    };
    match serde_json::from_slice(&text) {
        Ok(content) => Some(content),
        Err(error) => {
            let aside = set_aside(path);
            tracing::warn!(%error, path = %path.display(), ?aside, "a file of the program is broken and was set aside");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_set_aside_and_not_lost() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("recent.json");
        fs::write(&file, b"[\"/home/a\", ").unwrap();
        assert_eq!(load::<Vec<String>>(&file), None);
        assert!(!file.exists());
        fs::create_dir(dir.path().join("resume.json")).unwrap();
        assert_eq!(load::<Vec<String>>(&dir.path().join("resume.json")), None);
        replace(&dir.path().join("resume.json"), b"{}").unwrap();
        assert_eq!(
            fs::read(dir.path().join("recent.broken")).unwrap(),
            b"[\"/home/a\", "
        );
    }

    #[test]
    fn a_removed_folder_is_created_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state/empty.yml");
        ensure_empty(&file).unwrap();
        fs::write(&file, "tunnel: other").unwrap();
        ensure_empty(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"");
        fs::remove_dir_all(dir.path().join("state")).unwrap();
        replace(&dir.path().join("state/recent.json"), b"[]").unwrap();
        let names: Vec<_> = fs::read_dir(dir.path().join("state"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["recent.json"], "no temporary file stays");
    }
}
