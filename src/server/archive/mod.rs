//! A folder as one zip or tar, created while it is sent.
//!
//! The layout and length of the archive are known before its first byte is sent, so a download can
//! be resumed anywhere.
//!
//! ```text
//! root     what an archive contains
//! selection
//!          what a visitor has selected for one
//! selected what is there of that
//! walk     its files and folders, in order
//! name     their names in the archive
//! dos_time when they were changed, by the local clock
//! format   the records of a zip file
//! tar_format
//!          the records of a tar file
//! plan     where every byte comes from
//! total    the total size of a folder, without a plan
//! stream   writes any part of a zip
//! tar_stream
//!          writes any part of a tar
//! current  the file that is being sent
//! crc      earlier checksums, so that resuming doesn't read everything again
//! ```

mod crc;
mod current;
mod dos_time;
mod format;
mod name;
mod plan;
mod root;
mod selected;
mod selection;
mod stream;
mod tar_format;
mod tar_stream;
mod total;
mod walk;

use std::{io, ops::Range, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

pub use crc::Checksums;
pub use format::Form;
pub use plan::Plan;
pub use root::Root;
use root::RootId;
use selected::Base;
use selection::SelectionId;
pub use selection::{MAX_LIST_BYTES, NoSelection, Selection, Selections};
pub use stream::Zip;
pub use tar_stream::Tar;
pub use total::Total;

use super::{
    interner::Interner,
    share::{FolderResource, OpenShare, SharedContent},
    transport::Outbox,
    work::{Budget, Keep, Limits, SharedWork},
};

/// How many folders are planned at the same time, for all visitors of a share together.
const PLANS: usize = 2;

/// How many folders are counted at the same time. Downloads don't wait for these.
const TOTALS: usize = 1;

/// Limits for walking through a folder. Nobody waits longer than this for the public link, and
/// larger folders are refused because they would fill the memory.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(120),
    entries: 4_000_000,
    bytes: 1024 * 1024 * 1024,
};

/// How long a total is reused for others.
const TOTAL_KEPT: Duration = Duration::from_secs(5);

/// What the archives of a share have in common.
#[derive(Debug)]
pub struct Archives {
    checksums: Arc<Checksums>,
    walks: SharedWork<(Form, WantedId), Plan>,
    totals: SharedWork<WantedId, Total>,
    /// Plans of downloads in progress: visitors who download the same folder share one.
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
    /// Returns the plan of a folder, or of everything that was chosen, for the visitor of a
    /// connection.
    ///
    /// # Errors
    /// The errors of [`SharedWork::get`].
    pub async fn plan(
        &self,
        title: &[u8],
        share: &OpenShare,
        wanted: Wanted,
        form: Form,
        visitor: &Outbox,
    ) -> io::Result<Arc<Plan>> {
        let (id, roots) = wanted.work(title, share);
        let plan = self.walks.get((form, id), visitor.left(), move |budget| {
            Ok((Plan::new(roots(budget)?, form, budget)?, Keep::No))
        });
        Ok(self.plans.intern(plan.await?))
    }

    /// Returns the total of a folder, or of everything that was chosen, for the visitor of a
    /// connection. It may be a few seconds old.
    ///
    /// # Errors
    /// The errors of [`SharedWork::get`].
    pub async fn total(
        &self,
        title: &[u8],
        share: &OpenShare,
        wanted: Wanted,
        visitor: &Outbox,
    ) -> io::Result<Total> {
        let (id, roots) = wanted.work(title, share);
        let total = self.totals.get(id, visitor.left(), move |budget| {
            let total = Total::of(&roots(budget)?, budget)?;
            Ok((total, Keep::For(TOTAL_KEPT)))
        });
        Ok(*total.await?)
    }

    /// The bytes of `range` of the archive of a plan for a zip.
    pub fn zip(&self, plan: Arc<Plan>, range: Range<u64>) -> Zip {
        Zip::new(plan, Arc::clone(&self.checksums), range)
    }
}

/// What a visitor wants in an archive.
#[derive(Debug)]
pub struct Wanted {
    /// The folder; `None` for what was chosen together.
    pub folder: Option<FolderResource>,
    /// What is selected of it; `None` for everything.
    pub selection: Option<Arc<Selection>>,
}

/// Tells what is wanted from everything else, without keeping a folder open.
#[derive(Debug, PartialEq)]
struct WantedId {
    roots: Vec<RootId>,
    selection: Option<SelectionId>,
}

impl Wanted {
    /// What identifies it, and what finds the roots of the archive.
    fn work(
        self,
        title: &[u8],
        share: &OpenShare,
    ) -> (
        WantedId,
        impl FnOnce(&Budget) -> io::Result<Vec<Root>> + Send + use<>,
    ) {
        let chosen = match &share.content {
            SharedContent::Chosen(chosen) if self.folder.is_none() => chosen.as_slice(),
            _ => &[],
        };
        let whole: Vec<Root> = match &self.folder {
            Some(folder) => vec![Root::folder(folder, title)],
            None => chosen.iter().map(Root::chosen).collect(),
        };
        let id = WantedId {
            roots: whole.iter().map(Root::id).collect(),
            selection: self.selection.as_ref().map(|selection| selection.id()),
        };
        let selected = self.selection.map(|selection| {
            let base = match self.folder {
                Some(folder) => Base::Folder(folder),
                None => Base::Chosen(chosen.to_vec()),
            };
            (base, selection)
        });
        let roots = move |budget: &Budget| match selected {
            Some((base, selection)) => selected::roots(&base, &selection, budget),
            None => Ok(whole),
        };
        (id, roots)
    }
}
