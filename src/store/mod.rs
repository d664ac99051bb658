//! Files that survive a crash at any moment: written whole beside the old one, then renamed.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::private;

/// Replaces the file at `path` by `content`; at no moment is there a half of it.
///
/// # Errors
/// What the file system answered; the old file is then still there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // Somebody may have tidied up while the program runs.
    if let Some(dir) = path.parent().filter(|dir| !dir.exists()) {
        private::create_dir(dir)?;
    }
    // The process id keeps two writers apart; a leftover of a crash is overwritten by its next owner.
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = write_synced(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The temporary file may never have come to be; the first error is the one that tells.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Makes sure that an empty file is at `path`.
pub fn keep_empty(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.len() == 0 => Ok(()),
        _ => replace(path, b""),
    }
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private::open_options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    file.write_all(content)?;
    // Without it a power cut after the rename can leave an empty file.
    file.sync_all()
}

/// Moves a file that can't be understood out of the way, so that nothing in it is lost.
///
/// Returns its new place.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = path.with_extension("broken");
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Reads the recent folders: `None` when there never were any.
pub fn load_recent(path: &Path) -> Option<Vec<PathBuf>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the recent folders can't be read");
            return None;
        }
    };
    match serde_json::from_str(&text) {
        Ok(paths) => Some(paths),
        Err(error) => {
            let aside = set_aside(path);
            tracing::warn!(%error, ?aside, "the list of recent folders is broken and was set aside");
            None
        }
    }
}

/// Writes the recent folders. A path that is not UTF-8 can't be kept in JSON and is left out.
pub fn save_recent(path: &Path, folders: &[PathBuf]) -> io::Result<()> {
    let texts: Vec<&str> = folders
        .iter()
        .filter_map(|folder| folder.to_str())
        .collect();
    replace(path, &serde_json::to_vec(&texts)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_list_is_set_aside_and_not_lost() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("recent.json");
        fs::write(&file, b"[\"/home/a\", ").unwrap();
        assert_eq!(load_recent(&file), None);
        assert!(!file.exists());
        assert_eq!(
            fs::read(dir.path().join("recent.broken")).unwrap(),
            b"[\"/home/a\", "
        );
    }

    #[test]
    fn a_folder_that_somebody_has_removed_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("state/empty.yml");
        keep_empty(&file).unwrap();
        fs::write(&file, "tunnel: other").unwrap();
        keep_empty(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"");
        fs::remove_dir_all(dir.path().join("state")).unwrap();
        save_recent(&dir.path().join("state/recent.json"), &[]).unwrap();
    }

    #[test]
    fn the_list_comes_back_as_it_was_saved() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("recent.json");
        let folders = vec![PathBuf::from("/a b"), PathBuf::from("/写真")];
        save_recent(&file, &folders).unwrap();
        assert_eq!(load_recent(&file), Some(folders));
        let names: Vec<_> = fs::read_dir(&dir)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        assert_eq!(names, ["recent.json"], "no temporary file stays");
    }
}
