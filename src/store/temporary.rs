//! Temporary files: their names, and removing those that a killed program left.

use std::{
    ffi::OsStr,
    fs::{self, DirEntry},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

/// Extension of temporary files.
const EXTENSION: &str = ".tmp";
/// No write takes longer than this.
const WRITE_LIMIT: Duration = Duration::from_secs(600);

/// The name of the temporary file for `path`: `recent.4711-2.tmp`. `write` is a number that this
/// process uses only once.
pub fn name_for(path: &Path, write: u32) -> PathBuf {
    path.with_extension(format!("{}-{write}{EXTENSION}", process::id()))
}

/// Removes temporary files in `dir` that were left by programs killed while writing.
pub fn tidy(dir: &Path) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_leftover(&entry.file_name()) && is_old(entry)) {
        if let Err(error) = fs::remove_file(entry.path()) {
            tracing::info!(%error, path = %entry.path().display(), "can't remove a temporary file");
        }
    }
}

/// Whether nobody can be writing the file any more.
fn is_old(entry: &DirEntry) -> bool {
    let written = entry.metadata().and_then(|about| about.modified());
    written.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > WRITE_LIMIT))
}

/// Whether a file has the name of a temporary file of any process.
fn is_leftover(name: &OsStr) -> bool {
    let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(EXTENSION)) else {
        return false;
    };
    stem.rsplit_once('.')
        .and_then(|(_, owner)| owner.split_once('-'))
        .is_some_and(|(process, write)| {
            process.parse::<u32>().is_ok() && write.parse::<u32>().is_ok()
        })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn only_old_temporary_files_are_removed() {
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
}
