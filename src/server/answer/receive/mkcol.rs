//! `MKCOL FOLDER/NAME`: a folder, for programs that have mounted the share as a drive.
//!
//! They look for it before they put something into it, so it is made at once.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::ALLOW},
};

use super::{put::check_conditions, refusal::Refusal, sent::Sent};
use crate::server::{
    answer::operation,
    http::error::error,
    receive::{FolderMade, ReceiveError},
};

/// Makes the folder at the path of the request.
///
/// # Errors
/// Why it is not made.
pub async fn mkcol(sent: &Sent<'_>) -> Result<HttpResponse, Refusal> {
    if sent.has_body().await? {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "A folder is made without a body. Send the request without one.",
        ));
    }
    check_conditions(sent).await?;
    let path = sent.request.path;
    let (Some(name), Some(around)) = (path.last(), path.parent()) else {
        return Ok(is_there(sent));
    };
    if sent.share.find(path).await.is_ok() {
        return Ok(is_there(sent));
    }
    let destination = match sent.destination(&around).await {
        Ok(destination) => destination,
        // It has to be made first (RFC 4918, section 9.3.1).
        Err(refusal) => {
            return Err(refusal.with_status(StatusCode::NOT_FOUND, StatusCode::CONFLICT));
        }
    };
    let name = str::from_utf8(name);
    let name = name.map_err(|_| ReceiveError::Name("it is not in UTF-8"))?;
    match sent
        .inbox
        .make_folder(&destination.folder, name, sent.address)
        .await?
    {
        FolderMade::Made => Ok(HttpResponse::Created().finish()),
        FolderMade::IsThere => Ok(is_there(sent)),
    }
}

/// Something with this name exists, so there is nothing that MKCOL could do with it.
fn is_there(sent: &Sent<'_>) -> HttpResponse {
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = operation::allowed(sent.share.is_inbox(), true);
    response.headers_mut().insert(ALLOW, allowed);
    response
}
