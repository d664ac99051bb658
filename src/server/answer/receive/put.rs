//! `PUT FOLDER/NAME`, as `curl -T` sends it: one file.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_RANGE, CONTENT_TYPE},
    },
};

use super::{intake, refusal::Refusal, sent::Sent};
use crate::server::{
    receive::{Begun, NewUpload, ReceiveError, ReceivedFile},
    transport::Framing,
};

/// Takes the body as the file at the path of the request.
///
/// # Errors
/// Why it is not taken.
pub async fn put(sent: &Sent<'_>) -> Result<HttpResponse, Refusal> {
    if sent.headers().contains_key(CONTENT_RANGE) {
        return Err(Refusal::invalid(
            "A part of a file can't be added. Send all of it, or use a tus client to resume.",
        ));
    }
    let path = sent.request.path;
    let (Some(name), Some(folder), false) = (path.last(), path.parent(), path.is_folder) else {
        return Err(ReceiveError::Name("it has none").into());
    };
    let length = match sent.outbox().framing() {
        Framing::Length(length) => Some(length),
        Framing::Chunked => None,
        Framing::None | Framing::Unclear => {
            return Err(Refusal::new(
                StatusCode::LENGTH_REQUIRED,
                "The request has no file. Send one, as with curl -T FILE.",
            ));
        }
    };
    let destination = sent.destination(&folder).await?;
    let new = NewUpload {
        length,
        ..sent.upload(&destination, [name.to_vec()])
    };
    let mut writer = match sent.inbox.begin(&destination.folder, new).await? {
        Begun::New(writer) => writer,
        // It has no key.
        Begun::Known(..) => return Err(ReceiveError::Busy.into()),
    };
    if let Err(interrupted) = intake::write_all(sent, &mut writer).await {
        // The next request finds the room that this one took.
        writer.cut_off().await;
        return Err(interrupted.into());
    }
    let written = writer.finish_file().await?;
    Ok(HttpResponse::Created()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body(written.file.as_ref().map_or_else(String::new, line)))
}

/// Tells a person what a file is called now.
pub fn line(file: &ReceivedFile) -> String {
    format!("Received: {}\n", file.name)
}
