//! Answers with the list of a folder, as a page or as JSON.

use std::io;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_TYPE, VARY},
};

use crate::server::{
    http::{Request, compress},
    listing::{JsonForm, JsonRows, Listing, ListingSource, Listings},
    page::{self, Pages},
    share::{FolderResource, OpenShare, SharedContent},
};

/// Answers with the list of a folder, or of the chosen items. With `takes_files`, visitors may add to
/// the folder.
///
/// # Errors
/// If the folder can't be read.
pub async fn respond(
    listings: &Listings,
    pages: &Pages,
    request: &Request<'_>,
    share: &OpenShare,
    folder: Option<FolderResource>,
    takes_files: bool,
) -> io::Result<HttpResponse> {
    let listing = Listing {
        share: share.title.clone(),
        path: request.path.clone(),
    };
    let source = source(share, folder);
    let visitor = &request.delivery.outbox;
    let mut response = HttpResponse::Ok();
    let form = if request.wants("json") {
        JsonForm::Programs
    } else if request.wants("rows") {
        JsonForm::Script
    } else {
        page::describe(&mut response, takes_files);
        response.append_header((VARY, "Accept-Language"));
        // Only a browser gets a large folder in pages.
        response.append_header((VARY, "User-Agent, Sec-Fetch-Mode"));
        let list = page::ListRequest::of(request, listing, takes_files);
        let items = listings.read(source, visitor).await?;
        if !list.is_whole || items.len() <= page::PAGE_ROWS {
            let page = pages.list(items, list, visitor).await?;
            return Ok(compress::respond(page, None, response, request));
        }
        let (all, page) = tokio::try_join!(
            listings.sorted(items.clone(), visitor),
            pages.list(items, list, visitor),
        )?;
        return Ok(compress::respond(
            page.with_all(all),
            None,
            response,
            request,
        ));
    };
    let window = request.number("from").unwrap_or(0)..request.number("count").unwrap_or(usize::MAX);
    let window = window.start..window.end.saturating_add(window.start);
    let items = listings.read_sorted(source, visitor).await?;
    let rows = JsonRows::new(&listing, items, form, window);
    response.insert_header((CONTENT_TYPE, "application/json"));
    Ok(compress::respond(rows, None, response, request))
}

/// Where the entries of a folder are, or the chosen items.
pub fn source(share: &OpenShare, folder: Option<FolderResource>) -> ListingSource {
    match (folder, &share.content) {
        (Some(folder), _) => ListingSource::Folder(folder),
        (None, SharedContent::Chosen(chosen)) => ListingSource::Chosen(chosen.clone()),
        (None, SharedContent::Folder(_) | SharedContent::Inbox(_)) => {
            ListingSource::Chosen(Vec::new())
        }
    }
}
