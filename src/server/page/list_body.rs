//! Writes the page of a folder piece by piece.
//!
//! A page takes some hundred kilobytes, and every visitor may ask for another one. So a slow visitor
//! has only one piece of it in memory.

use std::{collections::BTreeMap, io, sync::Arc};

use askama::Template;
use bytes::Bytes;
use serde::Serialize;

use super::{
    assets::{LIST_UPLOAD_SCRIPT, LIST_UPLOAD_STYLE, PART_VERSIONS, SCRIPT, STYLE},
    card::Card,
    list::{ListPage, PAGE_ROWS},
    markdown::{CHUNK_BYTES, Rendered},
    navigation::{Breadcrumb, Heading, breadcrumbs, headings},
    offer::OfferLines,
    one_file::{OneFile, only_file},
    row::{Ranked, RowView},
    text::script_json,
    view::{ListLayout, Sort},
    words::{ListWords, ScriptTexts, ViewerWords, Words},
};
use crate::server::{
    http::media_type::MediaType,
    kind::{FileKind, SHOWN_BY_BROWSERS, WITH_SMALL_PICTURES, has_small_picture},
    listing::Items,
    path::shown_name,
    transport::ChunkSource,
};

const ICONS: &str = include_str!("icons.svg");

/// The body of a page.
pub struct ListBody {
    page: Arc<ListPage>,
    /// All entries of a large folder, in order, if they come instead of the rows of the page.
    all: Option<Items>,
    readme: Option<Readme>,
    /// The file comes above the list.
    is_lead: bool,
    /// The only file, if the share is one.
    only: Option<Ranked>,
    /// What links to folders end with.
    carried: String,
    next: Part,
}

/// The file that is shown with the list.
pub struct Readme {
    pub name: String,
    pub rendered: Arc<Rendered>,
}

/// In a folder with more entries, the file comes above the list: nobody would find it below.
const LONG_LIST: usize = 20;

/// Of a file above the list with more HTML, only the start is shown until the visitor unfolds it.
const SHORT_HTML: usize = 1_500;

/// What is written next.
#[derive(Clone, Copy)]
enum Part {
    /// The head of the page.
    Top,
    /// The file, from this byte of its HTML on.
    Readme(usize),
    /// Above the rows.
    Head,
    /// The row of this number.
    Row(usize),
    /// Between the rows and the end.
    Bottom,
    End,
    Nothing,
}

impl ListBody {
    /// The body of a page, with the file above or below the list.
    pub fn new(page: Arc<ListPage>, readme: Option<Readme>) -> Self {
        let is_long = page.summary.total() > LONG_LIST;
        Self {
            only: only_file(&page),
            carried: page.request.view.carried(),
            is_lead: readme.is_some() && is_long && page.request.view.page == 0,
            page,
            all: None,
            readme,
            next: Part::Top,
        }
    }

    /// The same with all entries of the folder, which must be in order, in place of its first ones.
    #[must_use]
    pub fn with_all(self, items: Items) -> Self {
        let all = Some(items);
        Self { all, ..self }
    }

    /// The row with this number.
    fn row(&mut self, place: usize) -> Option<Ranked> {
        match &mut self.all {
            Some(items) => {
                let row = items.rows().next()?;
                Some(Ranked { row, rank: place })
            }
            None => self.page.row(place),
        }
    }

