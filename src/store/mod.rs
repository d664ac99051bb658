//! Files that survive a crash at any moment: written whole beside the old one, then renamed.

mod recent;
mod writer;

use std::{
    ffi::OsStr,
    fs::{self, DirEntry},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde::de::DeserializeOwned;

pub use self::{
    recent::{load_recent, recent_as_json},
    writer::Writer,
};
use crate::owner_only;

/// How the names of files end that are not yet what they are to be.
const TEMPORARY: &str = ".tmp";
/// No write takes longer.
const WRITE_LIMIT: Duration = Duration::from_secs(600);

/// Replaces the file at `path` by `content`; at no moment is there a half of it.
///
/// # Errors
/// What the file system answered; the old file is then still there.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // Somebody may have tidied up while the program runs.
    if let Some(dir) = path.parent().filter(|dir| !dir.exists()) {
        owner_only::create_dir(dir)?;
    }
    // Keeps two writers apart, in two processes and in one.
    static WRITES: AtomicU32 = AtomicU32::new(0);
    let (process, write) = (std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed));
    let temporary = path.with_extension(format!("{process}-{write}{TEMPORARY}"));
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
    let mut file = owner_only::open_options()
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

/// Reads a file of JSON: `None` where there is none. One that can't be understood is set aside.
pub fn load<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            // A folder in its place would keep everything from being saved.
            let aside = path.is_dir().then(|| set_aside(path));
            tracing::warn!(%error, path = %path.display(), ?aside, "a file of the program's own can't be read");
            return None;
        }
    };
    match serde_json::from_slice(&text) {
        Ok(content) => Some(content),
        Err(error) => {
            let aside = set_aside(path);
            tracing::warn!(%error, ?aside, "a file of the program's own is broken and was set aside");
            None
        }
    }
}

/// Removes what programs that were killed while they wrote have left in `dir`.
pub fn tidy(dir: &Path) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_leftover(&entry.file_name()) && is_old(entry)) {
        if let Err(error) = fs::remove_file(entry.path()) {
            tracing::info!(%error, path = %entry.path().display(), "a leftover stays");
        }
    }
}

/// Nobody is writing it any more.
fn is_old(entry: &DirEntry) -> bool {
    let written = entry.metadata().and_then(|about| about.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > WRITE_LIMIT))
}

/// Whether it has the name of a temporary file of some process: `recent.4711-2.tmp`.
fn is_leftover(name: &OsStr) -> bool {
    let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(TEMPORARY)) else {
        return false;
    };
    stem.rsplit_once('.')
        .and_then(|(_, whose)| whose.split_once('-'))
        .is_some_and(|(process, write)| {
            process.parse::<u32>().is_ok() && write.parse::<u32>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

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
    fn what_a_killed_program_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let own = ["recent.json", "recent.broken", "spot-serve.log", "my.tmp"];
        let long_ago = SystemTime::now() - 2 * WRITE_LIMIT;
        for name in own.iter().chain(&["resume.4711-0.tmp", "recent.1-20.tmp"]) {
            let file = fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        fs::write(dir.path().join("recent.2-0.tmp"), "is being written").unwrap();
        tidy(dir.path());
        for name in own.iter().chain(&["recent.2-0.tmp"]) {
            assert!(dir.path().join(name).exists(), "{name}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), own.len() + 1);
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
        replace(&dir.path().join("state/recent.json"), b"[]").unwrap();
        let names: Vec<_> = fs::read_dir(dir.path().join("state"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["recent.json"], "no temporary file stays");
    }
}
