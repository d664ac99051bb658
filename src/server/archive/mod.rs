//! A folder as one zip, made while it is sent.
//!
//! The whole layout of the archive is known before its first byte is sent. So is its length, and a
//! download can be resumed anywhere.
//!
//! ```text
//! root     what an archive is made of
//! walk     its files and folders, in its order
//! name     what they are called in it
//! format   what the records of a zip look like
//! plan     where every byte comes from
//! total    what a folder comes to, without a plan
//! stream   writes an archive from any place to any other
//! current  the file that is being sent
//! crc      checksums from before, so that resuming does not mean reading everything again
//! ```

mod crc;
mod current;
mod format;
mod name;
mod plan;
mod root;
mod stream;
mod total;
mod walk;

use std::{io, ops::Range, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

pub use crc::Checksums;
pub use plan::Plan;
pub use root::Root;
pub use stream::Zip;
pub use total::Total;

use super::{
    interner::Interner,
    share::{FolderResource, OpenShare, SharedContent},
    transport::Outbox,
    work::{Keep, Limits, SharedWork},
};

/// Folders that are laid out at the same time, for all visitors of a share together.
const PLANS: usize = 2;

/// Folders that are counted at the same time, which downloads don't wait for.
const TOTALS: usize = 1;

/// What walking through a folder may cost. Nobody waits longer behind the public link, and larger
/// folders are refused rather than taking the memory for them.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(120),
    entries: 4_000_000,
    bytes: 1024 * 1024 * 1024,
};

/// How long a total is told to others.
const TOTAL_KEPT: Duration = Duration::from_secs(5);

/// What the archives of a share have in common.
#[derive(Debug)]
pub struct Archives {
    checksums: Arc<Checksums>,
    walks: SharedWork<Vec<Root>, Plan>,
    totals: SharedWork<Vec<Root>, Total>,
    /// Plans that downloads under way go by: many visitors who take the same folder have one.
    plans: Interner<Plan>,
}

impl Default for Archives {
    fn default() -> Self {
        Self {
            checksums: Arc::default(),
            walks: SharedWork::new(Arc::new(Semaphore::new(PLANS)), LIMITS),
            totals: SharedWork::new(Arc::new(Semaphore::new(TOTALS)), LIMITS),
            plans: Interner::default(),
        }
    }
}

impl Archives {
    /// The plan of a folder, or of all that was chosen, for the visitor of a connection.
    ///
    /// # Errors
    /// The errors of [`SharedWork::get`].
    pub async fn plan(
        &self,
        title: &[u8],
        share: &OpenShare,
        folder: Option<FolderResource>,
        visitor: &Outbox,
    ) -> io::Result<Arc<Plan>> {
        let roots = roots(title, share, folder);
        let plan = self
            .walks
            .get(roots.clone(), visitor.left(), move |budget| {
                Ok((Plan::new(roots, budget)?, Keep::No))
            });
        Ok(self.plans.intern(plan.await?))
    }

    /// What a folder, or all that was chosen, comes to, for the visitor of a connection. It may have
    /// been counted a few seconds ago.
    ///
    /// # Errors
    /// The errors of [`SharedWork::get`].
    pub async fn total(
        &self,
        title: &[u8],
        share: &OpenShare,
        folder: Option<FolderResource>,
        visitor: &Outbox,
    ) -> io::Result<Total> {
        let roots = roots(title, share, folder);
        let total = self
            .totals
            .get(roots.clone(), visitor.left(), move |budget| {
                Ok((Total::of(&roots, budget)?, Keep::For(TOTAL_KEPT)))
            });
        Ok(*total.await?)
    }

    /// The bytes of `range` of a plan's archive.
    pub fn zip(&self, plan: Arc<Plan>, range: Range<u64>) -> Zip {
        Zip::new(plan, Arc::clone(&self.checksums), range)
    }
}

/// What an archive of a folder, or of all that was chosen, is made of.
fn roots(title: &[u8], share: &OpenShare, folder: Option<FolderResource>) -> Vec<Root> {
    match (folder, &share.content) {
        (Some(folder), _) => vec![Root::folder(folder, title)],
        (None, SharedContent::Chosen(chosen)) => chosen.iter().map(Root::chosen).collect(),
        (None, SharedContent::Folder(_)) => Vec::new(),
    }
}
