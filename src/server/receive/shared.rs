//! What all uploads of a share have in common.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::AtomicBool},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::{Notify, OnceCell},
    task::spawn_blocking,
    time::Instant,
};

use super::{
    deliveries::Told,
    entry::{Stage, Upload},
    error::ReceiveError,
    notes::Note,
    parts::Parts,
    placer::Placer,
    reserved::Reserved,
    space::Space,
    table::Table,
};
use crate::server::{
    folder::Folder,
    share::{Presence, SharedContent},
    uploads::{UploadRules, Uploads},
};

/// How many visitors wait in a row until a small file is in its place.
const PATIENCE: f64 = 8.0;

/// How many more each second.
const PATIENCE_PER_S: f64 = 4.0;

/// When nothing has come for this long, nobody asks about complete files any more.
const TIDY_AFTER: Duration = Duration::from_secs(15 * 60);

/// What all uploads of a share have in common.
#[derive(Debug)]
pub struct Shared {
    presence: Presence,
    pub uploads: Uploads,
    pub space: Space,
    pub placer: Placer,
    pub reserved: Arc<Reserved>,
    table: Mutex<Table>,
    /// The open folder of parts, while somebody uses it.
    parts: Mutex<Weak<Parts>>,
    /// Whether it is known what was there before.
    pub recovered: OnceCell<()>,
    patience: Mutex<(f64, Instant)>,
    /// Something has to be done later than was known.
    pub clock: Arc<Notify>,
    pub has_clock: AtomicBool,
    /// When the folder of parts is tidied, if nothing comes before.
    tidy: Mutex<Option<Instant>>,
    /// Is called after each change of the folder.
    #[cfg(test)]
    pub steps: Mutex<super::parts::Steps>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The task that looks after the time ends.
        self.clock.notify_one();
    }
}

impl Shared {
    pub fn new(presence: Presence, uploads: Uploads) -> Arc<Self> {
        Arc::new(Self {
            presence,
            uploads,
            space: Space::default(),
            placer: Placer::default(),
            reserved: Arc::default(),
            table: Mutex::default(),
            parts: Mutex::default(),
            recovered: OnceCell::new(),
            patience: Mutex::new((PATIENCE, Instant::now())),
            clock: Arc::default(),
            tidy: Mutex::default(),
            #[cfg(test)]
            steps: Mutex::default(),
            has_clock: AtomicBool::new(false),
        })
    }

    pub fn table(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }

    /// What may be handed in.
    ///
    /// # Errors
    /// Nothing may.
    pub fn rules(&self) -> Result<Arc<UploadRules>, ReceiveError> {
        self.uploads.rules().ok_or(ReceiveError::Off)
    }

    /// Whether visitors see nothing of the folder.
    pub fn is_inbox(&self) -> bool {
        self.presence.is_inbox()
    }

    /// The shared folder, open.
    ///
    /// # Errors
    /// It is away, or takes nothing.
    pub async fn root(&self) -> Result<Folder, ReceiveError> {
        let share = self.presence.share().await;
        let share = share.ok_or(ReceiveError::Away(None))?;
        match &share.content {
            SharedContent::Folder(folder) | SharedContent::Inbox(folder) => Ok(folder.clone()),
            SharedContent::Chosen(_) => Err(ReceiveError::Off),
        }
    }

