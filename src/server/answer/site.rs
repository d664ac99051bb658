//! A folder with an `index.html` is a site: it is served at its own URL, `/about` finds
//! `about.html`, and what is missing gets the site's own `404.html`.

use std::io;

use actix_web::{HttpResponse, http::StatusCode};

use super::file;
use crate::server::{
    http::{Request, error::error},
    share::{FileResource, OpenShare},
};

const NOT_FOUND_PAGE: &[u8] = b"404.html";

/// The response for a path where nothing exists. Inside a site, this is the page with `.html` added, or
/// the site's `404.html`. Otherwise it is a plain 404.
///
/// # Errors
/// Those of reading the page that is found.
pub async fn answer_missing(share: &OpenShare, request: &Request<'_>) -> io::Result<HttpResponse> {
    let Some(site) = share.nearest_site(request.path).await else {
        return Ok(error(StatusCode::NOT_FOUND));
    };
    if !request.path.is_folder
        && let Some(name) = request.path.last()
    {
        let page = request.path.with_suffix(b".html");
        if let Some(found) = share.file_at(&page).await {
            let name = [name, b".html"].concat();
            return file::respond(share, request, &found, &name, StatusCode::OK).await;
        }
    }
    let plain = || error(StatusCode::NOT_FOUND);
    let Some(found) = share.file_in(&site, NOT_FOUND_PAGE).await else {
        return Ok(plain());
    };
    let response = file::respond(
        share,
        request,
        &found,
        NOT_FOUND_PAGE,
        StatusCode::NOT_FOUND,
    )
    .await;
    // An unreadable 404 page doesn't change that the path is missing.
    Ok(response.unwrap_or_else(|_| plain()))
}

/// The page `docs.html` of a site for the URL `/docs`, if the folder `docs` has no index page.
pub async fn page_of_folder(share: &OpenShare, request: &Request<'_>) -> Option<FileResource> {
    let folder = request.path;
    let wants_folder = [
        "archive=zip",
        "archive=tar",
        "archive=tar.zst",
        "json",
        "total",
    ]
    .iter()
    .any(|what| request.wants(what));
    if wants_folder || folder.is_root() || share.index(folder).await.is_some() {
        return None;
    }
    share.nearest_site(&folder.parent()?).await?;
    share.file_at(&folder.with_suffix(b".html")).await
}
