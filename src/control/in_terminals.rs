//! How the shares in terminals are. Each program that shares from a terminal keeps a file that says so, for as
//! long as it runs, because it takes no commands.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::instance_lock::{InstanceLock, InstanceLockError};
use crate::app::{StateWord, Status};

/// How the names of the files begin.
const PREFIX: &str = "terminal-";
/// Held while the program runs.
const LOCK: &str = "lock";
/// How its share is, as JSON.
const CONDITION: &str = "json";

/// A file that nobody holds and that is older was left by a program that is gone.
const OLD: Duration = Duration::from_secs(60);

/// How a share is, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub name: String,
    /// Visitors can open its link.
    pub works: bool,
    /// Its link, or why it doesn't work.
    pub words: String,
}

impl Condition {
    pub fn of(share: &Status) -> Self {
        let works = match share.state {
            StateWord::Online => share.reachable,
            // What was begun before the limit was reached may finish.
            StateWord::Ending => true,
            _ => false,
        };
        let link = share.link.clone().filter(|_| works);
        Self {
            name: share.name.clone(),
            works,
            words: link.unwrap_or_else(|| share.status_text.clone()),
        }
    }
}

/// The file of this program. It goes with the program.
#[derive(Debug)]
pub struct OwnFile {
    #[expect(dead_code, reason = "others look whether it is held")]
    lock: InstanceLock,
    path: PathBuf,
    last: Option<Condition>,
}

impl OwnFile {
    /// Begins to say how the share of this program is, in the folder for what lasts as long as the session.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn begin(runtime: &Path) -> Result<Self, InstanceLockError> {
        let path = runtime.join(format!("{PREFIX}{}", process::id()));
        Ok(Self {
            lock: InstanceLock::acquire(&path.with_extension(LOCK))?,
            path,
            last: None,
        })
    }

    /// Notes how the share is now.
    pub fn note(&mut self, share: &Status) {
        let now = Condition::of(share);
        if self.last.as_ref() == Some(&now) {
            return;
        }
        match self.write(&now) {
            Ok(()) => self.last = Some(now),
            Err(error) => tracing::warn!(%error, "can't write how the share is"),
        }
    }

    /// Others see the file whole. After a crash of the system nobody needs it.
    fn write(&self, condition: &Condition) -> io::Result<()> {
        let new = self.path.with_extension("new");
        fs::write(&new, serde_json::to_vec(condition)?)?;
        fs::rename(new, self.path.with_extension(CONDITION))
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// How the shares of all programs in terminals are.
pub fn conditions(runtime: &Path) -> Vec<Condition> {
    let entries = fs::read_dir(runtime).into_iter().flatten().flatten();
    let locks = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(PREFIX) && path.extension().is_some_and(|end| end == LOCK)
    });
    locks.filter_map(|lock| condition(&lock)).collect()
}

/// `None` if the program is gone.
fn condition(lock: &Path) -> Option<Condition> {
    if InstanceLock::held_by_another(lock).is_none() {
        let modified = fs::metadata(lock).and_then(|it| it.modified()).ok()?;
        if modified.elapsed().is_ok_and(|age| age > OLD) {
            remove(lock);
        }
        return None;
    }
    let read = fs::read(lock.with_extension(CONDITION)).ok();
    let read = read.and_then(|json| serde_json::from_slice(&json).ok());
    Some(read.unwrap_or_else(|| Condition {
        name: "A share in a terminal".into(),
        works: false,
        words: "starting…".into(),
    }))
}

/// Removes the files of a program; `path` may have any ending.
fn remove(path: &Path) {
    for ending in [CONDITION, LOCK] {
        // What stays is removed by the next look.
        let _ = fs::remove_file(path.with_extension(ending));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_seen_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(conditions(dir.path()), []);
        let own = OwnFile::begin(dir.path()).unwrap();
        assert!(!conditions(dir.path())[0].works);
        let online = Condition {
            name: "Photos".into(),
            works: true,
            words: "https://a.example/".into(),
        };
        own.write(&online).unwrap();
        assert_eq!(conditions(dir.path()), [online]);
        drop(own);
        assert_eq!(conditions(dir.path()), []);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_program_that_was_killed_is_not_seen() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("terminal-7.lock"), "7").unwrap();
        fs::write(dir.path().join("terminal-7.json"), "{}").unwrap();
        assert_eq!(conditions(dir.path()), []);
    }
}
