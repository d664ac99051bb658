//! The page of what is found below a folder, for browsers without JavaScript.

use std::{io, sync::Arc};

use actix_web::http::header::HeaderMap;
use askama::Template;
use bytes::Bytes;

use super::{
    assets::{SEARCH_STYLE, STYLE},
    markdown::CHUNK_BYTES,
    navigation::{Breadcrumb, breadcrumbs},
    row::{Ranked, RowView},
    words::Words,
};
use crate::server::{
    listing::{FOUND, Found, Listing},
    path::{push_encoded, shown_name},
    transport::ChunkSource,
};

const ICONS: &str = include_str!("icons.svg");

/// The body of the page, which is written piece by piece.
pub struct SearchPage {
    words: &'static Words,
    listing: Listing,
    text: String,
    /// `None` if nothing was looked for.
    found: Option<Arc<Found>>,
    next: Part,
}

#[derive(Clone, Copy)]
enum Part {
    Top,
    Row(usize),
    End,
    Nothing,
}

#[derive(Template)]
#[template(path = "search_top.html")]
struct Top<'a> {
    words: &'a Words,
    style: &'static str,
    search_style: &'static str,
    icons: &'static str,
    title: String,
    breadcrumbs: Vec<Breadcrumb>,
    text: &'a str,
    said: String,
}

#[derive(Template)]
#[template(path = "search_row.html")]
struct Row<'a> {
    words: &'a Words,
    entry: RowView<'a>,
    url: String,
    folder: String,
}

impl SearchPage {
    /// The page in the language of a request with these headers.
    pub fn new(
        listing: Listing,
        text: &str,
        found: Option<Arc<Found>>,
        request: &HeaderMap,
    ) -> Self {
        Self {
            words: Words::of(request),
            listing,
            text: text.trim().to_owned(),
            found,
            next: Part::Top,
        }
    }

    fn write(&self, text: &mut Vec<u8>) -> io::Result<Part> {
        match self.next {
            Part::Top => {
                self.top().write_into(text)?;
                Ok(Part::Row(0))
            }
            Part::Row(place) => {
                let found = self.found.as_ref();
                let Some(hit) = found.and_then(|found| found.hits.get(place)) else {
                    return Ok(Part::End);
                };
                let ranked = Ranked {
                    row: hit.row.clone(),
                    rank: place,
                };
                let mut url = String::from("./");
                for name in hit.folder.names() {
                    push_encoded(name, &mut url);
                    url.push('/');
                }
                let entry = RowView::new(&ranked);
                url.push_str(entry.url.trim_start_matches("./"));
                let row = Row {
                    words: self.words,
                    url,
                    folder: shown_name(hit.folder.as_bytes()),
                    entry,
                };
                row.write_into(text)?;
                Ok(Part::Row(place + 1))
            }
            Part::End => {
                text.extend_from_slice(b"</ol></section></main></body></html>");
                Ok(Part::Nothing)
            }
            Part::Nothing => Ok(Part::Nothing),
        }
    }

    fn top(&self) -> Top<'_> {
        let words = self.words;
        let share = match self.listing.share.as_str() {
            "" => words.list.shared_files.clone(),
            name => shown_name(name.as_bytes()),
        };
        let last = self.listing.path.last();
        let said = match &self.found {
            None => String::new(),
            Some(found) if found.hits.is_empty() => words
                .list
                .nothing_matches
                .replace("{text}", &shown_name(self.text.as_bytes())),
            Some(found) if found.is_cut => {
                let most = found.hits.len().min(FOUND).to_string();
                words.search.cut.replace("{n}", &most)
            }
            Some(_) => String::new(),
        };
        Top {
            words,
            style: &STYLE,
            search_style: &SEARCH_STYLE,
            icons: ICONS,
            title: last.map_or_else(|| share.clone(), shown_name),
            breadcrumbs: breadcrumbs(&self.listing, share),
            text: &self.text,
            said,
        }
    }
}

impl ChunkSource for SearchPage {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let mut text = Vec::new();
        while text.len() < CHUNK_BYTES && !matches!(self.next, Part::Nothing) {
            self.next = self.write(&mut text)?;
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }
}
