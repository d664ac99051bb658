//! How a visitor wants to see a folder: what the query of the page's URL says.
//!
//! `?sort=-size&view=gallery&page=2`. Missing or invalid values get their default. The page's script
//! has more: `filter` and `below`, `only`, `tiles` and `whole`, and `open`, which here only selects the picture
//! for link previews.

use std::cmp::{Ordering, Reverse};

use crate::server::{kind::FileKind, listing::ListingRow};

/// The column that rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    #[default]
    Name,
    Kind,
    Size,
    Changed,
}

/// The order of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    pub key: SortKey,
    pub is_descending: bool,
}

/// What a row is sorted by.
#[derive(Clone, Copy, Debug)]
pub struct SortRow {
    /// Number of rows before it in the order of names.
    pub rank: usize,
    /// Its position among the entries, some of which may be gone.
    pub place: usize,
    pub size: u64,
    pub modified_s: i64,
    pub kind: FileKind,
    pub is_folder: bool,
}

/// The two layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListLayout {
    List,
    Gallery,
}

impl ListLayout {
    /// Its value in the URL.
    pub fn id(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Gallery => "gallery",
        }
    }
}

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListView {
    pub sort: Sort,
    /// `None` for the one that suits the folder.
    pub layout: Option<ListLayout>,
    /// The page of a large folder, from 0.
    pub page: usize,
    /// The name of the file that is open in the viewer, percent-encoded.
    pub open: Option<String>,
}

impl SortKey {
    pub const ALL: [Self; 4] = [Self::Name, Self::Kind, Self::Size, Self::Changed];

    /// Its value in the URL.
    pub fn id(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Size => "size",
            Self::Changed => "changed",
        }
    }
}

impl Sort {
    fn parse(text: &str) -> Option<Self> {
        let (id, is_descending) = match text.strip_prefix('-') {
            Some(id) => (id, true),
            None => (text, false),
        };
        let key = SortKey::ALL.into_iter().find(|key| key.id() == id)?;
        Some(Self { key, is_descending })
    }

    /// Its value in the URL.
    pub fn id(self) -> String {
        let sign = if self.is_descending { "-" } else { "" };
        format!("{sign}{}", self.key.id())
    }

    /// The order after a click on the heading of `key`: sizes and times start descending, and a
    /// second click reverses the order.
    pub fn after(self, key: SortKey) -> Self {
        let is_descending = if self.key == key {
            !self.is_descending
        } else {
            matches!(key, SortKey::Size | SortKey::Changed)
        };
        Self { key, is_descending }
    }

    /// Sorts rows that are sorted by name. Folders come first.
    pub fn apply(self, rows: &mut [SortRow]) {
        if self.key == SortKey::Name {
            if self.is_descending {
                let folders = rows.partition_point(|row| row.is_folder);
                rows[..folders].reverse();
                rows[folders..].reverse();
            }
            return;
        }
        let compare = |a: &SortRow, b: &SortRow| match self.key {
            SortKey::Name => Ordering::Equal,
            SortKey::Kind => a.kind.cmp(&b.kind),
            SortKey::Size => a.size.cmp(&b.size),
            SortKey::Changed => a.modified_s.cmp(&b.modified_s),
        };
        // Equal rows stay sorted by name.
        rows.sort_unstable_by(|a, b| {
            let by_key = if self.is_descending {
                compare(b, a)
            } else {
                compare(a, b)
            };
            Reverse(a.is_folder)
                .cmp(&Reverse(b.is_folder))
                .then(by_key)
                .then(a.rank.cmp(&b.rank))
        });
    }
}

impl SortRow {
    /// A row with the number of rows before it, and its position among the entries.
    pub fn new(row: &ListingRow, rank: usize, place: usize) -> Self {
        Self {
            rank,
            place,
            size: row.size,
            modified_s: row.modified_s,
            kind: row.kind(),
            is_folder: row.is_folder,
        }
    }
}

