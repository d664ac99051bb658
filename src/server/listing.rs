//! What is in a folder, as data, in the order in which it is shown.
//!
//! The page and the JSON are written from this. The names are read first, which is quick also for
//! a hundred thousand of them; each entry is looked at only when its row is written.

mod below;
mod json;
mod order;

use std::io;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use cap_std::fs::Dir;

use super::answer::Asked;
use super::compress;
use super::folder::{Entry, Folder, Found, Listed};
use super::page;
use super::path::{RequestPath, push_encoded};
use super::share::{Chosen, FolderPlace, Share, Shared, Target, blocking};
use super::shelf::Shelf;
use json::{Form, JsonRows};

/// What is known about a folder before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The name of the share; empty for several things chosen together.
    pub share: String,
    /// Where it is, from the root of the share.
    pub path: RequestPath,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name as the file system has it.
    pub name: Vec<u8>,
    pub is_folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
    /// Seconds since 1970.
    pub modified_s: i64,
}

impl Row {
    /// The relative URL that leads to it; a folder's ends with a slash.
    pub fn url(&self) -> String {
        // The dot keeps a name such as `javascript:x` from being read as something else.
        let mut url = String::from("./");
        push_encoded(&self.name, &mut url);
        if self.is_folder {
            url.push('/');
        }
        url
    }
}

/// The entries of a folder, of which some have been looked at.
#[derive(Debug)]
pub struct Items {
    /// What the entries are looked at with; none where all have been.
    folder: Option<(Folder, Dir)>,
    items: Arc<Vec<Item>>,
    /// Those in front of this one are left out, or have been looked at.
    next: usize,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Listed(Listed),
    Row(Row),
}

impl Item {
    fn name(&self) -> &[u8] {
        match self {
            Item::Listed(listed) => listed.name.as_encoded_bytes(),
            Item::Row(row) => &row.name,
        }
    }

    fn is_folder(&self) -> bool {
        match self {
            Item::Listed(listed) => listed.is_folder,
            Item::Row(row) => row.is_folder,
        }
    }
}

impl Items {
    fn new(folder: Option<(Folder, Dir)>, items: Vec<Item>) -> Items {
        Items {
            folder,
            items: Arc::new(items),
            next: 0,
        }
    }

    /// Entries that have been looked at.
    pub fn of_rows(rows: Vec<Row>) -> Items {
        Items::new(None, rows.into_iter().map(Item::Row).collect())
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
    pub fn sorted(self, first: Option<usize>) -> Items {
        let items = Arc::unwrap_or_clone(self.items);
        let items = order::sort(items, Item::name, Item::is_folder, first);
        Items::new(self.folder, items)
    }

    /// Keeps them only once among all visitors.
    #[must_use]
    pub fn kept_once(self, shelf: &Shelf<Vec<Item>>) -> Items {
        Items {
            items: shelf.keep(Arc::unwrap_or_clone(self.items)),
            ..self
        }
    }

    /// Leaves out the first so many.
    pub fn skip(&mut self, count: usize) {
        self.next = self.next.saturating_add(count).min(self.items.len());
    }

    /// Looks at them one by one, which may wait for the disk.
    pub fn rows(&mut self) -> impl Iterator<Item = Row> {
        std::iter::from_fn(|| {
            loop {
                let item = self.items.get(self.next)?;
                self.next += 1;
                let row = match item {
                    Item::Row(row) => Some(row.clone()),
                    Item::Listed(listed) => {
                        let (folder, dir) = self.folder.as_ref()?;
                        folder.look(dir, listed.clone()).map(Row::from)
                    }
                };
                if row.is_some() {
                    return row;
                }
            }
        })
    }
}

/// Where the entries are.
pub enum Content {
    Folder(FolderPlace),
    Chosen(Vec<Chosen>),
}

impl Content {
    /// Reads the names, in no order. May wait for the disk.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub fn read(&self) -> io::Result<Items> {
        match self {
            Content::Folder(place) => {
                let names = place.folder.names(&place.path, &place.dir)?;
                let folder = (place.folder.clone(), place.dir.try_clone()?);
                let items = names.into_iter().map(Item::Listed).collect();
                Ok(Items::new(Some(folder), items))
            }
            Content::Chosen(chosen) => Ok(Items::of_rows(
                chosen.iter().filter_map(chosen_row).collect(),
            )),
        }
    }

