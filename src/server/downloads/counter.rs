//! Counts the complete downloads of a share.

use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    coverage::Coverage,
    partial::{Partials, Sent, TransferId},
};
use crate::server::{countdown::Countdown, traffic::Traffic};

/// The complete downloads of one share. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Downloads(Arc<Inner>);

#[derive(Default)]
struct Inner {
    traffic: Traffic,
    hasher: RandomState,
    /// Whether anybody wants to know. Until then nothing is tracked.
    is_watched: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    partials: Partials,
    /// Complete downloads since they are counted.
    count: u32,
    /// Counts those until the share ends.
    left: Countdown,
    report: Option<Arc<dyn Fn(DownloadReport) + Send + Sync>>,
}

/// What is reported of downloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadReport {
    Complete(Download),
    /// An answer has ended before the download was complete. It may be continued.
    Interrupted(Interrupted),
}

/// A download of which a part was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interrupted {
    /// The name of the file or archive, fit to be shown.
    pub name: String,
    pub visitor: Option<IpAddr>,
    /// So many bytes were sent.
    pub sent: u64,
    /// Of so many.
    pub size: u64,
}

/// A complete download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The name of the file or archive, fit to be shown.
    pub name: String,
    pub kind: DownloadKind,
    pub visitor: Option<IpAddr>,
    /// In bytes.
    pub size: u64,
    /// How many downloads are complete now, with this one.
    pub count: u32,
    /// Whether the limit is reached, so that the share has ended.
    pub is_last: bool,
}

/// What was downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DownloadKind {
    File,
    /// A folder as a zip or tar archive.
    Archive,
}

/// Something that can be downloaded, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Fit to be shown.
    pub name: String,
    pub kind: DownloadKind,
    /// Its path in the share.
    pub path: Vec<u8>,
    /// Differs if the content does.
    pub version: u64,
    /// In bytes.
    pub size: u64,
}

/// A request that may be a part of a download.
#[derive(Clone, Debug)]
pub struct Visit {
    pub(super) downloads: Downloads,
    pub(super) visitor: u64,
    pub(super) address: Option<IpAddr>,
}

impl Downloads {
    /// Those of a share with this traffic, which ends with the last download.
    pub fn of(traffic: Traffic) -> Self {
        Self(Arc::new(Inner {
            traffic,
            ..Inner::default()
        }))
    }

    /// Calls `report` for each download that is complete or interrupted, from any thread. It must not
    /// wait.
    pub fn on_report(&self, report: impl Fn(DownloadReport) + Send + Sync + 'static) {
        self.0.state().report = Some(Arc::new(report));
        self.0.is_watched.store(true, Ordering::Relaxed);
    }

    /// Ends the share's traffic as soon as so many more downloads are complete, counted from now.
    /// Those that are under way then may finish, and are still reported.
    pub fn set_limit(&self, more: Option<u32>) {
        let mut state = self.0.state();
        state.left.set(more, &self.0.traffic);
        if more.is_some_and(|more| more > 0) {
            self.0.is_watched.store(true, Ordering::Relaxed);
        }
    }

    /// How many downloads are complete, since somebody watches.
    pub fn count(&self) -> u32 {
        self.0.state().count
    }

    /// Whether anybody wants to know about downloads.
    pub fn are_watched(&self) -> bool {
        self.0.is_watched.load(Ordering::Relaxed)
    }

    /// A request of a visitor: of a session if there is one, otherwise of a program at an address.
    /// `network` is the same for all addresses that one visitor may have.
    pub fn visit(
        &self,
        session: Option<&[u8]>,
        address: Option<IpAddr>,
        network: impl Hash,
        agent: &[u8],
    ) -> Visit {
        let visitor = match session {
            Some(session) => self.0.hasher.hash_one(session),
            None => self.0.hasher.hash_one((network, agent)),
        };
        Visit {
            downloads: self.clone(),
            visitor,
            address,
        }
    }
}

impl Downloads {
    /// Identifies what a visitor takes.
    pub(super) fn transfer_id(&self, visitor: u64, item: &Item) -> TransferId {
        TransferId {
            visitor,
            item: self.0.hasher.hash_one((item.kind, &item.path)),
        }
    }

    /// Adds what an answer has sent of an item.
    pub(super) fn add(&self, id: TransferId, address: Option<IpAddr>, item: &Item, sent: Coverage) {
        let mut state = self.0.state();
        let state_now = &mut *state;
        let sent = state_now
            .partials
            .add(id, item.version, sent, Instant::now());
        let report = match sent {
            Sent::Nothing => return,
            Sent::Part(sent) => DownloadReport::Interrupted(Interrupted {
                name: item.name.clone(),
                visitor: address,
                sent,
                size: item.size,
            }),
            Sent::All => {
                state_now.count = state_now.count.saturating_add(1);
                DownloadReport::Complete(Download {
                    name: item.name.clone(),
                    kind: item.kind,
                    visitor: address,
                    size: item.size,
                    count: state_now.count,
                    is_last: state_now.left.count(&self.0.traffic),
                })
            }
        };
        let tell = state_now.report.clone();
        drop(state);
        if let Some(tell) = tell {
            tell(report);
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        formatter
            .debug_struct("Downloads")
            .field("count", &state.count)
            .field("left", &state.left)
            .finish_non_exhaustive()
    }
}
