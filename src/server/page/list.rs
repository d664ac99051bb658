//! The page of a folder.
//!
//! A page has up to [`PAGE_ROWS`] rows. A larger folder has several pages for visitors without a
//! script; the script gets all rows at once as JSON. Such a folder is not looked at in full
//! before the first rows leave: the names say enough for them.

use std::io;

use actix_web::http::header::HOST;
use askama::Template;
use bytes::Bytes;
use serde::Serialize;

use super::kind::Kind;
use super::markdown;
use super::policy::{SCRIPT, STYLE};
use super::text::{script_json, shown_name};
use super::view::{Key, Layout, Sort, View};
use super::words::{ListWords, ViewerWords, Words};
use crate::server::answer::Asked;
use crate::server::civil::Civil;
use crate::server::listing::{Content, Items, Listing, Row};
use crate::server::path::push_encoded;
use crate::server::thumbnail;
use crate::server::transport::Source;

/// Rows of one page.
const PAGE_ROWS: usize = 500;

/// Folders up to this size are looked at in full before the page leaves.
const LOOKED_AT: usize = 2000;

/// A folder with fewer pictures is no gallery.
const GALLERY_MIN: usize = 4;

const ICONS: &str = include_str!("icons.svg");

/// What a visitor asked for.
#[derive(Debug)]
pub struct Wanted {
    listing: Listing,
    view: View,
    words: &'static Words,
    /// Scheme and host, as the visitor wrote the latter.
    origin: String,
}

impl Wanted {
    /// Takes it from a request.
    pub fn of(asked: &Asked<'_>, listing: Listing) -> Wanted {
        let host = asked.headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default();
        // The names that a request may have were checked: a loopback name or the public one.
        let is_local = ["127.", "[", "localhost"]
            .iter()
            .any(|start| host.to_ascii_lowercase().starts_with(start));
        let scheme = if is_local { "http" } else { "https" };
        Wanted {
            listing,
            view: View::parse(asked.query),
            words: Words::of(asked.headers),
            origin: format!("{scheme}://{host}"),
        }
    }
}

/// Makes the page. May wait for the disk.
///
/// # Errors
/// If the folder can't be read.
pub fn list(content: &Content, wanted: &Wanted) -> io::Result<Whole> {
    let read = content.read()?;
    let view = &wanted.view;
    // Large, and in an order that the names alone can tell.
    let is_large = read.len() > LOOKED_AT && view.sort == Sort::default();
    let start = PAGE_ROWS.saturating_mul(view.page);
    let end = start.saturating_add(PAGE_ROWS);
    let facts = if is_large {
        Facts::of(&read)
    } else {
        Facts::default()
    };
    let mut items = read.sorted(is_large.then_some(end));
    let mut rows = Vec::new();
    if is_large {
        items.skip(start.min(items.len()));
        rows.extend(items.rows().take(PAGE_ROWS).zip(start..).map(Ranked::new));
    } else {
        rows.extend(items.rows().zip(0..).map(Ranked::new));
        view.sort.apply(&mut rows, |ranked| &ranked.row);
    }
    let mut facts = if is_large {
        facts
    } else {
        Facts::of_rows(&rows)
    };
    if let Some(size) = facts.size {
        let folders = rows.iter().filter(|ranked| ranked.row.is_folder);
        let below = content.size_below(folders.map(|ranked| ranked.row.name.as_slice()));
        facts.size = below.map(|below| size.saturating_add(below));
    }
    let rows = if is_large {
        &rows[..]
    } else {
        rows.get(start..end.min(rows.len())).unwrap_or_default()
    };
    let page = Page::new(content, wanted, &facts, rows);
    // Writing to memory does not fail.
    let start = page.render().unwrap_or_default();
    Ok(Whole(Some(start.into())))
}

/// The page as a body of one piece.
pub struct Whole(Option<Bytes>);

impl Whole {
    /// Bytes.
    pub fn len(&self) -> u64 {
        self.0.as_ref().map_or(0, |page| page.len() as u64)
    }
}

impl Source for Whole {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        Ok(self.0.take())
    }
}

/// What is known of all entries.
#[derive(Debug, Default)]
struct Facts {
    folders: usize,
    files: usize,
    pictures: usize,
    /// Bytes of all files, also below; unknown where that takes long.
    size: Option<u64>,
    readme: Option<Vec<u8>>,
}

impl Facts {
    fn of(items: &Items) -> Facts {
        let mut facts = Facts::default();
        for (name, is_folder) in items.names() {
            facts.add(name, is_folder);
        }
        // The first ones stand for all.
        let pictures = items.names().take(LOOKED_AT);
        let pictures = pictures.filter(|(name, is_folder)| !is_folder && has_tile(name));
        facts.pictures = pictures.count() * facts.total().div_ceil(LOOKED_AT);
        facts
    }

