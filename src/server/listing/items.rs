//! The entries of a folder, of which some have been looked at.

use std::sync::Arc;

use cap_std::fs::Dir;

use super::{order, row::ListingRow};
use crate::server::{
    folder::{Folder, Listed},
    interner::Interner,
};

/// Names of folders that are being sent, each once among all visitors of a share.
pub type Listings = Interner<Vec<ListingItem>>;

/// The entries of a folder, of which some have been looked at.
#[derive(Debug)]
pub struct Items {
    /// What the entries are looked at with; none where all have been.
    folder: Option<(Folder, Dir)>,
    items: Arc<Vec<ListingItem>>,
    /// Those in front of this one are left out, or have been looked at.
    next: usize,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListingItem {
    Listed(Listed),
    Row(ListingRow),
}

impl ListingItem {
    fn name(&self) -> &[u8] {
        match self {
            Self::Listed(listed) => listed.name.as_encoded_bytes(),
            Self::Row(row) => &row.name,
        }
    }

    fn is_folder(&self) -> bool {
        match self {
            Self::Listed(listed) => listed.is_folder,
            Self::Row(row) => row.is_folder,
        }
    }
}

impl Items {
    pub fn new(folder: Option<(Folder, Dir)>, items: Vec<ListingItem>) -> Self {
        Self {
            folder,
            items: Arc::new(items),
            next: 0,
        }
    }

    /// Entries that have been looked at.
    pub fn of_rows(rows: Vec<ListingRow>) -> Self {
        Self::new(None, rows.into_iter().map(ListingItem::Row).collect())
    }

    /// How many there are still, though some may turn out to be gone.
    pub fn len(&self) -> usize {
        self.items.len() - self.next
    }

    /// The names with whether they are folders.
    pub fn names(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let items = self.items.iter().skip(self.next);
        items.map(|item| (item.name(), item.is_folder()))
    }

    /// Sorts them by name, or only the first so many of them.
    #[must_use]
    pub fn sorted(self, first: Option<usize>) -> Self {
        let items = Arc::unwrap_or_clone(self.items);
        let items = order::sort(items, ListingItem::name, ListingItem::is_folder, first);
        Self::new(self.folder, items)
    }

    /// Keeps them only once among all visitors.
    #[must_use]
    pub fn interned(self, listings: &Listings) -> Self {
        Self {
            items: listings.intern(Arc::unwrap_or_clone(self.items)),
            ..self
        }
    }

    /// Leaves out the first so many.
    pub fn skip(&mut self, count: usize) {
        self.next = self.next.saturating_add(count).min(self.items.len());
    }

    /// Looks at them one by one, which may wait for the disk.
    pub fn rows(&mut self) -> impl Iterator<Item = ListingRow> {
        std::iter::from_fn(|| {
            loop {
                let item = self.items.get(self.next)?;
                self.next += 1;
                let row = match item {
                    ListingItem::Row(row) => Some(row.clone()),
                    ListingItem::Listed(listed) => {
                        let (folder, dir) = self.folder.as_ref()?;
                        folder.look(dir, listed.clone()).map(ListingRow::from)
                    }
                };
                if row.is_some() {
                    return row;
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, is_folder: bool) -> ListingRow {
        ListingRow {
            name: name.as_bytes().to_vec(),
            is_folder,
            size: 1,
            modified_s: 0,
        }
    }

    #[test]
    fn items_are_sorted_skipped_and_looked_at() {
        let items = Items::of_rows(vec![row("10", false), row("2", false), row("z", true)]);
        let mut items = items.sorted(None);
        items.skip(0);
        items.skip(1);
        let names: Vec<_> = items.rows().map(|row| row.name).collect();
        assert_eq!(names, [b"2".to_vec(), b"10".to_vec()]);
    }

    #[test]
    fn what_several_visitors_list_is_kept_once() {
        let interner = Interner::default();
        let items = |names: &[&str]| {
            let rows = names.iter().map(|name| row(name, false)).collect();
            Items::of_rows(rows).interned(&interner)
        };
        let mut first = items(&["a", "b"]);
        first.skip(1);
        let second = items(&["a", "b"]);
        assert!(Arc::ptr_eq(&first.items, &second.items));
        assert_eq!((first.len(), second.len()), (1, 2));
        assert!(!Arc::ptr_eq(&first.items, &items(&["a"]).items));
    }
}
