//! The pages of the program itself: a folder's list, and the words for what went wrong.
//!
//! A page is one response that needs nothing else: templates, style sheet, script and icons are
//! compiled in, and it works without the script. Names of files are hostile; they get onto a page
//! only through [`shown_name`] and the escaping of the templates.
//!
//! ```text
//! list      the page of a folder
//! facts     what it says of all entries
//! row       one of them
//! ways      what leads to other pages
//! errors    the pages for what went wrong
//! view      how a visitor wants to see a folder, as the URL says it
//! words     texts in the visitor's language
//! read      structs of texts, from a file of messages
//! kind      what kind of file a name stands for
//! text      names and sizes as they are shown
//! markdown  Markdown as HTML that is safe here
//! markup    what is harmless of the HTML in Markdown
//! nesting   whether Markdown nests deeper than people write
//! policy    what a page may load and run
//! ```

mod errors;
mod facts;
mod kind;
mod list;
mod markdown;
mod markup;
mod nesting;
mod policy;
mod read;
mod row;
mod text;
mod view;
mod ways;
mod words;

use std::io;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::answer::Asked;
use super::compress::Whole;
use super::share::{FilePlace, blocking};
use super::transport::read_at;

pub use errors::{error, finish};
pub use kind::Kind;
pub use list::{Wanted, list};
pub use text::shown_name;

/// Made of `cover.svg` with `rsvg-convert`.
const COVER: &[u8] = include_bytes!("cover.png");

/// Adds the headers of a page.
pub fn describe(response: &mut HttpResponseBuilder) {
    response
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, policy::policy()));
}

/// A drawing of a folder, for messengers, where a share has no picture of its own.
pub fn cover() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/png"))
        .insert_header((CACHE_CONTROL, "private, max-age=86400"))
        .body(COVER)
}

/// The page for a range that lies behind the end of `size` bytes.
pub fn no_such_range(size: u64) -> HttpResponse {
    let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE);
    // Digits make a valid header.
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

/// Whether a file of this name can be had as HTML from [`rendered`].
pub fn can_be_rendered(name: &[u8]) -> bool {
    Kind::of_file(name) == Kind::Markdown
}

/// A Markdown file as HTML for the page's viewer: a part of a page, no page.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn rendered(asked: &Asked<'_>, place: &FilePlace) -> io::Result<HttpResponse> {
    let (file, kept) = place.open().await?;
    let html = blocking(move || {
        // At most MAX_BYTES.
        let mut text = vec![0; kept.size.min(markdown::MAX_BYTES) as usize];
        let read = read_at(&file, 0, &mut text)?;
        Ok(markdown::to_html(&String::from_utf8_lossy(&text[..read])))
    });
    let html = html.await?;
    let mut response = HttpResponse::Ok();
    describe(&mut response);
    response.insert_header((CACHE_CONTROL, "no-cache"));
    Ok(Whole::new(html).respond(response, asked))
}
