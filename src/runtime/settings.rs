//! Settings that are changed while the program runs.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};

use super::Events;
use crate::config::{self, Config};

/// One save of an editor is several events, and the file may be half written at the first.
const SETTLES_WITHIN: Duration = Duration::from_millis(100);

/// Tells of each change of the settings for as long as the watcher lives; `None` where changes
/// can't be noticed, so that they take effect at the next start.
pub fn watch(file: &Path, events: &Events) -> Option<RecommendedWatcher> {
    // Editors replace the file, so its folder is what is watched.
    let dir = file.parent()?;
    let known = config::read(file).ok();
    let (touched, touches) = mpsc::unbounded_channel();
    let watched = file.to_owned();
    let started = notify::recommended_watcher(move |happened: notify::Result<notify::Event>| {
        let is_about_it =
            happened.is_ok_and(|event| !event.kind.is_access() && event.paths.contains(&watched));
        if is_about_it {
            // An error means that nobody wants to know any more.
            let _ = touched.send(());
        }
    })
    .and_then(|mut watcher| {
        watcher.watch(dir, RecursiveMode::NonRecursive)?;
        Ok(watcher)
    });
    match started {
        Ok(watcher) => {
            tokio::spawn(tell_changes(
                file.to_owned(),
                known,
                touches,
                events.clone(),
            ));
            Some(watcher)
        }
        Err(error) => {
            tracing::warn!(%error, "changes of the settings take effect at the next start");
            None
        }
    }
}

/// `known`: the text that the program knows already. It ends with the watcher.
async fn tell_changes(
    file: PathBuf,
    mut known: Option<String>,
    mut touches: mpsc::UnboundedReceiver<()>,
    events: Events,
) {
    while touches.recv().await.is_some() {
        sleep(SETTLES_WITHIN).await;
        while touches.try_recv().is_ok() {}
        let read = spawn_blocking({
            let file = file.clone();
            move || config::read(&file)
        });
        // An error means that the program is ending.
        let Ok(read) = read.await else { return };
        let settings = match read {
            Ok(text) if known.as_ref() == Some(&text) => continue,
            Ok(text) => Config::parse(known.insert(text), &file),
            Err(error) => {
                known = None;
                Err(error)
            }
        };
        events.settings(settings);
    }
}
