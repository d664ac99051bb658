//! A folder with an `index.html` is a site: it is served at its own URL, `/about` finds
//! `about.html`, and what is missing gets the site's own `404.html`.

use std::io;

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
    let Some(found) = file_at(share, &site.join(NOT_FOUND_PAGE)).await else {
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
/// Looked for from the root down to the first name that is no folder: a path of a thousand names
/// must not cost a thousand lookups.
async fn nearest_site(share: &OpenShare, path: &RequestPath) -> Option<RequestPath> {
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

async fn is_folder(share: &OpenShare, path: &RequestPath) -> bool {
    matches!(
        share.find(path).await,
        Ok(Resource::Folder(_) | Resource::Chosen)
    )
}

async fn file_at(share: &OpenShare, path: &RequestPath) -> Option<FileResource> {
    match share.find(path).await {
        Ok(Resource::File(file)) => Some(file),
        _ => None,
    }
}
