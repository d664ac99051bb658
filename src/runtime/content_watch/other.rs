//! Windows and macOS: watches the folders of the path with the system's own mechanism.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Watches the paths to some files and folders.
pub struct PathWatcher {
    _watcher: RecommendedWatcher,
    changes: mpsc::UnboundedReceiver<()>,
}

impl PathWatcher {
    /// Watches for changes of these files, folders and links, as far as the folders around them exist.
    ///
    /// # Errors
    /// No folder can be watched.
    pub fn new(steps: &[PathBuf]) -> io::Result<Self> {
        let (sender, changes) = mpsc::unbounded_channel();
        let paths = steps.to_vec();
        let mut watcher =
            notify::recommended_watcher(move |result: notify::Result<notify::Event>| {
                let is_relevant =
                    |changed: &PathBuf| paths.iter().any(|path| path.starts_with(changed));
                // An error may mean that the disk was removed.
                let matters = result.map_or(true, |event| {
                    event.need_rescan()
                        || (!event.kind.is_access() && event.paths.iter().any(is_relevant))
                });
                if matters {
                    // Fails if nobody is waiting any more.
                    let _ = sender.send(());
                }
            })
            .map_err(io::Error::other)?;
        let mut watched = 0;
        let folders: HashSet<&Path> = steps.iter().filter_map(|step| step.parent()).collect();
        for folder in folders {
            // Folders that don't exist or can't be read are covered by the others.
            watched += usize::from(watcher.watch(folder, RecursiveMode::NonRecursive).is_ok());
        }
        if watched == 0 {
            return Err(io::Error::other("no folder of the path can be watched"));
        }
        Ok(Self {
            _watcher: watcher,
            changes,
        })
    }

    /// Waits until something on the paths may have changed.
    pub async fn changed(&mut self) {
        self.changes.recv().await;
    }
}
