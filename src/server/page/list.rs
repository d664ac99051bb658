//! The page of a folder.
//!
//! A page has up to [`PAGE_ROWS`] rows. Larger folders have several pages for visitors without
//! JavaScript; the script fetches all rows as JSON. The files of a large folder are not all examined
//! before the first page is sent, because their names are enough for it.

use std::{io, ops::Range};

use actix_web::http::header::HOST;
use askama::Template;
use serde::Serialize;

use super::{
    markdown,
    navigation::{Breadcrumb, Heading, breadcrumbs, headings},
    policy::{SCRIPT, STYLE},
    row::{Ranked, RowView},
    summary::{LOOKED_AT, Summary},
    text::script_json,
    view::{ListLayout, ListView, Sort, SortRow},
    words::{ListWords, ViewerWords, Words},
};
use crate::server::{
    http::Request,
    kind::FileKind,
    listing::{Items, Listing, ListingRow, ListingSource},
    path::{push_encoded, shown_name},
    thumbnail,
    work::Budget,
};

/// Rows per page.
const PAGE_ROWS: usize = 500;

const ICONS: &str = include_str!("icons.svg");

/// What a visitor asked for.
#[derive(Debug)]
pub struct ListRequest {
    listing: Listing,
    view: ListView,
    words: &'static Words,
    /// Scheme and host; the host as the visitor wrote it.
    origin: String,
}

impl PartialEq for ListRequest {
    fn eq(&self, other: &Self) -> bool {
        self.listing == other.listing
            && self.view == other.view
            && self.words.language == other.words.language
            && self.origin == other.origin
    }
}

impl ListRequest {
    /// Takes it from a request.
    pub fn of(request: &Request<'_>, listing: Listing) -> Self {
        let host = request
            .headers
            .get(HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default();
        // The gate has checked the host: it is a loopback name or the public name.
        let is_local = ["127.", "[", "localhost"]
            .iter()
            .any(|start| host.to_ascii_lowercase().starts_with(start));
        let scheme = if is_local { "http" } else { "https" };
        Self {
            listing,
            view: ListView::parse(request.query),
            words: Words::of(request.headers),
            origin: format!("{scheme}://{host}"),
        }
    }
}

/// Renders the page for entries in any order. May wait for the disk.
///
/// # Errors
/// If the budget is used up.
pub fn list(items: Items, request: &ListRequest, budget: &Budget) -> io::Result<String> {
    let view = &request.view;
    // Large, and in an order that depends on names only.
    let is_large = items.len() > LOOKED_AT && view.sort == Sort::default();
    let start = PAGE_ROWS.saturating_mul(view.page);
    let end = start.saturating_add(PAGE_ROWS);
    let sorted = items.sorted(is_large.then_some(end), budget)?;
    let (summary, rows) = if is_large {
        let mut items = sorted.clone();
        let summary = Summary::of(&items);
        items.skip(start);
        let rows = items.rows().take(PAGE_ROWS).zip(start..).map(Ranked::new);
        (summary, rows.collect())
    } else {
        examine_all(&sorted, view, start..end, budget)?
    };
    let content = sorted.source();
    let page = Page::new(content, request, &summary, &rows, budget);
    // Writing to memory can't fail.
    Ok(page.render().unwrap_or_default())
}

/// A summary of all entries, and those rows that are in `window` in the order of the view. The
/// others are not kept: a large folder has many.
fn examine_all(
    items: &Items,
    view: &ListView,
    window: Range<usize>,
    budget: &Budget,
) -> io::Result<(Summary, Vec<Ranked>)> {
    let mut summary = Summary::of_none();
    let mut rows = Vec::with_capacity(items.len());
    for place in 0..items.len() {
        budget.check()?;
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
    let ranked = |row: &SortRow| Ranked {
        row: ListingRow {
            name: items.name(row.place).to_vec(),
            is_folder: row.is_folder,
            size: row.size,
            modified_s: row.modified_s,
        },
        rank: row.rank,
    };
    Ok((summary, rows.iter().map(ranked).collect()))
}

#[derive(Template)]
#[template(path = "list.html")]
struct Page<'a> {
    words: &'static Words,
    style: &'static str,
    script: &'static str,
    icons: &'static str,
    title: String,
    og_title: String,
    description: String,
    origin: &'a str,
    og_url: String,
    og_picture: String,
    layout: &'static str,
    /// The layout, if the visitor chose it.
    chosen_layout: Option<&'static str>,
    breadcrumbs: Vec<Breadcrumb>,
    counts: String,
    is_counted: bool,
    total: usize,
    total_size: u64,
    shown_size: String,
    headings: Vec<Heading<'a>>,
    sort: Sort,
    entries: Vec<RowView<'a>>,
    pages: usize,
    page_of: String,
    previous_url: Option<String>,
    next_url: Option<String>,
    readme: Option<Readme>,
    script_data: String,
}

struct Readme {
    name: String,
    html: String,
    /// Whether only the start is shown.
    is_cut: bool,
}

/// Data for the script.
#[derive(Serialize)]
struct ScriptData<'a> {
    /// Number of entries in the folder; the page may have only some of them.
    total: usize,
    sort: String,
    layout: &'a str,
    /// Icon ids of the kinds, by number.
    icons: Vec<&'a str>,
    /// Names of the kinds, by number.
    names: Vec<&'a str>,
    list: &'a ListWords,
    viewer: &'a ViewerWords,
}