    fn of_rows(rows: &[Ranked]) -> Facts {
        let mut facts = Facts::default();
        let mut size = 0_u64;
        for Ranked { row, .. } in rows {
            facts.add(&row.name, row.is_folder);
            facts.pictures += usize::from(!row.is_folder && has_tile(&row.name));
            size = size.saturating_add(row.size);
        }
        Facts {
            size: Some(size),
            ..facts
        }
    }

    fn add(&mut self, name: &[u8], is_folder: bool) {
        if is_folder {
            self.folders += 1;
            return;
        }
        self.files += 1;
        if name.eq_ignore_ascii_case(b"readme.md") {
            self.readme = Some(name.to_vec());
        }
    }

    fn total(&self) -> usize {
        self.folders + self.files
    }

    /// As people would lay it out: mostly pictures are a gallery.
    fn layout(&self) -> Layout {
        if self.pictures >= GALLERY_MIN && self.pictures * 3 >= self.total() * 2 {
            Layout::Gallery
        } else {
            Layout::List
        }
    }
}

/// Whether a gallery has more than an icon for a file of this name.
fn has_tile(name: &[u8]) -> bool {
    let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let is_shown = |known: &[u8]| extension.eq_ignore_ascii_case(known);
    let others: [&[u8]; 4] = [b"avif", b"svg", b"bmp", b"ico"];
    thumbnail::can_be_made(name) || others.into_iter().any(is_shown)
}

/// A row with its place in the order of names.
#[derive(Clone)]
struct Ranked {
    row: Row,
    rank: usize,
}

impl Ranked {
    fn new((row, rank): (Row, usize)) -> Ranked {
        Ranked { row, rank }
    }
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
    summary: String,
    origin: &'a str,
    og_url: String,
    og_picture: String,
    layout: &'static str,
    /// The same, if it is the visitor's own choice.
    chosen_layout: Option<&'static str>,
    crumbs: Vec<Crumb>,
    counts: String,
    is_counted: bool,
    total: usize,
    total_size: u64,
    shown_size: String,
    headings: Vec<Heading<'a>>,
    sort: Sort,
    entries: Vec<Shown<'a>>,
    pages: usize,
    page_of: String,
    previous_url: Option<String>,
    next_url: Option<String>,
    readme: Option<Readme>,
    script_data: String,
}

struct Crumb {
    name: String,
    url: String,
}

struct Heading<'a> {
    id: &'static str,
    word: &'a str,
    /// The order that it leads to, as the URL has it.
    sort: String,
    is_current: bool,
}

struct Readme {
    name: String,
    html: String,
}

/// What the script has to know.
#[derive(Serialize)]
struct ScriptData<'a> {
    /// Entries of the folder, of which the page may have only a part.
    total: usize,
    sort: String,
    layout: &'a str,
    /// Ids of the kinds' icons by number.
    icons: Vec<&'a str>,
    /// What the kinds are called, by number.
    names: Vec<&'a str>,
    list: &'a ListWords,
    viewer: &'a ViewerWords,
}

impl<'a> Page<'a> {
    fn new(content: &Content, wanted: &'a Wanted, facts: &Facts, rows: &'a [Ranked]) -> Page<'a> {
        let Wanted {
            listing,
            view,
            words,
            origin,
        } = wanted;
        let share = match listing.share.as_str() {
            "" => words.list.shared_files.clone(),
            name => shown_name(name.as_bytes()),
        };
        let title = listing
            .path
            .last()
            .map_or_else(|| share.clone(), shown_name);
        let layout = view.layout.unwrap_or_else(|| facts.layout()).id();
        let counts = counts(words, facts);
        let shown_size = words.size(facts.size.unwrap_or_default());
        let summary = match facts.size {
            Some(_) if facts.files > 0 => format!("{counts} · {shown_size}"),
            _ => counts.clone(),
        };
        let opened = opened(view, rows);
        let pages = facts.total().div_ceil(PAGE_ROWS);
        let page = view.page;
        Page {
            words,
            style: STYLE,
            script: SCRIPT,
            icons: ICONS,
            og_title: opened.map_or_else(|| title.clone(), |row| shown_name(&row.name)),
            og_url: match (opened, &view.open) {
                // As it was found to be that of a file.
                (Some(_), Some(open)) => format!("{}?open={open}", listing.path.to_url()),
                _ => listing.path.to_url(),
            },
            og_picture: og_picture(content, listing, opened, rows),
            crumbs: crumbs(listing, share),
            title,
            summary,
            origin,
            layout,
            chosen_layout: view.layout.map(Layout::id),
            counts,
            is_counted: facts.size.is_some(),
            total: facts.total(),
            total_size: facts.size.unwrap_or_default(),
            shown_size,
            headings: headings(wanted),
            sort: view.sort,
            entries: rows.iter().map(Shown::new).collect(),
            pages,
            page_of: words
                .list
                .page_of
                .replace("{n}", &page.saturating_add(1).to_string())
                .replace("{total}", &pages.to_string()),
            previous_url: (page > 0).then(|| view.on_page((page - 1).min(pages.saturating_sub(1)))),
            next_url: (page + 1 < pages).then(|| view.on_page(page + 1)),
            readme: readme(content, facts),
            script_data: script_json(&ScriptData {
                total: facts.total(),
                sort: view.sort.id(),
                layout,
                icons: Kind::ALL.iter().map(|kind| kind.id()).collect(),
                names: Kind::ALL
                    .iter()
                    .map(|kind| kind.word(&words.kind))
                    .collect(),
                list: &words.list,
                viewer: &words.viewer,
            }),
        }
    }
}