    /// The first `max_bytes` of a file right in the folder, and whether there is more of it; none
    /// if it can't be read. May wait for the disk.
    pub fn start_of_file(&self, name: &[u8], max_bytes: u64) -> Option<(Vec<u8>, bool)> {
        let Content::Folder(place) = self else {
            return None;
        };
        let Found::File { path, .. } = place.folder.find(&place.path.join(name)).ok()? else {
            return None;
        };
        let (file, kept) = place.folder.open(&path).ok()?;
        // The caller's limit is what is read into memory at most.
        let mut start = vec![0; kept.size.min(max_bytes) as usize];
        let read = super::transport::read_at(&file, 0, &mut start).ok()?;
        start.truncate(read);
        Some((start, kept.size > max_bytes))
    }
}

/// Answers with the list of a folder, or of what was chosen.
///
/// # Errors
/// If the folder can't be read.
pub async fn respond(
    asked: &Asked<'_>,
    share: &Share,
    folder: Option<FolderPlace>,
) -> io::Result<HttpResponse> {
    let listing = Listing {
        share: share.title.clone(),
        path: asked.path.clone(),
    };
    let content = match (folder, &share.content) {
        (Some(folder), _) => Content::Folder(folder),
        (None, Shared::Chosen(chosen)) => Content::Chosen(chosen.clone()),
        (None, Shared::Folder(_)) => Content::Chosen(Vec::new()),
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-cache"));
    let form = if asked.wants("json") {
        Form::Programs
    } else if asked.wants("rows") {
        Form::Script
    } else {
        page::describe(&mut response);
        response.append_header((VARY, "Accept-Language"));
        let wanted = page::Wanted::of(asked, listing);
        let page = blocking(move || page::list(&content, &wanted)).await?;
        return Ok(page.respond(response, asked));
    };
    let window = asked.number("from").unwrap_or(0)..asked.number("count").unwrap_or(usize::MAX);
    let window = window.start..window.end.saturating_add(window.start);
    let items = blocking(move || Ok(content.read()?.sorted(None))).await?;
    let source = JsonRows::new(&listing, items.kept_once(&share.listed), form, window);
    response.insert_header((CONTENT_TYPE, "application/json"));
    Ok(compress::respond(source, None, response, asked))
}

impl From<Entry> for Row {
    fn from(entry: Entry) -> Row {
        Row {
            name: entry.name.into_encoded_bytes(),
            is_folder: entry.is_folder,
            size: if entry.is_folder { 0 } else { entry.kept.size },
            modified_s: entry.kept.modified_s,
        }
    }
}

/// The row of a chosen thing; none while it is not there.
fn chosen_row(chosen: &Chosen) -> Option<Row> {
    let (is_folder, kept) = match &chosen.target {
        Target::Folder(folder) => (true, folder.kept().ok()?),
        Target::File { parent, name } => match parent.find(name).ok()? {
            Found::File { kept, .. } => (false, kept),
            Found::Folder { .. } => return None,
        },
    };
    Some(Row {
        name: chosen.name.as_encoded_bytes().to_vec(),
        is_folder,
        size: if is_folder { 0 } else { kept.size },
        modified_s: kept.modified_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, is_folder: bool) -> Row {
        Row {
            name: name.as_bytes().to_vec(),
            is_folder,
            size: 1,
            modified_s: 0,
        }
    }

    #[test]
    fn a_name_that_looks_like_a_scheme_stays_a_name() {
        assert_eq!(
            row("javascript:alert(1)", false).url(),
            "./javascript%3Aalert%281%29"
        );
        assert_eq!(row("a b", true).url(), "./a%20b/");
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
        let shelf = Shelf::default();
        let items = |names: &[&str]| {
            let rows = names.iter().map(|name| row(name, false)).collect();
            Items::of_rows(rows).kept_once(&shelf)
        };
        let mut first = items(&["a", "b"]);
        first.skip(1);
        let second = items(&["a", "b"]);
        assert!(Arc::ptr_eq(&first.items, &second.items));
        assert_eq!((first.len(), second.len()), (1, 2));
        assert!(!Arc::ptr_eq(&first.items, &items(&["a"]).items));
    }
}
