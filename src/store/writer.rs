//! Writes a file in the background, so that a slow disk delays nothing else.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use serde::Serialize;

use super::file;

/// A file that is written whenever its content changes. Dropping this waits for the last write.
#[derive(Debug)]
pub struct Writer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    progress: Mutex<Progress>,
    is_written: Condvar,
}

#[derive(Debug, Default)]
struct Progress {
    /// What to write next. A newer content replaces one that is still waiting.
    next: Option<Vec<u8>>,
    /// A thread is running that writes `next`. It ends when there is nothing to write.
    is_writing: bool,
}

impl Writer {
    pub fn to(path: PathBuf) -> Self {
        Self(Arc::new(Shared {
            path,
            progress: Mutex::default(),
            is_written: Condvar::new(),
        }))
    }

    /// Writes `content` as JSON, as soon as the write before it is finished. Failures are logged.
    pub fn save(&self, content: &impl Serialize) {
        let content = match serde_json::to_vec(content) {
            Ok(content) => content,
            Err(error) => {
                tracing::error!(%error, path = %self.0.path.display(), "can't represent this as JSON");
                return;
            }
        };
        let mut progress = self.0.progress();
        progress.next = Some(content);
        if std::mem::replace(&mut progress.is_writing, true) {
            return;
        }
        drop(progress);
        let shared = Arc::clone(&self.0);
        let started = thread::Builder::new()
            .name("store".into())
            .spawn(move || shared.write_all());
        if started.is_err() {
            self.0.write_all();
        }
    }

    /// Whether the file exists, or will in a moment.
    pub fn has_file(&self) -> bool {
        self.0.progress().is_writing || self.0.path.exists()
    }

    /// Waits until everything is written.
    pub fn finish(&self) {
        let progress = self.0.progress();
        // A panic under the lock leaves nothing half done.
        let _progress = self
            .0
            .is_written
            .wait_while(progress, |progress| progress.is_writing)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self) {
        loop {
            let mut progress = self.progress();
            let Some(content) = progress.next.take() else {
                progress.is_writing = false;
                self.is_written.notify_all();
                return;
            };
            drop(progress);
            if let Err(error) = file::replace(&self.path, &content) {
                tracing::warn!(%error, path = %self.path.display(), "can't save a file of the program");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_many_changes_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/recent.json");
        let writer = Writer::to(path.clone());
        for number in 0..1000 {
            writer.save(&[number]);
        }
        writer.finish();
        assert_eq!(file::load(&path), Some([999]));
        writer.save(&[1000]);
        drop(writer);
        assert_eq!(file::load(&path), Some([1000]));
    }
}