impl<'a> Page<'a> {
    fn new(
        content: &ListingSource,
        request: &'a ListRequest,
        summary: &Summary,
        rows: &'a [Ranked],
        budget: &Budget,
    ) -> Self {
        let ListRequest {
            listing,
            view,
            words,
            origin,
        } = request;
        let share = match listing.share.as_str() {
            "" => words.list.shared_files.clone(),
            name => shown_name(name.as_bytes()),
        };
        let title = listing
            .path
            .last()
            .map_or_else(|| share.clone(), shown_name);
        let layout = view.layout.unwrap_or_else(|| summary.layout()).id();
        let counts = summary.counts(words);
        let shown_size = words.size(summary.size.unwrap_or_default());
        let description = match summary.size {
            Some(_) if summary.files > 0 => format!("{counts} · {shown_size}"),
            _ => counts.clone(),
        };
        let opened = opened(view, rows);
        let pages = summary.total().div_ceil(PAGE_ROWS);
        let page = view.page;
        Page {
            words,
            style: STYLE,
            script: SCRIPT,
            icons: ICONS,
            og_title: opened.map_or_else(|| title.clone(), |row| shown_name(&row.name)),
            og_url: match (opened, &view.open) {
                // It matched the encoded name of a file, so it is safe in a URL.
                (Some(_), Some(open)) => format!("{}?open={open}", listing.path.to_url()),
                _ => listing.path.to_url(),
            },
            og_picture: og_picture(content, listing, opened, rows, budget),
            breadcrumbs: breadcrumbs(listing, share),
            title,
            description,
            origin,
            layout,
            chosen_layout: view.layout.map(ListLayout::id),
            counts,
            is_counted: summary.size.is_some(),
            total: summary.total(),
            total_size: summary.size.unwrap_or_default(),
            shown_size,
            headings: headings(&words.list, view.sort),
            sort: view.sort,
            entries: rows.iter().map(RowView::new).collect(),
            pages,
            page_of: words
                .list
                .page_of
                .replace("{n}", &page.saturating_add(1).to_string())
                .replace("{total}", &pages.to_string()),
            previous_url: (page > 0).then(|| view.on_page((page - 1).min(pages.saturating_sub(1)))),
            next_url: (page + 1 < pages).then(|| view.on_page(page + 1)),
            readme: readme(content, summary),
            script_data: script_json(&ScriptData {
                total: summary.total(),
                sort: view.sort.id(),
                layout,
                icons: FileKind::ALL.iter().map(|kind| kind.id()).collect(),
                names: FileKind::ALL
                    .iter()
                    .map(|&kind| words.kind.of(kind))
                    .collect(),
                list: &words.list,
                viewer: &words.viewer,
            }),
        }
    }
}

/// The row of the file that is open in the viewer, according to the URL.
fn opened<'a>(view: &ListView, rows: &'a [Ranked]) -> Option<&'a ListingRow> {
    let open = view.open.as_ref()?;
    let mut encoded = String::new();
    let found = rows.iter().find(|ranked| {
        encoded.clear();
        push_encoded(&ranked.row.name, &mut encoded);
        encoded == *open
    });
    found.map(|ranked| &ranked.row)
}

/// The path of the picture in link previews: the open file, or else the first picture in this
/// folder or below. If there is none, a drawing of a folder.
fn og_picture(
    content: &ListingSource,
    listing: &Listing,
    opened: Option<&ListingRow>,
    rows: &[Ranked],
    budget: &Budget,
) -> String {
    let is_picture = |row: &&ListingRow| !row.is_folder && thumbnail::can_be_made(&row.name);
    let found = match opened {
        Some(opened) => Some(opened).filter(is_picture),
        None => rows.iter().map(|ranked| &ranked.row).find(is_picture),
    };
    let path = match found {
        Some(row) => Some(listing.path.join(&row.name)),
        None if opened.is_some() => None,
        None => {
            let folders = rows.iter().filter(|ranked| ranked.row.is_folder);
            let folders = folders.map(|ranked| ranked.row.name.as_slice());
            let below = content.subtree_file(folders, thumbnail::can_be_made, budget);
            below.map(|below| {
                below
                    .names()
                    .fold(listing.path.clone(), |path, name| path.join(name))
            })
        }
    };
    match path {
        Some(path) => format!("{}?preview", path.to_url()),
        None => format!("{}?cover", listing.path.to_url()),
    }
}

fn readme(content: &ListingSource, summary: &Summary) -> Option<Readme> {
    let name = summary.readme.as_ref()?;
    let (text, is_cut) = content.start_of_file(name, markdown::MAX_BYTES)?;
    let rendered = markdown::render(&String::from_utf8_lossy(&text));
    Some(Readme {
        name: shown_name(name),
        html: rendered.html,
        is_cut: is_cut || rendered.is_cut,
    })
}
