//! Writes a file beside whoever changes it: a slow disk holds up no share.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use serde::Serialize;

/// A file that is written as often as what is in it changes. Dropping this waits for the last
/// write.
#[derive(Debug)]
pub struct Writer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    state: Mutex<State>,
    is_written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// What is to be written next. Of several that wait only the last matters.
    next: Option<Vec<u8>>,
    /// A thread is there that takes what is next; it ends when there is nothing.
    is_writing: bool,
}

impl Writer {
    pub fn to(path: PathBuf) -> Self {
        Self(Arc::new(Shared {
            path,
            state: Mutex::default(),
            is_written: Condvar::new(),
        }))
    }

    /// Writes this as JSON, at once or as soon as the one before is written. What goes wrong is in
    /// the log.
    pub fn save(&self, content: &impl Serialize) {
        let content = match serde_json::to_vec(content) {
            Ok(content) => content,
            Err(error) => {
                tracing::error!(%error, path = %self.0.path.display(), "this can't be kept as JSON");
                return;
            }
        };
        let mut state = self.0.state();
        state.next = Some(content);
        if std::mem::replace(&mut state.is_writing, true) {
            return;
        }
        drop(state);
        let shared = Arc::clone(&self.0);
        let started = thread::Builder::new()
            .name("store".into())
            .spawn(move || shared.write_all());
        if started.is_err() {
            self.0.write_all();
        }
    }

    /// Whether there is a file, or will be one.
    pub fn is_there(&self) -> bool {
        self.0.state().is_writing || self.0.path.exists()
    }

    /// Waits until everything is written.
    pub fn finish(&self) {
        let state = self.0.state();
        // Nothing is half done under this lock.
        let _state = self
            .0
            .is_written
            .wait_while(state, |state| state.is_writing)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_all(&self) {
        loop {
            let mut state = self.state();
            let Some(content) = state.next.take() else {
                state.is_writing = false;
                self.is_written.notify_all();
                return;
            };
            drop(state);
            if let Err(error) = super::replace(&self.path, &content) {
                tracing::warn!(%error, path = %self.path.display(), "this can't be saved");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_many_changes_is_what_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/recent.json");
        let writer = Writer::to(path.clone());
        for number in 0..1000 {
            writer.save(&[number]);
        }
        writer.finish();
        assert_eq!(super::super::load(&path), Some([999]));
        writer.save(&[1000]);
        drop(writer);
        assert_eq!(super::super::load(&path), Some([1000]));
    }
}
