//! What is shared and in no file of the user, such as standard input: it stays as long as its share.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::{JoinSet, spawn_blocking};

use crate::{
    app::{ShareId, Target},
    spool::{self, Spooled},
};

/// The files in the spool that shares need.
pub struct SpooledFiles {
    spool: PathBuf,
    arrivals: Arrivals,
    by_share: Arc<Mutex<HashMap<ShareId, Spooled>>>,
    /// Files being held, and large ones being removed. The program waits for them before it ends.
    tasks: JoinSet<()>,
}

/// Files whose share has not begun.
#[derive(Clone, Default)]
pub struct Arrivals(Arc<Mutex<Vec<Spooled>>>);

impl Arrivals {
    /// Keeps a file until its share does.
    pub fn extend(&self, spooled: Option<Spooled>) {
        locked(&self.0).extend(spooled);
    }
}

impl SpooledFiles {
    pub fn new(spool: PathBuf) -> Self {
        let tidied = spool.clone();
        spawn_blocking(move || spool::tidy(&tidied));
        Self {
            spool,
            arrivals: Arrivals::default(),
            by_share: Arc::default(),
            tasks: JoinSet::new(),
        }
    }

    /// Where files wait for their share.
    pub fn arrivals(&self) -> Arrivals {
        self.arrivals.clone()
    }

    /// Keeps the file of a share, if it is in the spool.
    pub fn hold(&mut self, share: ShareId, target: &Target) {
        let Some(file) = target.spooled().map(Path::to_owned) else {
            return;
        };
        let (spool, arrivals) = (self.spool.clone(), self.arrivals());
        let by_share = Arc::clone(&self.by_share);
        self.tasks.spawn_blocking(move || {
            if let Some(held) = spool::hold(&spool, &file) {
                locked(&by_share).insert(share, held);
                locked(&arrivals.0).retain(|spooled| spooled.path() != file);
            }
        });
    }

    /// Removes the files of shares that are gone.
    pub fn keep(&mut self, is_there: impl Fn(ShareId) -> bool) {
        let mut by_share = locked(&self.by_share);
        for (_, gone) in by_share.extract_if(|share, _| !is_there(*share)) {
            self.tasks.spawn_blocking(move || drop(gone));
        }
        drop(by_share);
        while self.tasks.try_join_next().is_some() {}
    }

    /// Removes all of them.
    pub async fn close(mut self) {
        // One may just be being held.
        while self.tasks.join_next().await.is_some() {}
        self.keep(|_| false);
        locked(&self.arrivals.0).clear();
        while self.tasks.join_next().await.is_some() {}
    }
}

fn locked<T>(files: &Mutex<T>) -> MutexGuard<'_, T> {
    // No panic under these locks can leave them inconsistent.
    files.lock().unwrap_or_else(PoisonError::into_inner)
}