impl ListView {
    /// Parses a query.
    pub fn parse(query: &str) -> Self {
        let mut view = Self::default();
        for pair in query.split('&') {
            let Some((key, value)) = pair.split_once('=') else {
                continue;
            };
            match key {
                "sort" => view.sort = Sort::parse(value).unwrap_or_default(),
                "view" if value == "list" => view.layout = Some(ListLayout::List),
                "view" if value == "gallery" => view.layout = Some(ListLayout::Gallery),
                "page" => view.page = value.parse::<usize>().unwrap_or(1).saturating_sub(1),
                "open" => view.open = Some(value.to_owned()),
                _ => {}
            }
        }
        view
    }

    /// The URL of another page of the same folder.
    pub fn on_page(&self, page: usize) -> String {
        Self {
            page,
            ..self.clone()
        }
        .url()
    }

    /// The query with the order and the layout, for links to other folders; empty if they are not
    /// chosen.
    pub fn carried(&self) -> String {
        let url = self.on_page(0);
        url.strip_prefix("./").unwrap_or_default().to_owned()
    }

    /// The URL of the folder in this view, without the viewer.
    pub fn url(&self) -> String {
        let mut pairs = Vec::new();
        if self.sort != Sort::default() {
            pairs.push(format!("sort={}", self.sort.id()));
        }
        if let Some(layout) = self.layout {
            pairs.push(format!("view={}", layout.id()));
        }
        if self.page > 0 {
            pairs.push(format!("page={}", self.page.saturating_add(1)));
        }
        if pairs.is_empty() {
            return "./".to_owned();
        }
        format!("./?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_view_survives_its_url() {
        let view = ListView::parse("sort=-size&view=gallery&page=3&x=y&open=a%20b.jpg");
        assert_eq!(view.sort.id(), "-size");
        assert_eq!(view.open.as_deref(), Some("a%20b.jpg"));
        assert_eq!(view.url(), "./?sort=-size&view=gallery&page=3");
        assert_eq!(view.carried(), "?sort=-size&view=gallery");
        assert_eq!(ListView::parse("page=2&open=x").carried(), "");
        assert_eq!(view.sort.after(SortKey::Size).id(), "size");
        assert_eq!(view.sort.after(SortKey::Changed).id(), "-changed");
        assert_eq!(view.sort.after(SortKey::Name).id(), "name");
        assert_eq!(ListView::parse("sort=x&view=y&page=z&page").url(), "./");
    }

    #[test]
    fn folders_stay_in_front_in_every_order() {
        let row = |name: &str, is_folder, size, modified_s| ListingRow {
            name: name.as_bytes().to_vec(),
            is_folder,
            size,
            modified_s,
        };
        let by_name = [
            row("f", true, 0, 5),
            row("g", true, 0, 9),
            row("a.txt", false, 7, 1),
            row("b.jpg", false, 9, 3),
            row("c.txt", false, 9, 2),
        ];
        for (id, expected) in [
            ("name", "f g a.txt b.jpg c.txt"),
            ("-name", "g f c.txt b.jpg a.txt"),
            ("size", "f g a.txt b.jpg c.txt"),
            ("-size", "f g b.jpg c.txt a.txt"),
            ("changed", "f g a.txt c.txt b.jpg"),
            ("-changed", "g f b.jpg c.txt a.txt"),
            ("kind", "f g b.jpg a.txt c.txt"),
        ] {
            let mut rows: Vec<_> = (0..by_name.len())
                .map(|place| SortRow::new(&by_name[place], place, place))
                .collect();
            Sort::parse(id).unwrap().apply(&mut rows);
            let names: Vec<_> = rows
                .iter()
                .map(|row| std::str::from_utf8(&by_name[row.place].name).unwrap())
                .collect();
            assert_eq!(names.join(" "), expected, "{id}");
        }
    }

    proptest! {
        #[test]
        fn no_query_breaks_it(query: String) {
            let view = ListView::parse(&query);
            let again = ListView::parse(view.url().strip_prefix("./?").unwrap_or(""));
            prop_assert_eq!(again.url(), view.url());
        }
    }
}
