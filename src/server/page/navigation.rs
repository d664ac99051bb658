//! Links from a page to others: to the folders above, and to the same folder in another order.

use super::{
    view::{Sort, SortKey},
    words::ListWords,
};
use crate::server::{
    listing::Listing,
    path::{push_encoded, shown_name},
};

/// How many folders above are shown. In a longer path some in the middle are left out, because each
/// carries the whole URL of its folder.
const MAX_BREADCRUMBS: usize = 8;

/// How many of them come before the gap.
const BEFORE_GAP: usize = 2;

/// A folder above, or the gap in place of those that are left out.
pub struct Breadcrumb {
    pub name: String,
    pub url: Option<String>,
}

/// A heading of the list.
pub struct Heading<'a> {
    pub id: &'static str,
    pub word: &'a str,
    /// The order that a click on it gives, as it is in the URL.
    pub sort: String,
    pub is_current: bool,
}

/// The folders above one, starting at the root of the share.
pub fn breadcrumbs(listing: &Listing, share: String) -> Vec<Breadcrumb> {
    let count = listing.path.names().count();
    let gap = if count > MAX_BREADCRUMBS {
        BEFORE_GAP..count - (MAX_BREADCRUMBS - BEFORE_GAP)
    } else {
        0..0
    };
    let mut breadcrumbs = Vec::new();
    let mut url = String::from("/");
    let mut above = share;
    for (index, name) in listing.path.names().enumerate() {
        if !gap.contains(&index) {
            breadcrumbs.push(Breadcrumb {
                name: above,
                url: Some(url.clone()),
            });
        } else if index == gap.start {
            breadcrumbs.push(Breadcrumb {
                name: "…".to_owned(),
                url: None,
            });
        }
        push_encoded(name, &mut url);
        url.push('/');
        above = shown_name(name);
    }
    breadcrumbs
}

/// The headings of a list with this order.
pub fn headings(words: &ListWords, sort: Sort) -> Vec<Heading<'_>> {
    SortKey::ALL
        .map(|key| Heading {
            id: key.id(),
            word: match key {
                SortKey::Name => &words.name,
                SortKey::Kind => &words.kind,
                SortKey::Size => &words.size,
                SortKey::Changed => &words.changed,
            },
            sort: sort.after(key).id(),
            is_current: sort.key == key,
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::path::{RequestPath, Rules};

    fn shown(path: &str) -> Vec<String> {
        let listing = Listing {
            share: String::new(),
            path: RequestPath::parse(path.as_bytes(), Rules::HERE).unwrap(),
        };
        let breadcrumbs = breadcrumbs(&listing, "share".to_owned());
        breadcrumbs
            .into_iter()
            .map(|breadcrumb| format!("{} {}", breadcrumb.name, breadcrumb.url.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_few_folders_above_are_all_shown() {
        assert!(shown("/").is_empty());
        assert_eq!(shown("/a/b/"), ["share /", "a /a/"]);
        assert_eq!(shown("/a/b/c/d/e/f/g/h/").len(), 8);
    }

    #[test]
    fn many_folders_above_have_a_gap_among_them() {
        let path = format!("/a/b/{}/c/d/", ["n"; 400].join("/"));
        let breadcrumbs = shown(&path);
        assert_eq!(breadcrumbs.len(), 9);
        assert_eq!(breadcrumbs[..3], ["share /", "a /a/", "… "]);
        let above = path.strip_suffix("d/").unwrap();
        assert_eq!(breadcrumbs[8], format!("c {above}"));
    }
}
