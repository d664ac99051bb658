//! The page of a folder.
//!
//! A page has up to [`PAGE_ROWS`] rows. Larger folders have several pages for browsers without
//! JavaScript; the script fetches all rows as JSON. Programs, and whoever asks for it, get all rows
//! in one page, whose other rows are looked up while it is sent. The files of a large folder are not all examined
//! before the first page is sent, because their names are enough for it.
//!
//! What a page says is found out here, and takes little memory. It is written when it is sent.

use std::{io, net::Ipv4Addr, ops::Range, sync::Arc};

use actix_web::http::header::HOST;

use super::{
    row::Ranked,
    summary::{LOOKED_AT, Summary},
    view::{ListView, Sort, SortRow},
    words::Words,
};
use crate::server::{
    http::{Request, purpose::may_run_scripts},
    listing::{Items, Listing, ListingRow, Names},
    offer::Offer,
    path::push_encoded,
    thumbnail,
    work::Budget,
};

/// Rows per page.
pub const PAGE_ROWS: usize = 500;

/// What a visitor asked for.
#[derive(Debug)]
pub struct ListRequest {
    pub listing: Listing,
    pub view: ListView,
    pub words: &'static Words,
    /// Scheme and host; the host as the visitor wrote it.
    pub origin: String,
    /// Whether visitors may add to the folder.
    pub takes_files: bool,
    /// Whether all rows of a large folder come in one page, in the order of their names.
    pub is_whole: bool,
    /// Whether the rows of such a page are for a program, which has no use for pictures and buttons.
    pub is_plain: bool,
    /// Who shares it, and until when.
    pub offer: Arc<Offer>,
}

impl PartialEq for ListRequest {
    fn eq(&self, other: &Self) -> bool {
        self.listing == other.listing
            && self.view == other.view
            && self.words.language == other.words.language
            && self.origin == other.origin
            && self.takes_files == other.takes_files
            && self.is_whole == other.is_whole
            && self.is_plain == other.is_plain
            && self.offer == other.offer
    }
}

impl ListRequest {
    /// Takes it from a request.
    pub fn of(request: &Request<'_>, listing: Listing, takes_files: bool) -> Self {
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default();
        let scheme = if is_local(host) { "http" } else { "https" };
        let mut view = ListView::parse(request.query);
        let wants_all = request.wants("all");
        if wants_all {
            view = ListView {
                layout: view.layout,
                ..ListView::default()
            };
        }
        // A program gets a page if it asks for one.
        let is_paged = view.sort != Sort::default() || request.number("page").is_some();
        let is_plain = !may_run_scripts(request.headers);
        Self {
            listing,
            is_whole: wants_all || (is_plain && !is_paged),
            is_plain,
            view,
            words: Words::of(request.headers),
            origin: format!("{scheme}://{host}"),
            takes_files,
            offer: request.offers.get(),
        }
    }
}

/// Whether a host is reached without a tunnel. The gate has checked it: it is a loopback name, an address
/// or name in the local network, or the public name.
fn is_local(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let is_address = host.starts_with('[') || name.parse::<Ipv4Addr>().is_ok();
    is_address || name == "localhost" || name.ends_with(".local")
}

/// A page that is ready to be written.
#[derive(Debug)]
pub struct ListPage {
    pub request: Arc<ListRequest>,
    pub summary: Summary,
    /// The path of the picture in link previews, as a URL.
    pub preview: String,
    /// The name of the file that is open in the viewer.
    pub opened: Option<Vec<u8>>,
    names: Arc<Names>,
    rows: Vec<KeptRow>,
}

/// What is kept of a row. Its name is kept for all pages together.
#[derive(Debug)]
struct KeptRow {
    index: usize,
    rank: usize,
    size: u64,
    modified_s: i64,
}

impl ListPage {
    /// Finds out what the page says of entries in any order. May wait for the disk.
    ///
    /// # Errors
    /// If the budget is used up.
    pub fn new(items: &Items, request: Arc<ListRequest>, budget: &Budget) -> io::Result<Self> {
        let view = &request.view;
        // Large, and in an order that depends on names only.
        let is_large = items.len() > LOOKED_AT && view.sort == Sort::default();
        let start = PAGE_ROWS.saturating_mul(view.page);
        let end = start.saturating_add(PAGE_ROWS);
        let sorted = items.clone().sorted(is_large.then_some(end), budget)?;
        let (summary, rows) = if is_large {
            (Summary::of(&sorted), examine(&sorted, start, budget)?)
        } else {
            examine_all(&sorted, view, start..end, budget)?
        };
        let mut page = Self {
            summary,
            preview: String::new(),
            opened: None,
            names: Arc::clone(sorted.shared_names()),
            rows,
            request,
        };
        page.opened = page.find_opened();
        page.preview = page.find_preview(items, budget);
        Ok(page)
    }

