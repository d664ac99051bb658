//! `PUT FOLDER/NAME`, as `curl -T` sends it: one file.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_RANGE, CONTENT_TYPE, HeaderName, IF_MATCH, IF_NONE_MATCH},
    },
};

use super::{intake, refusal::Refusal, sent::Sent};
use crate::server::{
    receive::{Begun, NewUpload, ReceiveError, ReceivedFile, is_harmless, is_shown_as_page},
    transport::Framing,
};

/// Names the locks that a program believes to have. Nothing here can be locked.
const IF: HeaderName = HeaderName::from_static("if");

const NOT_ALLOWED: &str =
    "Not every system allows this name, so it is not taken. Send it under another name.";

const A_PAGE: &str =
    "A file with this name would be shown in place of the folder. Send it under another name.";

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
    check_conditions(sent).await?;
    if sent.is_drive {
        check_name(name)?;
        if is_there(sent).await {
            return Err(ReceiveError::Taken.into());
        }
    }
    let destination = sent.destination(&folder).await?;
    let new = NewUpload {
        length,
        is_exact: sent.is_drive,
        ..sent.upload(&destination, [name.to_vec()])
    };
    let mut writer = match sent.inbox.begin(&destination.folder, new).await? {
        Begun::New(writer) => writer,
        // It has no key.
        Begun::Known(..) => return Err(ReceiveError::Busy.into()),
    };
    // Another request may have put something there since.
    if sent.is_drive && is_there(sent).await {
        writer.cut_off().await;
        return Err(ReceiveError::Taken.into());
    }
    if let Err(interrupted) = intake::write_all(sent, &mut writer).await {
        // The next request finds the room that this one took.
        writer.cut_off().await;
        return Err(interrupted.into());
    }
    if !sent.is_drive {
        let written = writer.finish_file().await?;
        return Ok(created(written.file.as_ref()));
    }
    // It looks for the file next.
    let written = writer.finish_file_in_place().await?;
    let Some(file) = written.file else {
        // It is complete, and will be there when the disk has caught up.
        return Ok(HttpResponse::Accepted().finish());
    };
    if file.name.rsplit('/').next().map(str::as_bytes) == Some(name) {
        Ok(created(Some(&file)))
    } else {
        // Somebody who isn't a drive was faster.
        let text = format!(
            "Something else got this name meanwhile. Your file is there as {}.",
            file.name
        );
        Err(Refusal::new(StatusCode::CONFLICT, text))
    }
}

fn created(file: Option<&ReceivedFile>) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body(file.map_or_else(String::new, line))
}

/// Checks that a file can have exactly this name. A drive would look in vain for the name that others get
/// instead, and send it again each time.
///
/// # Errors
/// Not every system allows the name, or the file would be shown in place of the folder.
fn check_name(name: &[u8]) -> Result<(), Refusal> {
    let name = str::from_utf8(name).ok();
    match name.filter(|name| is_harmless(name)) {
        Some(name) if is_shown_as_page(name) => Err(Refusal::new(StatusCode::FORBIDDEN, A_PAGE)),
        Some(_) => Ok(()),
        None => Err(Refusal::new(StatusCode::FORBIDDEN, NOT_ALLOWED)),
    }
}

/// Checks what a program says about what is there. As nothing is ever replaced, only one condition can be
/// met: that there is nothing.
///
/// # Errors
/// A condition is not met.
pub async fn check_conditions(sent: &Sent<'_>) -> Result<(), Refusal> {
    let failed = |text: String| Err(Refusal::new(StatusCode::PRECONDITION_FAILED, text));
    let headers = sent.headers();
    if headers.contains_key(IF_MATCH) || headers.contains_key(IF) {
        return failed("Nothing that is here can be replaced. Send it under a new name.".into());
    }
    // Nobody learns which files are in an inbox.
    let is_shown = !sent.share.is_inbox();
    if is_shown && headers.contains_key(IF_NONE_MATCH) && is_there(sent).await {
        return failed(ReceiveError::Taken.to_string());
    }
    Ok(())
}

/// Whether visitors see something at the path of the request.
async fn is_there(sent: &Sent<'_>) -> bool {
    sent.share.find(sent.request.path).await.is_ok()
}

/// Tells a person what a file is called now.
pub fn line(file: &ReceivedFile) -> String {
    format!("Received: {}\n", file.name)
}
