//! What is shared and in no file of the user, such as standard input: it stays as long as its share.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
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
    by_share: HashMap<ShareId, Spooled>,
    /// Large files being removed. The program waits for them before it ends.
    removals: JoinSet<()>,
}

/// Files whose share has not begun.
#[derive(Clone, Default)]
pub struct Arrivals(Arc<Mutex<Vec<Spooled>>>);

impl Arrivals {
    /// Keeps a file until its share does.
    pub fn extend(&self, spooled: Option<Spooled>) {
        let mut arrived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.extend(spooled);
    }

    fn clear(&self) {
        let mut arrived = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.clear();
    }
}

impl SpooledFiles {
    pub fn new(spool: PathBuf) -> Self {
        let tidied = spool.clone();
        spawn_blocking(move || spool::tidy(&tidied));
        Self {
            spool,
            arrivals: Arrivals::default(),
            by_share: HashMap::new(),
            removals: JoinSet::new(),
        }
    }

    /// Where files wait for their share.
    pub fn arrivals(&self) -> Arrivals {
        self.arrivals.clone()
    }

    /// Keeps the file of a share, if it is in the spool.
    pub fn hold(&mut self, share: ShareId, target: &Target) {
        let file = target.spooled();
        if let Some(held) = file.and_then(|file| spool::hold(&self.spool, file)) {
            self.by_share.insert(share, held);
            let mut arrived = (self.arrivals.0.lock()).unwrap_or_else(PoisonError::into_inner);
            arrived.retain(|spooled| Some(spooled.path()) != file);
        }
    }

    /// Removes the files of shares that are gone.
    pub fn keep(&mut self, is_there: impl Fn(ShareId) -> bool) {
        for (_, gone) in self.by_share.extract_if(|share, _| !is_there(*share)) {
            self.removals.spawn_blocking(move || drop(gone));
        }
        while self.removals.try_join_next().is_some() {}
    }

    /// Removes all of them.
    pub async fn close(mut self) {
        self.keep(|_| false);
        self.arrivals.clear();
        while self.removals.join_next().await.is_some() {}
    }
}