    /// Writes a part, and returns which one is next.
    fn write(&mut self, text: &mut Vec<u8>) -> io::Result<Part> {
        let page = Arc::clone(&self.page);
        let (page, is_whole) = (&*page, self.all.is_some());
        let is_gallery = layout(page) == ListLayout::Gallery.id();
        let words = page.request.words;
        match self.next {
            Part::Top => {
                write(&Top::of(page, self.only.as_ref(), &self.carried), text)?;
                Ok(if let Some(only) = &self.only {
                    write(&OneFile::new(only, words), text)?;
                    self.begin_readme(text)?
                } else if self.is_lead {
                    self.begin_readme(text)?
                } else {
                    Part::Head
                })
            }
            Part::Head => {
                write(&Head::of(page), text)?;
                Ok(Part::Row(0))
            }
            Part::Row(place) => {
                let Some(row) = self.row(place) else {
                    return Ok(Part::Bottom);
                };
                let entry = RowView::new(&row);
                if is_whole && page.request.is_plain {
                    write(&PlainRow { words, entry }, text)?;
                } else {
                    let row = Row {
                        words,
                        picture: is_gallery && has_small_picture(&row.row.name),
                        entry,
                        carried: &self.carried,
                    };
                    write(&row, text)?;
                }
                Ok(Part::Row(place + 1))
            }
            Part::Bottom => {
                write(&Bottom::of(page, is_whole), text)?;
                Ok(if self.readme.is_some() && !self.is_lead {
                    self.begin_readme(text)?
                } else {
                    Part::End
                })
            }
            Part::Readme(start) => self.go_on_with_readme(start, text),
            Part::End => {
                write(&End::of(page, is_whole), text)?;
                Ok(Part::Nothing)
            }
            Part::Nothing => Ok(Part::Nothing),
        }
    }
}

impl ListBody {
    fn begin_readme(&self, text: &mut Vec<u8>) -> io::Result<Part> {
        let Some(readme) = &self.readme else {
            return Ok(Part::End);
        };
        let start = ReadmeStart {
            words: self.page.request.words,
            readme,
            is_lead: self.is_lead,
            is_folded: readme.rendered.html.len() > SHORT_HTML,
        };
        write(&start, text)?;
        Ok(Part::Readme(0))
    }

    fn go_on_with_readme(&self, start: usize, text: &mut Vec<u8>) -> io::Result<Part> {
        let Some(readme) = &self.readme else {
            return Ok(Part::End);
        };
        let html = readme.rendered.chunk(start);
        text.extend_from_slice(html);
        if !html.is_empty() {
            return Ok(Part::Readme(start + html.len()));
        }
        let end = ReadmeEnd {
            words: self.page.request.words,
            readme,
            is_lead: self.is_lead,
        };
        write(&end, text)?;
        Ok(if self.is_lead { Part::Head } else { Part::End })
    }
}

impl ChunkSource for ListBody {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut text = Vec::new();
        while text.len() < CHUNK_BYTES && !matches!(self.next, Part::Nothing) {
            self.next = self.write(&mut text)?;
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }
}

fn write(template: &impl Template, text: &mut Vec<u8>) -> io::Result<()> {
    Template::write_into(template, text)
}

#[derive(Template)]
#[template(path = "list_top.html")]
struct Top<'a> {
    words: &'static Words,
    style: &'static str,
    icons: &'static str,
    title: String,
    og_title: String,
    description: String,
    origin: &'a str,
    og_url: String,
    /// What messengers show: a picture and its size, and a video.
    card: &'a Card,
    /// The type of the video.
    video_type: String,
    layout: &'static str,
    breadcrumbs: Vec<Breadcrumb>,
    carried: &'a str,
    only: Option<RowView<'a>>,
    counts: String,
    is_counted: bool,
    total: usize,
    total_size: u64,
    shown_size: String,
    offer: OfferLines,
    /// The style sheet for adding files, if visitors may.
    adding_style: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "list_head.html")]
struct Head<'a> {
    words: &'static Words,
    /// The layout, if the visitor chose it.
    chosen_layout: Option<&'static str>,
    total: usize,
    headings: Vec<Heading<'a>>,
    sort: Sort,
}

#[derive(Template)]
#[template(path = "readme_start.html")]
struct ReadmeStart<'a> {
    words: &'static Words,
    readme: &'a Readme,
    is_lead: bool,
    /// Only its start is shown at first.
    is_folded: bool,
}

#[derive(Template)]
#[template(path = "readme_end.html")]
struct ReadmeEnd<'a> {
    words: &'static Words,
    readme: &'a Readme,
    is_lead: bool,
}

#[derive(Template)]
#[template(path = "list_row.html")]
struct Row<'a> {
    words: &'static Words,
    entry: RowView<'a>,
    /// Browsers without a script get a small picture, too.
    picture: bool,
    carried: &'a str,
}

/// A row for programs. Some look at every element, so it has few.
#[derive(Template)]
#[template(path = "list_plain_row.html")]
struct PlainRow<'a> {
    words: &'static Words,
    entry: RowView<'a>,
}

