//! Windows and macOS: the folders on the way, watched by what the system has for that.

use std::{io, path::PathBuf};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Watches the ways to some places.
pub struct Watch {
    _watcher: RecommendedWatcher,
    changes: mpsc::UnboundedReceiver<()>,
}

impl Watch {
    /// Watches as much of the ways as there is.
    pub fn on(places: &[PathBuf]) -> io::Result<Self> {
        let (sender, changes) = mpsc::unbounded_channel();
        let ways = places.to_vec();
        let mut watcher =
            notify::recommended_watcher(move |told: notify::Result<notify::Event>| {
                let is_on_the_way = |path: &PathBuf| ways.iter().any(|way| way.starts_with(path));
                // An error may be the disk that was taken out.
                let matters = told.map_or(true, |event| {
                    event.need_rescan()
                        || (!event.kind.is_access() && event.paths.iter().any(is_on_the_way))
                });
                if matters {
                    // An error means that nobody waits any more.
                    let _ = sender.send(());
                }
            })
            .map_err(io::Error::other)?;
        let mut watched = 0;
        for folder in places.iter().flat_map(|place| place.ancestors().skip(1)) {
            // What is not there, or not ours to look into, is told by the others.
            watched += usize::from(watcher.watch(folder, RecursiveMode::NonRecursive).is_ok());
        }
        if watched == 0 {
            return Err(io::Error::other("no folder on the way can be watched"));
        }
        Ok(Self {
            _watcher: watcher,
            changes,
        })
    }

    /// Returns when something on the way may have changed.
    pub async fn changed(&mut self) {
        self.changes.recv().await;
    }
}
