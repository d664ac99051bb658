//! Settings that are changed while the program runs.

use std::path::Path;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::Events;
use crate::config::Config;

/// Tells of each change of the settings for as long as the watcher lives; `None` where changes
/// can't be noticed, so that they take effect at the next start.
pub fn watch(file: &Path, events: &Events) -> Option<RecommendedWatcher> {
    // Editors replace the file, so its folder is what is watched.
    let dir = file.parent()?;
    let mut last = Config::load(file).ok();
    let (watched, events) = (file.to_owned(), events.clone());
    let started = notify::recommended_watcher(move |happened: notify::Result<notify::Event>| {
        let is_about_it =
            happened.is_ok_and(|event| !event.kind.is_access() && event.paths.contains(&watched));
        if !is_about_it {
            return;
        }
        let now = Config::load(&watched);
        // A write comes as several events.
        if let Ok(now) = &now
            && last.replace(now.clone()).as_ref() == Some(now)
        {
            return;
        }
        events.settings(now);
    })
    .and_then(|mut watcher| {
        watcher.watch(dir, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    match started {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "changes of the settings take effect at the next start");
            None
        }
    }
}