    /// The folder of parts, which is made if it is missing. May wait for the disk.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn parts(&self, root: &Folder) -> Result<Arc<Parts>, ReceiveError> {
        let mut last = lock(&self.parts);
        if let Some(parts) = last.upgrade()
            && parts.root().is_same(root)
        {
            return Ok(parts);
        }
        let parts = Parts::create(root).map_err(|error| self.failed(error))?;
        #[cfg(test)]
        let parts = parts.with_steps(lock(&self.steps).clone());
        let parts = Arc::new(parts);
        *last = Arc::downgrade(&parts);
        Ok(parts)
    }

    /// The folder of parts has to be opened anew.
    pub fn forget_parts(&self) {
        *lock(&self.parts) = Weak::new();
    }

    /// Keeps the record of an upload that goes on with another request.
    ///
    /// # Errors
    /// If it can't be kept.
    pub fn keep_record(&self, upload: &Upload, parts: &Parts) -> Result<(), ReceiveError> {
        let length = {
            let state = upload.state();
            if state.is_recorded {
                return Ok(());
            }
            state.length
        };
        let mut record = upload.record.clone();
        record.length = length;
        parts
            .write_record(&record)
            .map_err(|error| self.failed(error))?;
        upload.state().is_recorded = true;
        Ok(())
    }

    /// What an error of the disk means for a visitor.
    pub fn failed(&self, error: io::Error) -> ReceiveError {
        let error = ReceiveError::from_disk(error);
        match &error {
            ReceiveError::Away(_) => self.presence.doubt(),
            ReceiveError::Failed(error) => {
                tracing::warn!(%error, "a file that a visitor hands in can't be stored");
            }
            _ => {}
        }
        error
    }

    /// Whether a visitor may wait until a small file is in its place. Whoever sends many gets their
    /// answers at once.
    pub fn is_patient(&self) -> bool {
        let mut patience = lock(&self.patience);
        let now = Instant::now();
        let since = now.saturating_duration_since(patience.1).as_secs_f64();
        *patience = ((patience.0 + since * PATIENCE_PER_S).min(PATIENCE), now);
        let is_patient = patience.0 >= 1.0;
        if is_patient {
            patience.0 -= 1.0;
        }
        is_patient
    }

    /// Tells the owner of a delivery. May wait for the disk.
    pub fn tell(&self, told: Told, parts: &Parts) {
        let kept = Note::Told { delivery: told.id };
        self.uploads.delivered(told.delivered);
        // If the program ends here, the owner is told twice rather than never.
        if let Err(error) = parts.add_note(kept) {
            tracing::debug!(%error, "the owner may be told of a delivery again after a restart");
        }
    }

    /// Tells the owner of a delivery to this folder, if it is there.
    pub async fn tell_off_thread(self: &Arc<Self>, told: Told, root: Option<&Folder>) {
        let Some(root) = root.cloned() else {
            return self.uploads.delivered(told.delivered);
        };
        let shared = Arc::clone(self);
        let kept = off_thread(move || {
            match shared.parts(&root) {
                Ok(parts) => shared.tell(told, &parts),
                Err(_) => shared.uploads.delivered(told.delivered),
            }
            Ok(())
        });
        if let Err(error) = kept.await {
            tracing::warn!(%error, "the owner was not told of a delivery");
        }
    }

    /// Nothing has come for a while, from now on.
    pub fn tidy_later(&self) {
        *lock(&self.tidy) = Some(Instant::now() + TIDY_AFTER);
        self.clock.notify_one();
    }

    /// Like [`Shared::remove`], unless somebody has continued it.
    ///
    /// # Errors
    /// As there.
    pub fn remove_idle(&self, upload: &Upload, root: &Folder) -> Result<(), ReceiveError> {
        if upload.state().writer.is_some() {
            return Ok(());
        }
        self.remove(upload, root)
    }

    /// Removes an upload that is not complete, with its bytes. May wait for the disk.
    ///
    /// # Errors
    /// If they can't be removed; it is unknown from now on anyway.
    pub fn remove(&self, upload: &Upload, root: &Folder) -> Result<(), ReceiveError> {
        let writer = {
            let mut state = upload.state();
            if state.stage != Stage::Open {
                return Err(ReceiveError::Removed);
            }
            state.stage = Stage::Removed;
            state.progress.end();
            state.writer.take()
        };
        upload.changed.notify_waiters();
        if let Some(writer) = writer {
            writer.lose();
            // Waits until nothing is written any more.
            drop(writer.file().take());
        }
        self.table().remove(upload);
        let parts = Parts::open(root).map_err(|error| self.failed(error))?;
        let removed = parts.map_or(Ok(()), |parts| parts.remove(upload.record.id));
        removed.map_err(|error| self.failed(error))
    }

    /// When something has to be done: an upload expires, a delivery is given up, a file is put in its
    /// place after all, or the folder of parts is tidied. `None` if there is nothing to do.
    pub fn next_due(&self, retry: Duration) -> Option<Instant> {
        let table = self.table();
        let now = SystemTime::now();
        let uploads = table.uploads.values().filter_map(|upload| {
            let state = upload.state();
            match state.stage {
                Stage::Open => Some(state.expires().duration_since(now).unwrap_or_default()),
                Stage::Stuck(_) => Some(retry),
                _ => None,
            }
        });
        let uploads = uploads.min().map(|time| Instant::now() + time);
        let given_up = table.deliveries.next_given_up();
        let tidy = *lock(&self.tidy);
        let tidy = tidy.filter(|_| table.uploads.is_empty());
        uploads.into_iter().chain(given_up).chain(tidy).min()
    }

    /// Whether nothing came for a while, once.
    pub fn is_tidy_due(&self) -> bool {
        let mut tidy = lock(&self.tidy);
        let is_due = tidy.is_some_and(|at| at <= Instant::now());
        let is_idle = self.table().uploads.is_empty();
        if is_due {
            *tidy = None;
        }
        is_due && is_idle
    }
}

/// Runs work that may wait for the disk on a thread made for that.
///
/// # Errors
/// Those of `work`, and one if it panics.
pub async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReceiveError> + Send + 'static,
) -> Result<T, ReceiveError> {
    let done = spawn_blocking(work).await;
    done.map_err(|error| ReceiveError::Failed(io::Error::other(error)))?
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No panic under these locks can leave anything inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
