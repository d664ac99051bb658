//! Answers with what is known about a picture, a piece of music or a video.

use std::io;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
};

use super::derived::{self, Beginning};
use crate::server::{
    about::{About, may_play},
    http::{Request, error::error},
    share::FileResource,
};

/// Answers with JSON: an object that has only what is known, possibly nothing.
///
/// # Errors
/// Those of opening the file.
pub async fn respond(
    about: &About,
    request: &Request<'_>,
    file: &FileResource,
) -> io::Result<HttpResponse> {
    let name = request.path.last().unwrap_or_default();
    let with_place = request.shows_places && !may_play(name);
    let what = if with_place { "place" } else { "about" };
    let Some(beginning) = derived::begin(request, &file.stamp, what) else {
        return Ok(error(StatusCode::PRECONDITION_FAILED));
    };
    // The owner may show the place of a picture, or hide it, at any time.
    let beginning = if may_play(name) {
        beginning.kept()
    } else {
        beginning
    };
    let Beginning {
        mut response,
        is_known,
        ..
    } = beginning;
    if is_known {
        return Ok(response.finish());
    }
    let json = about
        .json(file, name, with_place, &request.delivery.outbox)
        .await?;
    Ok(response
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(json.as_str().to_owned()))
}