#[derive(Template)]
#[template(path = "list_bottom.html")]
struct Bottom {
    words: &'static Words,
    total: usize,
    pages: usize,
    page_of: String,
    previous_url: Option<String>,
    next_url: Option<String>,
}

#[derive(Template)]
#[template(path = "list_end.html")]
struct End {
    script_data: String,
    /// A browser would need long to go through so many rows.
    script: Option<&'static str>,
    /// The script for adding files, if visitors may.
    adding_script: Option<&'static str>,
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
    /// The extensions of files that have thumbnails.
    thumbnails: &'static [&'static str],
    /// The extensions of pictures that every browser shows itself.
    shown: &'static [&'static str],
    list: &'a ListWords,
    viewer: &'a ViewerWords,
    texts: &'a ScriptTexts,
    /// The versions of the script's parts, by their names.
    parts: &'a BTreeMap<&'static str, String>,
}

impl<'a> Top<'a> {
    fn of(page: &'a ListPage, only: Option<&'a Ranked>, carried: &'a str) -> Self {
        let (request, summary) = (&page.request, &page.summary);
        let (listing, view, words) = (&request.listing, &request.view, request.words);
        let share = match listing.share.as_str() {
            "" => words.list.shared_files.clone(),
            name => shown_name(name.as_bytes()),
        };
        let title = listing
            .path
            .last()
            .map_or_else(|| share.clone(), shown_name);
        let counts = summary.counts(words);
        let shown_size = words.size(summary.size.unwrap_or_default());
        let description = match summary.size {
            _ if page.opened.is_some() => {
                let of_file = page.opened.iter().map(|file| {
                    format!("{} · {}", words.kind.of(file.kind()), words.size(file.size))
                });
                of_file.collect()
            }
            Some(_) if summary.files > 0 => format!("{counts} · {shown_size}"),
            _ => counts.clone(),
        };
        let offer = OfferLines::of(&request.offer, words);
        let description = match offer.from.as_str() {
            "" => description,
            from => format!("{from} · {description}"),
        };
        let opened = page.opened.as_ref();
        Self {
            words,
            style: &STYLE,
            icons: ICONS,
            og_title: opened.map_or_else(|| title.clone(), |file| shown_name(&file.name)),
            og_url: match (opened, &view.open) {
                // It matched the encoded name of a file, so it is safe in a URL.
                (Some(_), Some(open)) => format!("{}?open={open}", listing.path.to_url()),
                _ => listing.path.to_url(),
            },
            card: &page.card,
            video_type: opened.map_or_else(String::new, |file| {
                MediaType::of_name(&file.name).header().into_owned()
            }),
            breadcrumbs: breadcrumbs(listing, share),
            carried,
            only: only.map(RowView::new),
            title,
            description,
            origin: &request.origin,
            layout: layout(page),
            counts,
            is_counted: summary.size.is_some(),
            total: summary.total(),
            total_size: summary.size.unwrap_or_default(),
            shown_size,
            offer,
            adding_style: request.takes_files.then_some(*LIST_UPLOAD_STYLE),
        }
    }
}

impl<'a> Head<'a> {
    fn of(page: &'a ListPage) -> Self {
        let (view, words) = (&page.request.view, page.request.words);
        Self {
            words,
            chosen_layout: view.layout.map(ListLayout::id),
            total: page.summary.total(),
            headings: headings(&words.list, view.sort),
            sort: view.sort,
        }
    }
}

impl Bottom {
    fn of(page: &ListPage, is_whole: bool) -> Self {
        let (view, words) = (&page.request.view, page.request.words);
        let (number, total) = (view.page, page.summary.total());
        let pages = if is_whole {
            1
        } else {
            total.div_ceil(PAGE_ROWS)
        };
        let page_of = words.list.page_of.replace("{total}", &pages.to_string());
        Self {
            words,
            total,
            pages,
            page_of: page_of.replace("{n}", &number.saturating_add(1).to_string()),
            previous_url: (number > 0)
                .then(|| view.on_page((number - 1).min(pages.saturating_sub(1)))),
            next_url: (number.saturating_add(1) < pages).then(|| view.on_page(number + 1)),
        }
    }
}

