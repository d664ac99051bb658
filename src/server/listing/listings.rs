//! Listings for all visitors of a share. Each folder is read and sorted once for everyone who asks
//! at the same time, and its names are kept in memory once.

use std::{
    ffi::OsString,
    io,
    sync::{Arc, Weak},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::sync::Semaphore;

use super::{
    folding::Sought,
    items::Items,
    names::Names,
    order::{self, Order},
    search::{Hit, Search},
    source::ListingSource,
};
use crate::server::{
    folder::{FileStamp, OpenFolderId},
    interner::Interner,
    path::RequestPath,
    transport::Outbox,
    work::{Keep, Limits, SharedWork},
};

/// How many listings are made at the same time.
const AT_A_TIME: usize = 4;

/// What one listing may cost.
pub const LIMITS: Limits = Limits {
    time: Duration::from_secs(60),
    entries: 4_000_000,
    bytes: 256 * 1024 * 1024,
};

/// If a folder last changed longer ago than this, the next change is visible in its times: on FAT,
/// they are rounded to two seconds.
const COARSEST_TICK_S: i64 = 2;

/// The most that a search for a page finds.
pub const FOUND: usize = 1_000;

/// What a search for a page has found.
#[derive(Debug)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// There may be more.
    pub is_cut: bool,
}

/// Reads and sorts the folders of one share.
#[derive(Debug)]
pub struct Listings {
    turns: Arc<Semaphore>,
    reads: SharedWork<Place, Names>,
    sorts: SharedWork<NamesId, Order>,
    searches: SharedWork<(Place, Sought), Found>,
    names: Interner<Names>,
}

/// What a listing is of. It keeps no folder open.
#[derive(Debug, PartialEq)]
enum Place {
    Folder {
        folder: OpenFolderId,
        path: RequestPath,
        /// `None` if it can't be had without waiting.
        stamp: Option<FileStamp>,
    },
    Chosen(Vec<OsString>),
}

/// Identifies names without keeping them in memory.
#[derive(Debug)]
pub struct NamesId(Weak<Names>);

impl PartialEq for NamesId {
    fn eq(&self, other: &Self) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

impl Default for Listings {
    fn default() -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        Self {
            reads: SharedWork::new(Arc::clone(&turns), LIMITS),
            sorts: SharedWork::new(Arc::clone(&turns), LIMITS),
            searches: SharedWork::new(Arc::clone(&turns), LIMITS),
            names: Interner::default(),
            turns,
        }
    }
}

impl Listings {
    /// The entries of a folder, in no particular order, for the visitor of a connection.
    ///
    /// # Errors
    /// If the folder can't be read, and those of [`SharedWork::get`].
    pub async fn read(&self, source: ListingSource, visitor: &Outbox) -> io::Result<Items> {
        let source = Arc::new(source);
        let place = Place::of(&source);
        let is_rested = place.is_rested();
        let reader = Arc::clone(&source);
        let read = self.reads.get(place, visitor.left(), move |budget| {
            let names = reader.read(budget)?;
            // The target of a link may change unnoticed.
            let keep = if is_rested && names.has_no_looks() {
                Keep::WhileUsed
            } else {
                Keep::No
            };
            Ok((names, keep))
        });
        let names = self.names.intern(read.await?);
        Ok(Items::new(source, names))
    }

    /// The entries of a folder in the order in which they are shown.
    ///
    /// # Errors
    /// The errors of [`Listings::read`].
    pub async fn read_sorted(&self, source: ListingSource, visitor: &Outbox) -> io::Result<Items> {
        let items = self.read(source, visitor).await?;
        self.sorted(items, visitor).await
    }

    /// The same entries in the order in which they are shown.
    ///
    /// # Errors
    /// Those of [`SharedWork::get`].
    pub async fn sorted(&self, items: Items, visitor: &Outbox) -> io::Result<Items> {
        let names = Arc::clone(items.shared_names());
        let id = NamesId::of(&items);
        let sort = self.sorts.get(id, visitor.left(), move |budget| {
            Ok((order::sort(&names, budget)?, Keep::WhileUsed))
        });
        Ok(items.in_order(sort.await?))
    }

    /// What is found below a folder.
    ///
    /// # Errors
    /// Those of [`SharedWork::get`].
    pub async fn search(
        &self,
        source: ListingSource,
        sought: Sought,
        visitor: &Outbox,
    ) -> io::Result<Arc<Found>> {
        let id = (Place::of(&source), sought.clone());
        let search = self.searches.get(id, visitor.left(), move |budget| {
            let mut search = Search::new(source, sought, FOUND);
            let mut hits = Vec::new();
            while let Some(more) = search.step() {
                budget.check_visitors()?;
                hits.extend(more);
            }
            let is_cut = search.cut().is_some();
            Ok((Found { hits, is_cut }, Keep::No))
        });
        search.await
    }

    /// The turns of listings, for other work that listings need.
    pub fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.turns)
    }
}

impl NamesId {
    /// Of the names of these entries.
    pub fn of(items: &Items) -> Self {
        Self(Arc::downgrade(items.shared_names()))
    }
}

impl Place {
    fn of(source: &ListingSource) -> Self {
        match source {
            ListingSource::Folder(place) => Self::Folder {
                folder: place.folder.open_id(),
                path: place.path.clone(),
                stamp: place.folder.stamp_now(&place.dir),
            },
            ListingSource::Chosen(chosen) => {
                Self::Chosen(chosen.iter().map(|chosen| chosen.name.clone()).collect())
            }
        }
    }

    /// Whether other content of the folder would have a different stamp.
    fn is_rested(&self) -> bool {
        let Self::Folder {
            stamp: Some(stamp), ..
        } = self
        else {
            return false;
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_s = now.map_or(0, |now| now.as_secs().cast_signed());
        let changed_s = stamp.modified_s.max(stamp.changed.0);
        stamp.changed.0 != 0 && changed_s.saturating_add(COARSEST_TICK_S) < now_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(test: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.unwrap().block_on(test)
    }

    #[test]
    fn all_who_list_a_folder_at_the_same_time_share_its_names_and_order() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["10", "2"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let listings = Listings::default();
        run(async {
            let visitor = Outbox::default();
            let list = || listings.read_sorted(ListingSource::of_dir(dir.path()), &visitor);
            let (first, second) = tokio::join!(list(), list());
            let (mut first, second) = (first.unwrap(), second.unwrap());
            assert!(Arc::ptr_eq(first.shared_names(), second.shared_names()));
            let names: Vec<_> = first.rows().map(|row| row.name).collect();
            assert_eq!(names, [b"2", &b"10"[..]]);
            // A later visitor gets the same names, if they have not changed.
            let later = list().await.unwrap();
            assert!(Arc::ptr_eq(first.shared_names(), later.shared_names()));
            std::fs::write(dir.path().join("3"), "").unwrap();
            assert_eq!(list().await.unwrap().len(), 3);
        });
    }

    #[test]
    fn nobody_lists_a_folder_for_a_visitor_who_has_left() {
        let dir = tempfile::tempdir().unwrap();
        let listings = Listings::default();
        run(async {
            let all = listings.turns.acquire_many(AT_A_TIME as u32).await.unwrap();
            let visitor = Outbox::default();
            visitor.visitor_has_left();
            let list = listings.read(ListingSource::of_dir(dir.path()), &visitor);
            let error = list.await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
            drop(all);
        });
    }
}
