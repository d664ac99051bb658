//! Answers with what is found below a folder, for the page's script or as a page.

use std::io;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
};
use percent_encoding::percent_decode;

use super::{listing::source, receive::UNCACHED};
use crate::server::{
    http::{Request, compress, error::error},
    listing::{Listing, Listings, Search, Searches, Sought},
    page::{self, SearchPage},
    share::{FolderResource, OpenShare},
    transport::{StreamBody, Visitor},
};

/// The most that the page's script gets.
const MOST: usize = 5_000;

/// The longest text that is looked for, in bytes. No name is longer.
const MAX_TEXT_BYTES: usize = 1024;

/// The text that a query looks for; `None` if it looks for nothing.
pub fn text(request: &Request<'_>) -> Option<String> {
    let text = request.value("search")?.replace('+', " ");
    let text: Vec<u8> = percent_decode(text.as_bytes()).collect();
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Answers with a row per line, as they are found.
pub fn rows(
    searches: &Searches,
    request: &Request<'_>,
    share: &OpenShare,
    folder: Option<FolderResource>,
    text: &str,
    visitor: Option<Visitor>,
) -> HttpResponse {
    let Some(sought) = sought(text) else {
        return error(StatusCode::BAD_REQUEST);
    };
    let search = Search::new(source(share, folder), sought, MOST);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "application/x-ndjson"))
        .insert_header((CACHE_CONTROL, UNCACHED));
    let rows = searches.begin(search, visitor);
    StreamBody::new(rows).respond(response, &request.delivery)
}

/// Answers with a page.
///
/// # Errors
/// Those of looking for it.
pub async fn page(
    listings: &Listings,
    request: &Request<'_>,
    share: &OpenShare,
    folder: Option<FolderResource>,
    text: &str,
) -> io::Result<HttpResponse> {
    let found = match sought(text) {
        Some(sought) => {
            let visitor = &request.delivery.outbox;
            let source = source(share, folder);
            Some(listings.search(source, sought, visitor).await?)
        }
        None => None,
    };
    let listing = Listing {
        share: share.title.clone(),
        path: request.path.clone(),
    };
    let mut response = HttpResponse::Ok();
    page::describe_search(&mut response);
    response.append_header((VARY, "Accept-Language"));
    let page = SearchPage::new(listing, text, found, request.headers);
    Ok(compress::respond(page, None, response, request))
}

fn sought(text: &str) -> Option<Sought> {
    (text.len() <= MAX_TEXT_BYTES).then(|| Sought::new(text))?
}
