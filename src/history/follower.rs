//! Follows the file while others write it.

use std::{
    io,
    path::Path,
    sync::mpsc::{self, Receiver, Sender},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::{entry::Entry, file::HistoryFile};

/// How often to look even if the system tells of no change, as with some network drives.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// How often to look if the system can't tell.
const UNWATCHED_INTERVAL: Duration = Duration::from_millis(500);

/// Returns each entry once, also after the file was shortened or cleared.
#[derive(Debug)]
pub struct Follower {
    file: HistoryFile,
    last: u64,
    watch: Option<Watch>,
}

/// Tells of changes of the file.
#[derive(Debug)]
struct Watch {
    changes: Receiver<()>,
    /// Without a watcher, nobody else would keep the channel open.
    #[expect(dead_code, reason = "keeps the channel open")]
    sender: Sender<()>,
    /// None if the system can't tell.
    watcher: Option<RecommendedWatcher>,
}

impl Follower {
    /// Follows the file from its first entry on.
    pub fn of(file: HistoryFile) -> Self {
        Self {
            file,
            last: 0,
            watch: None,
        }
    }

    /// The entries that were added since the last call, the oldest first. May be none.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn news(&mut self) -> io::Result<Vec<Entry>> {
        let entries = self.file.read_after(self.last)?;
        if let Some(newest) = entries.last() {
            self.last = newest.id;
        }
        Ok(entries)
    }

    /// Waits until something may have been added.
    pub fn wait(&mut self) {
        let Some(watch) = &self.watch else {
            // Something may have been added before it was watched.
            self.watch = Some(Watch::of(self.file.path()));
            return;
        };
        let interval = match watch.watcher {
            Some(_) => LOOK_INTERVAL,
            None => UNWATCHED_INTERVAL,
        };
        let _ = watch.changes.recv_timeout(interval);
        // One look is enough for all of them.
        while watch.changes.try_recv().is_ok() {}
    }
}

impl Watch {
    fn of(file: &Path) -> Self {
        let (changed, changes) = mpsc::channel();
        let sender = changed.clone();
        let watcher = watch(file, move || {
            // Fails if nobody follows any more.
            let _ = changed.send(());
        });
        let watcher = watcher
            .inspect_err(|error| tracing::info!(%error, "can't watch the history"))
            .ok();
        Self {
            changes,
            sender,
            watcher,
        }
    }
}

/// The folder, because the file is replaced at times.
fn watch(
    file: &Path,
    changed: impl Fn() + Send + 'static,
) -> Result<RecommendedWatcher, notify::Error> {
    let name = file.file_name().map(ToOwned::to_owned);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_relevant = event.is_ok_and(|event| {
            !event.kind.is_access()
                && event
                    .paths
                    .iter()
                    .any(|path| path.file_name() == name.as_deref())
        });
        if is_relevant {
            changed();
        }
    })?;
    let dir = file.parent().unwrap_or(file);
    watcher.watch(dir, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{history::Kind, store};

    #[test]
    fn each_entry_is_told_once_whatever_becomes_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.jsonl");
        let mut file = HistoryFile::at(path.clone());
        let mut follower = Follower::of(file.clone());
        assert_eq!(follower.news().unwrap(), []);
        let mut told = Vec::new();
        for number in 0..30 {
            let name = number.to_string();
            file.append(&mut [Entry::now(Kind::Visit, &name, &name)])
                .unwrap();
            match number {
                // As when it is shortened.
                10 => store::replace(&path, &fs::read(&path).unwrap()).unwrap(),
                // What is cleared before anybody looks is gone.
                20 => {
                    told.extend(follower.news().unwrap());
                    file.clear().unwrap();
                }
                _ => {}
            }
            if number % 3 == 0 {
                follower.wait();
                told.extend(follower.news().unwrap());
            }
        }
        told.extend(follower.news().unwrap());
        let told: Vec<_> = told.iter().map(|entry| entry.name.clone()).collect();
        let all: Vec<_> = (0..30).map(|number| number.to_string()).collect();
        assert_eq!(told, all);
    }
}
