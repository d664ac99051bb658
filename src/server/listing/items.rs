//! The entries of a folder, some of which have been looked up.

use std::{io, sync::Arc};

use super::{
    looked::Looked,
    names::Names,
    order::{self, Order},
    row::ListingRow,
    source::ListingSource,
};
use crate::server::work::Budget;

/// The entries of a folder. Clones share memory.
#[derive(Clone, Debug)]
pub struct Items {
    /// Looks up the entries.
    source: Arc<ListingSource>,
    names: Arc<Names>,
    /// `None` for the order in which they were read.
    order: Option<Arc<Order>>,
    /// Entries before this one are skipped, or have been looked up.
    next: usize,
}

impl Items {
    /// The entries of `source` with these names.
    pub fn new(source: Arc<ListingSource>, names: Arc<Names>) -> Self {
        Self {
            source,
            names,
            order: None,
            next: 0,
        }
    }

    /// Where they are.
    pub fn source(&self) -> &Arc<ListingSource> {
        &self.source
    }

    /// Their names, in the order in which they were read.
    pub fn shared_names(&self) -> &Arc<Names> {
        &self.names
    }

    /// How many are left. Some of them may turn out to be gone.
    pub fn len(&self) -> usize {
        self.names.len() - self.next
    }

    /// The names, and whether each is a folder.
    pub fn names(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let indices = (self.next..self.names.len()).map(|place| self.index(place));
        indices.map(|index| (self.names.name(index), self.names.is_folder(index)))
    }

    /// The same entries in this order.
    #[must_use]
    pub fn in_order(self, order: Arc<Order>) -> Self {
        let order = Some(order);
        Self { order, ..self }
    }

    /// Sorts the entries by name, or only the `first` of them.
    ///
    /// # Errors
    /// If the budget is used up.
    pub fn sorted(self, first: Option<usize>, budget: &Budget) -> io::Result<Self> {
        let order = match first {
            Some(first) => order::sort_first(&self.names, first, budget)?,
            None => order::sort(&self.names, budget)?,
        };
        Ok(self.in_order(Arc::new(order)))
    }

    /// Skips the first `count` entries.
    pub fn skip(&mut self, count: usize) {
        self.next = self.next.saturating_add(count).min(self.names.len());
    }

    /// The name of the entry at a position.
    pub fn name(&self, place: usize) -> &[u8] {
        self.names.name(self.index(place))
    }

    /// Looks up the entry at a position; `None` if it is gone. May wait for the disk.
    pub fn row(&self, place: usize) -> Option<ListingRow> {
        self.source.row(&self.names, self.index(place))
    }

    /// Like [`Items::row`], with everything that is known.
    pub fn look(&self, place: usize) -> Option<Looked> {
        self.source.look(&self.names, self.index(place))
    }

    /// Looks up the entries one by one. May wait for the disk.
    pub fn rows(&mut self) -> impl Iterator<Item = ListingRow> {
        std::iter::from_fn(|| {
            while self.next < self.names.len() {
                let index = self.index(self.next);
                self.next += 1;
                let row = self.source.row(&self.names, index);
                if row.is_some() {
                    return row;
                }
            }
            None
        })
    }

    /// Which of the names is that of the entry at a place.
    pub fn index(&self, place: usize) -> usize {
        match &self.order {
            Some(order) => order.index(place),
            None => place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_sorted_skipped_and_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["10", "2", "gone"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        std::fs::create_dir(dir.path().join("z")).unwrap();
        let budget = Budget::ample();
        let source = Arc::new(ListingSource::of_dir(dir.path()));
        let names = Arc::new(source.read(&budget).unwrap());
        let items = Items::new(source, names);
        std::fs::remove_file(dir.path().join("gone")).unwrap();
        for first in [None, Some(2), Some(9)] {
            let mut items = items.clone().sorted(first, &budget).unwrap();
            items.skip(0);
            items.skip(1);
            let names: Vec<_> = items.rows().map(|row| row.name).take(2).collect();
            let count = if first == Some(2) { 1 } else { 2 };
            assert_eq!(names[..count], [b"2".to_vec(), b"10".to_vec()][..count]);
        }
        let mut items = items.sorted(None, &budget).unwrap();
        assert_eq!((items.len(), items.rows().count(), items.len()), (4, 3, 0));
    }
}
