//! A folder with an `index.html` is a site: it is served at its own URL, `/about` finds
//! `about.html`, and what is missing gets the site's own `404.html`.

use std::io;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use super::answer::Asked;
use super::path::RequestPath;
use super::share::{FilePlace, Place, Share};
use super::{file, page};

/// The page that makes a folder a site.
pub const INDEX: &[u8] = b"index.html";

const NOT_FOUND_PAGE: &[u8] = b"404.html";

/// The index page of a folder, if it has one.
pub async fn index(share: &Share, folder: &RequestPath) -> Option<FilePlace> {
    file_at(share, &folder.join(INDEX)).await
}

/// The response where nothing is: inside a site the page that is meant or the site's own word
/// for it, else a plain 404.
///
/// # Errors
/// Those of reading the page that is found.
pub async fn answer_missing(share: &Share, asked: &Asked<'_>) -> io::Result<HttpResponse> {
    let Some(site) = nearest_site(share, asked.path).await else {
        return Ok(page::error(StatusCode::NOT_FOUND));
    };
    if !asked.path.is_folder
        && let Some(name) = asked.path.last()
    {
        let page = asked.path.with_suffix(b".html");
        if let Some(found) = file_at(share, &page).await {
            let name = [name, b".html"].concat();
            return file::respond(asked, &found, &name, StatusCode::OK).await;
        }
    }
    match file_at(share, &site.join(NOT_FOUND_PAGE)).await {
        Some(found) => file::respond(asked, &found, NOT_FOUND_PAGE, StatusCode::NOT_FOUND).await,
        None => Ok(page::error(StatusCode::NOT_FOUND)),
    }
}

/// The innermost folder around a path that is a site.
///
/// Looked for from the root down to the first name that is no folder: a path of a thousand names
/// must not cost a thousand lookups.
async fn nearest_site(share: &Share, path: &RequestPath) -> Option<RequestPath> {
    let mut nearest = None;
    let mut folder = RequestPath::default();
    let mut below = path.names();
    loop {
        if !is_folder(share, &folder).await {
            return nearest;
        }
        if index(share, &folder).await.is_some() {
            nearest = Some(folder.clone());
        }
        match below.next() {
            Some(name) => folder = folder.join(name),
            None => return nearest,
        }
    }
}

async fn is_folder(share: &Share, path: &RequestPath) -> bool {
    matches!(share.find(path).await, Ok(Place::Folder(_) | Place::Chosen))
}

async fn file_at(share: &Share, path: &RequestPath) -> Option<FilePlace> {
    match share.find(path).await {
        Ok(Place::File(file)) => Some(file),
        _ => None,
    }
}
