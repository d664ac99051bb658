//! Settings that are changed while the program runs.

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

use super::Events;
use crate::config::{self, Config};

/// One save of an editor is several events, and the file may be half written at the first.
const SETTLES_WITHIN: Duration = Duration::from_millis(100);
/// A link to a link to a link… leads no further.
const MOST_LINKS: usize = 8;
/// Folders that are moved while they are looked for are looked for again so often.
const MOST_LOOKS: usize = 8;

/// Ends when it is dropped.
#[derive(Debug)]
pub struct Watching(JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Tells of each change of the settings for as long as the result lives; `None` where changes
/// can't be noticed, so that they take effect at the next start.
pub fn watch(file: &Path, events: &Events) -> Option<Watching> {
    let known = config::read(file).ok();
    let (touched, touches) = mpsc::unbounded_channel();
    match Watch::start(file, touched) {
        Ok(watch) => Some(Watching(tokio::spawn(tell_changes(
            watch,
            known,
            touches,
            events.clone(),
        )))),
        Err(error) => {
            tracing::warn!(%error, "changes of the settings take effect at the next start");
            None
        }
    }
}

/// `known`: the text that the program knows already.
async fn tell_changes(
    mut watch: Watch,
    mut known: Option<String>,
    mut touches: mpsc::UnboundedReceiver<()>,
    events: Events,
) {
    while touches.recv().await.is_some() {
        sleep(SETTLES_WITHIN).await;
        while touches.try_recv().is_ok() {}
        let looked = spawn_blocking(move || {
            // Before it is read, so that no change comes between.
            watch.follow();
            let read = config::read(&watch.file);
            (watch, read)
        });
        // An error means that the program is ending.
        let Ok((same, read)) = looked.await else {
            return;
        };
        watch = same;
        let settings = match read {
            Ok(text) if known.as_ref() == Some(&text) => continue,
            Ok(text) => Config::parse(known.insert(text), &watch.file),
            Err(error) => {
                known = None;
                Err(error)
            }
        };
        events.settings(settings);
    }
}

/// Watches wherever the file is, also where links lead and its folder is made anew.
struct Watch {
    file: PathBuf,
    watcher: RecommendedWatcher,
    /// What the watcher looks at, shared with its thread.
    about: Arc<Mutex<Places>>,
}

impl Watch {
    fn start(file: &Path, touched: mpsc::UnboundedSender<()>) -> notify::Result<Self> {
        let about = Arc::new(Mutex::new(Places::default()));
        let asked = Arc::clone(&about);
        let watcher =
            notify::recommended_watcher(move |happened: notify::Result<notify::Event>| {
                let is_about_it = happened.is_ok_and(|event| {
                    let places = asked.lock().unwrap_or_else(PoisonError::into_inner);
                    !event.kind.is_access() && event.paths.iter().any(|path| places.has(path))
                });
                if is_about_it {
                    // An error means that nobody wants to know any more.
                    let _ = touched.send(());
                }
            })?;
        let mut watch = Self {
            file: file.to_owned(),
            watcher,
            about,
        };
        watch.follow();
        Ok(watch)
    }

    /// Watches the folders that matter now. Those of before are watched anew: another one may be
    /// in their place.
    fn follow(&mut self) {
        for _ in 0..MOST_LOOKS {
            let now = Places::of(&self.file);
            let before = {
                let mut about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::replace(&mut *about, now.clone())
            };
            for dir in before.dirs {
                // One that is gone is not watched any more.
                let _ = self.watcher.unwatch(&dir);
            }
            for dir in &now.dirs {
                if let Err(error) = self.watcher.watch(dir, RecursiveMode::NonRecursive) {
                    tracing::info!(%error, "changes of the settings there are not noticed");
                }
            }
            // What came or went before it was watched.
            if Places::of(&self.file) == now {
                return;
            }
        }
    }
}

/// What decides which file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Places {
    /// Editors replace a file, so its folder is what is watched; of one that is not there, the
    /// nearest that is.
    dirs: BTreeSet<PathBuf>,
    /// The file, the links on the way to it, and what is missing on that way.
    steps: BTreeSet<PathBuf>,
}

impl Places {
    fn of(file: &Path) -> Self {
        let mut places = Self::default();
        let mut next = Some(file.to_owned());
        for _ in 0..=MOST_LINKS {
            let Some(step) = next else { break };
            next = fs::read_link(&step).ok().and_then(|leads_to| {
                // A relative one begins where the link really is.
                Some(fs::canonicalize(step.parent()?).ok()?.join(leads_to))
            });
            places.add(step);
        }
        places
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

    fn has(&self, path: &Path) -> bool {
        // The folder itself was removed or moved.
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
        let places = Places::of(&config.join("config.toml"));
        assert!(places.dirs.contains(&config), "{places:?}");
        assert!(
            places.has(&config.join("../dotfiles/mine.toml")),
            "{places:?}"
        );
        assert_eq!(places.dirs.len(), 2, "{places:?}");
    }

    #[test]
    fn where_the_folder_is_missing_the_nearest_above_is_watched() {
        let root = tempfile::tempdir().unwrap();
        let places = Places::of(&root.path().join("a/b/config.toml"));
        assert_eq!(places.dirs, BTreeSet::from([root.path().to_owned()]));
        assert!(places.has(&root.path().join("a")), "{places:?}");
        assert!(!places.has(&root.path().join("c")), "{places:?}");
    }

    #[test]
    fn a_link_to_itself_leads_nowhere() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        symlink(&file, &file).unwrap();
        assert_eq!(Places::of(&file).dirs.len(), 1);
    }
}