/// A row as the template has it.
struct Shown<'a> {
    row: &'a Row,
    rank: usize,
    kind: Kind,
    name: String,
    url: String,
    is_folder: bool,
    size: u64,
    modified_s: i64,
}

impl<'a> Shown<'a> {
    fn new(ranked: &'a Ranked) -> Shown<'a> {
        let row = &ranked.row;
        Shown {
            row,
            rank: ranked.rank,
            kind: row.kind(),
            name: shown_name(&row.name),
            url: row.url(),
            is_folder: row.is_folder,
            size: row.size,
            modified_s: row.modified_s,
        }
    }

    fn shown_size(&self, words: &Words) -> String {
        words.size(self.row.size)
    }

    fn time(&self) -> String {
        let time = Civil::from_unix(self.modified_s);
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            time.year, time.month, time.day, time.hour, time.minute, time.second
        )
    }

    fn day(&self) -> String {
        let time = Civil::from_unix(self.modified_s);
        format!("{:04}-{:02}-{:02}", time.year, time.month, time.day)
    }

    fn download_label(&self, words: &Words) -> String {
        let text = if self.is_folder {
            &words.list.download_folder
        } else {
            &words.list.download
        };
        text.replace("{name}", &self.name)
    }
}

fn counts(words: &Words, facts: &Facts) -> String {
    // A platform's numbers of entries fit.
    let (folders, files) = (facts.folders as u64, facts.files as u64);
    match (folders, files) {
        (folders, 0) if folders > 0 => words.folders(folders),
        (0, files) => words.files(files),
        _ => format!("{} · {}", words.folders(folders), words.files(files)),
    }
}

fn crumbs(listing: &Listing, share: String) -> Vec<Crumb> {
    let mut crumbs = Vec::new();
    let mut url = String::from("/");
    let mut above = share;
    for name in listing.path.names() {
        crumbs.push(Crumb {
            name: above,
            url: url.clone(),
        });
        push_encoded(name, &mut url);
        url.push('/');
        above = shown_name(name);
    }
    crumbs
}

fn headings(wanted: &Wanted) -> Vec<Heading<'_>> {
    let words = &wanted.words.list;
    let sort = wanted.view.sort;
    Key::ALL
        .map(|key| Heading {
            id: key.id(),
            word: match key {
                Key::Name => &words.name,
                Key::Kind => &words.kind,
                Key::Size => &words.size,
                Key::Changed => &words.changed,
            },
            sort: sort.after(key).id(),
            is_current: sort.key == key,
        })
        .into()
}

/// The row of the file that the URL says is open.
fn opened<'a>(view: &View, rows: &'a [Ranked]) -> Option<&'a Row> {
    let open = view.open.as_ref()?;
    let mut encoded = String::new();
    let found = rows.iter().find(|ranked| {
        encoded.clear();
        push_encoded(&ranked.row.name, &mut encoded);
        encoded == *open
    });
    found.map(|ranked| &ranked.row)
}

/// The path of a picture for messengers: that of the open file, else the first one there is, also
/// in the folders of this one; where there is none, a drawing of a folder.
fn og_picture(
    content: &Content,
    listing: &Listing,
    opened: Option<&Row>,
    rows: &[Ranked],
) -> String {
    let is_picture = |row: &&Row| !row.is_folder && thumbnail::can_be_made(&row.name);
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
            let below = content.file_below(folders, thumbnail::can_be_made);
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

fn readme(content: &Content, facts: &Facts) -> Option<Readme> {
    let name = facts.readme.as_ref()?;
    let text = content.start_of_file(name, markdown::MAX_BYTES)?;
    Some(Readme {
        name: shown_name(name),
        html: markdown::to_html(&String::from_utf8_lossy(&text)),
    })
}
