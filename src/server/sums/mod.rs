//! SHA-256 sums of files, for people who want to check what they downloaded.
//!
//! A sum of a large file takes minutes, and anyone with a link can ask for it. So one file is read at
//! a time for all shares of this process, once for everybody who asks, and only while somebody does.
//!
//! ```text
//! askers   who waits for sums
//! known    the sums of files that were read before
//! reading  reads a file
//! line     a sum as sha256sum writes it
//! ```

mod askers;
mod known;
mod line;
mod reading;

use std::{
    io,
    sync::{Arc, LazyLock},
    time::Duration,
};

use tokio::sync::Semaphore;

pub use askers::Asker;
pub use line::{comment, line};
pub use reading::{Stage, Sum};

use super::{
    folder::OpenFolderId,
    path::RequestPath,
    share::FileResource,
    transport::Outbox,
    work::{Budget, Keep, Limits, SharedWork, on_own_thread},
};
use known::KnownSums;
use reading::{READING, sum_of};

/// How long reading one file may take.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(6 * 3600),
    entries: 0,
    bytes: 0,
};

/// Whose turn it is, of all shares of this process: reading a file from memory keeps a processor
/// busy.
static TURN: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// The sums of the files of one share.
#[derive(Debug)]
pub struct Sums {
    known: Arc<KnownSums>,
    work: SharedWork<Version, Sum>,
}

/// A version of a file. It keeps no folder open.
#[derive(Debug, PartialEq)]
struct Version {
    place: (OpenFolderId, RequestPath),
    fingerprint: u64,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            known: Arc::default(),
            work: SharedWork::new(Arc::clone(&TURN), LIMITS),
        }
    }
}

impl Sums {
    /// The sum of a file, if it was read before and has not changed since.
    pub fn known(&self, file: &FileResource) -> Option<Sum> {
        self.known.get(&file.stamp)
    }

    /// The sum of a file, for the visitor of a connection. May take hours.
    ///
    /// # Errors
    /// Those of reading the file; one if it changes meanwhile; and those of [`SharedWork::get`].
    pub async fn sum(&self, file: &FileResource, visitor: &Outbox) -> io::Result<Sum> {
        if let Some(sum) = self.known(file) {
            return Ok(sum);
        }
        let version = Version {
            place: file.place(),
            fingerprint: file.stamp.fingerprint(),
        };
        let (file, known) = (file.clone(), Arc::clone(&self.known));
        let work = async move |budget: Budget| {
            let (opened, stamp) = file.open().await?;
            let reading = READING.begin(file.stamp.identity(), stamp.size);
            let sum = on_own_thread("sum", move || {
                sum_of(&opened, stamp.size, &reading, &budget)
            });
            let sum = sum.await?;
            // A sum of the start of one version and the end of another is that of no file.
            if file.open().await?.1 != stamp {
                return Err(io::Error::other("the file has changed while it was read"));
            }
            known.put(&stamp, sum);
            Ok((sum, Keep::No))
        };
        Ok(*self.work.get_async(version, visitor.left(), work).await?)
    }

    /// How far the sum of a file is that somebody waits for.
    pub fn stage(&self, file: &FileResource) -> Stage {
        READING.stage(file.stamp.identity())
    }
}