impl End {
    fn of(page: &ListPage, is_whole: bool) -> Self {
        let words = page.request.words;
        let script_data = script_json(&ScriptData {
            total: page.summary.total(),
            sort: page.request.view.sort.id(),
            layout: layout(page),
            icons: FileKind::ALL.iter().map(|kind| kind.id()).collect(),
            names: FileKind::ALL
                .iter()
                .map(|&kind| words.kind.of(kind))
                .collect(),
            thumbnails: &WITH_SMALL_PICTURES,
            shown: SHOWN_BY_BROWSERS,
            list: &words.list,
            viewer: &words.viewer,
            texts: &words.page,
            parts: &PART_VERSIONS,
        });
        Self {
            script_data,
            script: (!is_whole).then_some(*SCRIPT),
            adding_script: (page.request.takes_files && !is_whole).then_some(*LIST_UPLOAD_SCRIPT),
        }
    }
}

fn layout(page: &ListPage) -> &'static str {
    let chosen = page.request.view.layout;
    chosen.unwrap_or_else(|| page.summary.layout()).id()
}

#[cfg(all(test, unix))]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use actix_web::http::header::HeaderMap;

    use super::*;
    use crate::server::{
        http::Request,
        listing::{Items, Listing, ListingSource},
        page::{list::ListRequest, markdown::render},
        path::RequestPath,
        transport::Delivery,
        work::Budget,
    };

    #[test]
    fn a_page_comes_in_short_pieces_whatever_the_names_and_the_file_below_are() {
        const FILES: usize = 300;
        let dir = tempfile::tempdir().unwrap();
        for number in 0..FILES {
            let name = [format!("{number:03}").as_bytes(), &[0xff; 252]].concat();
            std::fs::write(dir.path().join(OsStr::from_bytes(&name)), "").unwrap();
        }
        let budget = Budget::ample();
        let source = ListingSource::of_dir(dir.path());
        let names = source.read(&budget).unwrap().into();
        let path = RequestPath::default();
        let request = Request {
            path: &path,
            query: "",
            headers: &HeaderMap::new(),
            delivery: Delivery::default(),
            visit: None,
            visitor: None,
            is_open_to_files: false,
            shows_places: false,
            copies: &Arc::default(),
            offers: &crate::server::offer::Offers::default(),
        };
        let listing = Listing {
            share: "share".to_owned(),
            path: path.clone(),
        };
        let request = Arc::new(ListRequest::of(&request, listing, false));
        let page = ListPage::new(&Items::new(source.into(), names), request, &budget);
        let page = Arc::new(page.unwrap());
        for length in [None, Some(0), Some(75_000)] {
            let readme = length.map(|length| Readme {
                name: "readme.md".to_owned(),
                rendered: Arc::new(render(
                    &"é \n\n".repeat(length / 5),
                    &page.request.words.alert,
                )),
            });
            let paragraphs = length.unwrap_or_default() / 5;
            let mut body = ListBody::new(Arc::clone(&page), readme);
            let mut text = Vec::new();
            while let Some(piece) = body.next().unwrap() {
                assert!(piece.len() < 2 * CHUNK_BYTES, "{}", piece.len());
                text.extend_from_slice(&piece);
            }
            let text = String::from_utf8(text).unwrap();
            assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"));
            assert_eq!(text.matches("<li class=\"e ").count(), FILES);
            assert_eq!(
                text.matches("<article ").count(),
                usize::from(length.is_some())
            );
            assert_eq!(text.matches("<p>é</p>").count(), paragraphs);
            // Nobody would find it below so many rows.
            let of_file = text.find("<article ");
            assert!(of_file.is_none_or(|at| at < text.find("<li class=\"e ").unwrap()));
            assert_eq!(
                text.matches("<details ").count(),
                usize::from(length > Some(0))
            );
            for (open, close) in [
                ("<div", "</div>"),
                ("<ol>", "</ol>"),
                ("<main>", "</main>"),
                ("<form", "</form>"),
            ] {
                assert_eq!(
                    text.matches(open).count(),
                    text.matches(close).count(),
                    "{open}"
                );
            }
        }
    }
}
