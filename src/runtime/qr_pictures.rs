//! The pictures of QR codes that the desktop's viewer shows. They are files, which only their owner
//! can read, and are removed with the links in them.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::task::{JoinSet, spawn_blocking};

use super::events::Events;
use crate::{
    app::{Event, ShareId},
    desktop::browser,
    paths::Paths,
    qr, store,
};

/// The pictures that exist.
pub struct QrPictures {
    paths: Paths,
    /// Whether the picture of a share is still wanted.
    wanted: HashMap<ShareId, Arc<AtomicBool>>,
    /// Held while a file is written or removed, so that no picture stays that is not wanted.
    at_work: Arc<Mutex<()>>,
    /// Files being removed. The program waits for them before it ends.
    removals: JoinSet<()>,
}

impl QrPictures {
    pub fn new(paths: Paths) -> Self {
        Self {
            paths,
            wanted: HashMap::new(),
            at_work: Arc::default(),
            removals: JoinSet::new(),
        }
    }

    /// Saves the picture of a link and opens it.
    pub fn show(&mut self, share: ShareId, link: String, events: &Events) {
        self.forget(share);
        let is_wanted = Arc::new(AtomicBool::new(true));
        self.wanted.insert(share, Arc::clone(&is_wanted));
        let file = self.file(share);
        let at_work = Arc::clone(&self.at_work);
        let events = events.clone();
        tokio::spawn(async move {
            let path = file.clone();
            let saving = spawn_blocking(move || {
                let _at_work = at_work.lock().unwrap_or_else(PoisonError::into_inner);
                if !is_wanted.load(Ordering::Relaxed) {
                    return Ok(false);
                }
                save(&path, &link).map(|()| true)
            });
            let shown = match saving.await {
                Ok(Ok(true)) => browser::open(file.into()).await.map_err(|e| e.to_string()),
                Ok(Err(reason)) => Err(reason),
                // It is no longer wanted, or the program is ending.
                Ok(Ok(false)) | Err(_) => Ok(()),
            };
            if let Err(sentence) = shown {
                events.send(Event::ActionFailed(sentence));
            }
        });
    }

    /// Removes the picture of a share, if it was shown.
    pub fn remove(&mut self, share: ShareId) {
        if !self.forget(share) {
            return;
        }
        while self.removals.try_join_next().is_some() {}
        let file = self.file(share);
        let at_work = Arc::clone(&self.at_work);
        self.removals.spawn_blocking(move || {
            let _at_work = at_work.lock().unwrap_or_else(PoisonError::into_inner);
            remove(&file);
        });
    }

    /// Removes the pictures that are left before the program ends. Those of another process, such as
    /// the program in the tray while a share in a terminal ends, stay.
    pub async fn close(mut self) {
        let shares: Vec<ShareId> = self.wanted.keys().copied().collect();
        for share in shares {
            self.remove(share);
        }
        while self.removals.join_next().await.is_some() {}
    }

    /// Returns whether the picture was wanted.
    fn forget(&mut self, share: ShareId) -> bool {
        let Some(is_wanted) = self.wanted.remove(&share) else {
            return false;
        };
        is_wanted.store(false, Ordering::Relaxed);
        true
    }

    fn file(&self, share: ShareId) -> PathBuf {
        self.paths.qr_code_file(share.0)
    }
}

/// Removes all pictures, such as those that a killed program left.
pub fn remove_all(paths: &Paths) {
    for file in paths.qr_code_files() {
        remove(&file);
    }
}

fn save(path: &Path, link: &str) -> Result<(), String> {
    let code = qr::Code::of(link).map_err(|error| error.to_string())?;
    let failed = |reason: String| format!("Couldn't save the QR code: {reason}");
    let picture = qr::png(&code).map_err(|error| failed(error.to_string()))?;
    store::replace(path, &picture).map_err(|error| {
        failed(format!(
            "{}: {error}. Use `spot-serve qr` in a terminal.",
            path.display()
        ))
    })
}

fn remove(file: &Path) {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "can't remove the picture of a QR code");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://a.example";

    fn paths(dir: &Path) -> Paths {
        Paths {
            config: dir.to_owned(),
            state: dir.to_owned(),
            runtime: dir.to_owned(),
            data: dir.to_owned(),
            thumbnails: dir.to_owned(),
            home: None,
        }
    }

    #[tokio::test]
    async fn the_pictures_of_another_process_stay() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let other = ShareId(1);
        let picture = paths.qr_code_file(other.0);
        save(&picture, LINK).unwrap();
        // A share in a terminal may have the same number.
        let mut pictures = QrPictures::new(paths);
        pictures.remove(other);
        pictures.close().await;
        assert!(picture.exists());
    }

    #[tokio::test]
    async fn its_own_pictures_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut pictures = QrPictures::new(paths(dir.path()));
        let files = [1, 2].map(|number| {
            let wanted = Arc::new(AtomicBool::new(true));
            pictures.wanted.insert(ShareId(number), wanted);
            pictures.file(ShareId(number))
        });
        for file in &files {
            save(file, LINK).unwrap();
        }
        pictures.remove(ShareId(1));
        pictures.close().await;
        assert!(files.iter().all(|file| !file.exists()));
    }
}
