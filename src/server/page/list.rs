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
    card::Card,
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
    /// What messengers show of a link to it.
    pub card: Card,
    /// The file that is open in the viewer.
    pub opened: Option<ListingRow>,
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
        let names = Arc::clone(sorted.shared_names());
        let opened = find_opened(&names, &rows, view);
        let folder = &request.listing.path;
        let card = match &opened {
            Some(file) => Card::of_file(file, folder, items),
            None => {
                let indices = rows.iter().map(|row| row.index);
                let shown = indices.map(|index| (names.name(index), names.is_folder(index)));
                Card::of_folder(folder, shown, items, budget)
            }
        };
        Ok(Self {
            summary,
            card,
            opened,
            names,
            rows,
            request,
        })
    }

    /// A row of the page.
    pub fn row(&self, place: usize) -> Option<Ranked> {
        let row = self.rows.get(place)?;
        Some(Ranked {
            row: row.listed(&self.names),
            rank: row.rank,
        })
    }
}

impl KeptRow {
    fn listed(&self, names: &Names) -> ListingRow {
        ListingRow {
            name: names.name(self.index).to_vec(),
            is_folder: names.is_folder(self.index),
            size: self.size,
            modified_s: self.modified_s,
        }
    }
}

/// The file that is open in the viewer, according to the URL.
fn find_opened(names: &Names, rows: &[KeptRow], view: &ListView) -> Option<ListingRow> {
    let open = view.open.as_ref()?;
    let mut encoded = String::new();
    let found = rows.iter().find(|row| {
        encoded.clear();
        push_encoded(names.name(row.index), &mut encoded);
        encoded == *open && !names.is_folder(row.index)
    });
    found.map(|row| row.listed(names))
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
