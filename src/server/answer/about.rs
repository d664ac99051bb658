//! Answers with what is known about a picture, a piece of music or a video.

use std::io;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};

use super::derived;
use crate::server::{
    about::{About, may_be_known},
    http::{Request, error::error},
    share::FileResource,
};

/// Answers with JSON: an object that has only what is known, possibly nothing. Status 404 if the name is
/// not that of a picture, music or a video.
///
/// # Errors
/// Those of opening the file.
pub async fn respond(
    about: &About,
    request: &Request<'_>,
    file: &FileResource,
) -> io::Result<HttpResponse> {
    let name = request.path.last().unwrap_or_default();
    if !may_be_known(name) {
        return Ok(error(StatusCode::NOT_FOUND));
    }
    let Some(beginning) = derived::begin(request, &file.stamp, "about") else {
        return Ok(error(StatusCode::PRECONDITION_FAILED));
    };
    let mut response = beginning.response;
    // As thumbnails: a changed file is asked about under another URL.
    if beginning.has_tag {
        response.insert_header((CACHE_CONTROL, "private, max-age=86400"));
    }
    if beginning.is_known {
        return Ok(response.finish());
    }
    let json = about.json(file, name, &request.delivery.outbox).await?;
    Ok(response
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(json.as_str().to_owned()))
}