    /// A row of the page.
    pub fn row(&self, place: usize) -> Option<Ranked> {
        let row = self.rows.get(place)?;
        Some(Ranked {
            row: ListingRow {
                name: self.names.name(row.index).to_vec(),
                is_folder: self.names.is_folder(row.index),
                size: row.size,
                modified_s: row.modified_s,
            },
            rank: row.rank,
        })
    }

    /// The names of its rows, with whether they are folders.
    fn names(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let indices = self.rows.iter().map(|row| row.index);
        indices.map(|index| (self.names.name(index), self.names.is_folder(index)))
    }

    /// The name of the file that is open in the viewer, according to the URL.
    fn find_opened(&self) -> Option<Vec<u8>> {
        let open = self.request.view.open.as_ref()?;
        let mut encoded = String::new();
        let mut names = self.names().map(|(name, _)| name);
        let found = names.find(|name| {
            encoded.clear();
            push_encoded(name, &mut encoded);
            encoded == *open
        });
        found.map(<[u8]>::to_vec)
    }

    /// The path of the picture in link previews: the open file, or else the first picture in this
    /// folder or below. If there is none, a drawing of a folder.
    fn find_preview(&self, items: &Items, budget: &Budget) -> String {
        let folder = &self.request.listing.path;
        let opened = self.opened.as_deref();
        let is_wanted = |name: &[u8]| opened.is_none_or(|opened| name == opened);
        let is_picture = |(name, is_folder): &(&[u8], bool)| {
            !is_folder && is_wanted(name) && thumbnail::can_be_made(name)
        };
        let path = match self.names().find(is_picture) {
            Some((name, _)) => Some(folder.join(name)),
            None if opened.is_some() => None,
            None => {
                let folders = self.names().filter(|(_, is_folder)| *is_folder);
                let folders = folders.map(|(name, _)| name);
                let source = items.source();
                let below = source.subtree_file(folders, thumbnail::can_be_made, budget);
                below.map(|below| {
                    let names = below.names();
                    names.fold(folder.clone(), |path, name| path.join(name))
                })
            }
        };
        match path {
            Some(path) => format!("{}?card", path.to_url()),
            None => format!("{}?cover", folder.to_url()),
        }
    }
}

/// The rows of a page that begins at `start`, of entries that are sorted so far.
fn examine(items: &Items, start: usize, budget: &Budget) -> io::Result<Vec<KeptRow>> {
    let mut rows = Vec::new();
    for place in start..items.len() {
        budget.check_entry(place)?;
        if rows.len() == PAGE_ROWS {
            break;
        }
        if let Some(row) = items.row(place) {
            rows.push(KeptRow {
                index: items.index(place),
                rank: start + rows.len(),
                size: row.size,
                modified_s: row.modified_s,
            });
        }
    }
    Ok(rows)
}

/// A summary of all entries, and those rows that are in `window` in the order of the view. The
/// others are not kept: a large folder has many.
fn examine_all(
    items: &Items,
    view: &ListView,
    window: Range<usize>,
    budget: &Budget,
) -> io::Result<(Summary, Vec<KeptRow>)> {
    let mut summary = Summary::of_none();
    let mut rows = Vec::with_capacity(items.len());
    for place in 0..items.len() {
        budget.check_entry(place)?;
        if let Some(row) = items.row(place) {
            summary.add_row(&row);
            rows.push(SortRow::new(&row, rows.len(), place));
        }
    }
    if let Some(size) = summary.size {
        let folders = rows.iter().filter(|row| row.is_folder);
        let below = items
            .source()
            .subtree_size(folders.map(|row| items.name(row.place)), budget);
        summary.size = below.map(|below| size.saturating_add(below));
    }
    view.sort.apply(&mut rows);
    let window = window.start..window.end.min(rows.len());
    let rows = rows.get(window).unwrap_or_default();
    let kept = |row: &SortRow| KeptRow {
        index: items.index(row.place),
        rank: row.rank,
        size: row.size,
        modified_s: row.modified_s,
    };
    Ok((summary, rows.iter().map(kept).collect()))
}
