//! A folder with an `index.html` is a site: it is served at its own URL, `/about` finds
//! `about.html`, and what is missing gets the site's own `404.html`.

use std::{
    io,
    time::{Duration, Instant},
};

use actix_web::{HttpResponse, http::StatusCode};

use super::file;
use crate::server::{
    http::{Request, error::error},
    path::RequestPath,
    share::{FileResource, OpenShare, Resource},
};

/// The page that makes a folder a site.
pub const INDEX: &[u8] = b"index.html";

const NOT_FOUND_PAGE: &[u8] = b"404.html";

/// A folder with more folders around it is not taken for a site of its own where a page is missing.
const MAX_SITE_DEPTH: usize = 32;

/// How long a site may be looked for where a page is missing.
const SEARCH_TIME: Duration = Duration::from_millis(250);

/// The index page of a folder, if it has one.
pub async fn index(share: &OpenShare, folder: &RequestPath) -> Option<FileResource> {
    file_at(share, &folder.join(INDEX)).await
}

/// The response where nothing is: inside a site the page that is meant or the site's own word
/// for it, else a plain 404.
///
/// # Errors
/// Those of reading the page that is found.
pub async fn answer_missing(share: &OpenShare, request: &Request<'_>) -> io::Result<HttpResponse> {
    let Some(site) = nearest_site(share, request.path).await else {
        return Ok(error(StatusCode::NOT_FOUND));
    };
    if !request.path.is_folder
        && let Some(name) = request.path.last()
    {
        let page = request.path.with_suffix(b".html");
        if let Some(found) = file_at(share, &page).await {
            let name = [name, b".html"].concat();
            return file::respond(request, &found, &name, StatusCode::OK).await;
        }
    }
    let plain = || error(StatusCode::NOT_FOUND);
    let Some(found) = file_in(share, &site, NOT_FOUND_PAGE).await else {
        return Ok(plain());
    };
    let response = file::respond(request, &found, NOT_FOUND_PAGE, StatusCode::NOT_FOUND).await;
    // A page that can't be read says nothing of what was asked for.
    Ok(response.unwrap_or_else(|_| plain()))
}

/// The page `docs.html` of a site for its URL `/docs`, where a folder of that name is no page itself.
pub async fn page_of_folder(share: &OpenShare, request: &Request<'_>) -> Option<FileResource> {
    let folder = request.path;
    let wants_folder = ["archive=zip", "json", "total"]
        .iter()
        .any(|what| request.wants(what));
    if wants_folder || folder.is_root() || index(share, folder).await.is_some() {
        return None;
    }
    nearest_site(share, &folder.parent()?).await?;
    file_at(share, &folder.with_suffix(b".html")).await
}

/// The innermost folder around a path that is a site.
///
/// Looked for from the root down to the first name that is no folder, each folder from the one
/// around it: a path of many names and links must not cost many lookups of many names.
async fn nearest_site(share: &OpenShare, path: &RequestPath) -> Option<Resource> {
    let end = Instant::now() + SEARCH_TIME;
    let mut folder = share.find(&RequestPath::default()).await.ok()?;
    let mut nearest = None;
    let mut names = path.names().take(MAX_SITE_DEPTH);
    while !matches!(folder, Resource::File(_)) && Instant::now() < end {
        let is_site = file_in(share, &folder, INDEX).await.is_some();
        let below = match names.next() {
            Some(name) => find_in(share, &folder, name).await.ok(),
            None => None,
        };
        let above = match below {
            Some(below) => std::mem::replace(&mut folder, below),
            None => return if is_site { Some(folder) } else { nearest },
        };
        if is_site {
            nearest = Some(above);
        }
    }
    nearest
}

/// What a name in a folder, or among what was chosen, leads to.
async fn find_in(share: &OpenShare, folder: &Resource, name: &[u8]) -> io::Result<Resource> {
    match folder {
        Resource::Folder(folder) => folder.find(name).await,
        Resource::Chosen => share.find(&RequestPath::default().join(name)).await,
        Resource::File(_) => Err(io::ErrorKind::NotADirectory.into()),
    }
}

async fn file_in(share: &OpenShare, folder: &Resource, name: &[u8]) -> Option<FileResource> {
    match find_in(share, folder, name).await {
        Ok(Resource::File(file)) => Some(file),
        _ => None,
    }
}

async fn file_at(share: &OpenShare, path: &RequestPath) -> Option<FileResource> {
    match share.find(path).await {
        Ok(Resource::File(file)) => Some(file),
        _ => None,
    }
}
