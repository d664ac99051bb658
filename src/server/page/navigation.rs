//! What leads from a page to others: the folders above, and the same folder in another order.

use super::{
    view::{Sort, SortKey},
    words::ListWords,
};
use crate::server::{
    listing::Listing,
    path::{push_encoded, shown_name},
};

/// A folder above.
pub struct Breadcrumb {
    pub name: String,
    pub url: String,
}

/// A heading of the list.
pub struct Heading<'a> {
    pub id: &'static str,
    pub word: &'a str,
    /// The order that it leads to, as the URL has it.
    pub sort: String,
    pub is_current: bool,
}

/// The folders above one, from the root of the share on.
pub fn breadcrumbs(listing: &Listing, share: String) -> Vec<Breadcrumb> {
    let mut breadcrumbs = Vec::new();
    let mut url = String::from("/");
    let mut above = share;
    for name in listing.path.names() {
        breadcrumbs.push(Breadcrumb {
            name: above,
            url: url.clone(),
        });
        push_encoded(name, &mut url);
        url.push('/');
        above = shown_name(name);
    }
    breadcrumbs
}

/// The headings of a list that is sorted so.
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
