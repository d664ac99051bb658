//! What is shared and in no file of the user, such as standard input: it stays as long as its share.

use std::{collections::HashMap, path::PathBuf};

use tokio::task::{JoinSet, spawn_blocking};

use crate::{
    app::{ShareId, Target},
    spool::{self, Spooled},
};

/// The files in the spool that shares need.
pub struct SpooledFiles {
    spool: PathBuf,
    by_share: HashMap<ShareId, Spooled>,
    /// Large files being removed. The program waits for them before it ends.
    removals: JoinSet<()>,
}

impl SpooledFiles {
    pub fn new(spool: PathBuf) -> Self {
        let tidied = spool.clone();
        spawn_blocking(move || spool::tidy(&tidied));
        Self {
            spool,
            by_share: HashMap::new(),
            removals: JoinSet::new(),
        }
    }

    /// Keeps the file of a share, if it is in the spool.
    pub fn hold(&mut self, share: ShareId, target: &Target) {
        if let Target::Spooled(file) = target
            && let Some(held) = spool::hold(&self.spool, file)
        {
            self.by_share.insert(share, held);
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
        while self.removals.join_next().await.is_some() {}
    }
}
