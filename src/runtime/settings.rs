//! Watches for changes of the settings while the program runs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

use super::events::{Events, Message};
use crate::config::{self, Config};

/// Saving a file causes several events, and at the first one the file may be half written.
const SETTLES_WITHIN: Duration = Duration::from_millis(100);
/// The longest chain of links to follow.
const MAX_LINKS: usize = 8;
/// How many times to retry when folders move during the search.
const MAX_ATTEMPTS: usize = 8;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct SettingsWatch(JoinHandle<()>);

impl Drop for SettingsWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Reports each change of the settings while the returned watch lives; `None` if changes can't be
/// noticed, so that they take effect at the next start.
pub fn watch(file: &Path, events: &Events) -> Option<SettingsWatch> {
    let known = config::read(file).ok();
    let (touched, touches) = mpsc::unbounded_channel();
    match FileWatcher::start(file, touched) {
        Ok(watcher) => Some(SettingsWatch(tokio::spawn(report_changes(
            watcher,
            known,
            touches,
            events.clone(),
        )))),
        Err(error) => {
            tracing::warn!(%error, "can't watch the settings; changes take effect at the next start");
            None
        }
    }
}

/// `known`: the text of the settings that are in effect.
async fn report_changes(
    mut watcher: FileWatcher,
    mut known: Option<String>,
    mut touches: mpsc::UnboundedReceiver<()>,
    events: Events,
) {
    while touches.recv().await.is_some() {
        sleep(SETTLES_WITHIN).await;
        while touches.try_recv().is_ok() {}
        let reading = spawn_blocking(move || {
            // Updates the watches before reading, so that no change is missed in between.
            watcher.follow();
            let read = config::read(&watcher.file);
            (watcher, read)
        });
        // Fails if the program is ending.
        let Ok((same, read)) = reading.await else {
            return;
        };
        watcher = same;
        let settings = match read {
            Ok(text) if known.as_ref() == Some(&text) => continue,
            Ok(text) => Config::parse(known.insert(text), &watcher.file),
            Err(error) => {
                known = None;
                Err(error)
            }
        };
        events.send_message(Message::Settings(settings));
    }
}

/// Watches a file, also behind links and when its folder is recreated.
struct FileWatcher {
    file: PathBuf,
    watcher: RecommendedWatcher,
    /// Shared with the watcher's thread.
    watched: Arc<Mutex<WatchedPaths>>,
}

impl FileWatcher {
    fn start(file: &Path, touched: mpsc::UnboundedSender<()>) -> notify::Result<Self> {
        let watched = Arc::new(Mutex::new(WatchedPaths::default()));
        let relevant = Arc::clone(&watched);
        let watcher = notify::recommended_watcher(move |result: notify::Result<notify::Event>| {
            let is_relevant = result.is_ok_and(|event| {
                let watched = relevant.lock().unwrap_or_else(PoisonError::into_inner);
                !event.kind.is_access() && event.paths.iter().any(|path| watched.contains(path))
            });
            if is_relevant {
                // Fails if nobody is waiting any more.
                let _ = touched.send(());
            }
        })?;
        let mut this = Self {
            file: file.to_owned(),
            watcher,
            watched,
        };
        this.follow();
        Ok(this)
    }

    /// Watches the folders that matter now. Watches on the previous folders are renewed, because
    /// another folder may have taken their place.
    fn follow(&mut self) {
        for _ in 0..MAX_ATTEMPTS {
            let now = WatchedPaths::of(&self.file);
            let before = {
                let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::replace(&mut *watched, now.clone())
            };
            for dir in before.dirs {
                // Fails for a folder that is gone.
                let _ = self.watcher.unwatch(&dir);
            }
            let mut are_watched = true;
            for dir in &now.dirs {
                if let Err(error) = self.watcher.watch(dir, RecursiveMode::NonRecursive) {
                    tracing::info!(%error, "can't watch a folder of the settings");
                    are_watched = false;
                }
            }
            // Otherwise something changed before it was watched. A folder that couldn't be watched may
            // be another one by now.
            if are_watched && WatchedPaths::of(&self.file) == now {
                return;
            }
        }
    }
}

/// The paths that decide which file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct WatchedPaths {
    /// The folders to watch, because editors replace files. In place of a missing folder, the
    /// nearest one that exists.
    dirs: BTreeSet<PathBuf>,
    /// The file, the links that lead to it, and the folders that are missing.
    steps: BTreeSet<PathBuf>,
}

impl WatchedPaths {
    fn of(file: &Path) -> Self {
        let mut paths = Self::default();
        let mut next = Some(file.to_owned());
        for _ in 0..=MAX_LINKS {
            let Some(step) = next else { break };
            next = fs::read_link(&step).ok().and_then(|target| {
                // A relative target starts at the real folder of the link.
                Some(fs::canonicalize(step.parent()?).ok()?.join(target))
            });
            paths.add(step);
        }
        paths
    }

    fn add(&mut self, step: PathBuf) {
        let Some(dir) = step.parent().map(Path::to_owned) else {
            return;
        };
        self.steps.insert(step);
        if dir.is_dir() {
            if dir.is_symlink()
                && let Some(above) = dir.parent()
            {
                self.dirs.insert(above.to_owned());
            }
            self.dirs.insert(dir);
        } else {
            self.add(dir);
        }
    }

    fn contains(&self, path: &Path) -> bool {
        // A watched folder appears itself when it is removed or moved.
        self.steps.contains(path) || self.dirs.contains(path)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_is_watched_at_both_ends() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let (config, dotfiles) = (root.join("config"), root.join("dotfiles"));
        fs::create_dir(&config).unwrap();
        fs::create_dir(&dotfiles).unwrap();
        symlink("../dotfiles/mine.toml", config.join("config.toml")).unwrap();
        let paths = WatchedPaths::of(&config.join("config.toml"));
        assert!(paths.dirs.contains(&config), "{paths:?}");
        assert!(
            paths.contains(&config.join("../dotfiles/mine.toml")),
            "{paths:?}"
        );
        assert_eq!(paths.dirs.len(), 2, "{paths:?}");
    }

    #[test]
    fn the_nearest_existing_folder_is_watched_in_place_of_a_missing_one() {
        let root = tempfile::tempdir().unwrap();
        let paths = WatchedPaths::of(&root.path().join("a/b/config.toml"));
        assert_eq!(paths.dirs, BTreeSet::from([root.path().to_owned()]));
        assert!(paths.contains(&root.path().join("a")), "{paths:?}");
        assert!(!paths.contains(&root.path().join("c")), "{paths:?}");
    }

    #[test]
    fn a_link_to_itself_is_followed_no_further() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        symlink(&file, &file).unwrap();
        assert_eq!(WatchedPaths::of(&file).dirs.len(), 1);
    }
}
