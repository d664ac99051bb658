//! Resumable uploads: tus 1.0.0 with the extensions creation, creation-with-upload,
//! creation-defer-length, termination, expiration and checksum.

use std::time::SystemTime;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::LOCATION},
};

use super::{
    intake::{self, Interrupted},
    refusal::Refusal,
    sent::{Destination, Sent},
};
use crate::server::{
    http::tus::{
        Metadata, PART_TYPE, TUS_CHECKSUM_ALGORITHM, TUS_EXTENSION, TUS_MAX_SIZE, TUS_RESUMABLE,
        TUS_VERSION, UPLOAD_CHECKSUM, UPLOAD_CONCAT, UPLOAD_DEFER_LENGTH, UPLOAD_EXPIRES,
        UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET, VERSION, checksum, number, only,
    },
    receive::{
        Begun, Checksum, DeliveryId, NewUpload, PartWriter, ReceiveError, UploadId, UploadStatus,
        Written,
    },
    transport::BodyError,
    uploads::UploadRules,
};

const EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,termination,\
                          expiration,checksum";

/// Adds what OPTIONS tells a client.
pub fn describe(response: &mut HttpResponseBuilder, rules: &UploadRules) {
    response
        .insert_header((TUS_VERSION, VERSION))
        .insert_header((TUS_EXTENSION, EXTENSIONS))
        .insert_header((TUS_CHECKSUM_ALGORITHM, Checksum::ALGORITHMS));
    if let Some(max_bytes) = rules.max_bytes {
        response.insert_header((TUS_MAX_SIZE, max_bytes.to_string()));
    }
}

/// Whether a request says that it speaks the protocol, in any version.
pub fn is_spoken(sent: &Sent<'_>) -> bool {
    sent.headers().contains_key(TUS_RESUMABLE)
}

/// Checks that a request speaks a version that is spoken here.
///
/// # Errors
/// If it doesn't.
pub fn check_version(sent: &Sent<'_>) -> Result<(), Refusal> {
    match header(sent, &TUS_RESUMABLE)? {
        Some(version) if version == VERSION.as_bytes() => Ok(()),
        _ => Err(Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "This needs the header Tus-Resumable: 1.0.0. Use a tus client, or send the whole file \
             with PUT.",
        )),
    }
}

/// Begins an upload, and takes the first part of it if there is a body.
///
/// # Errors
/// Why it is not taken.
pub async fn create(sent: &Sent<'_>) -> Result<HttpResponse, Refusal> {
    if sent.headers().contains_key(UPLOAD_CONCAT) {
        return Err(Refusal::invalid(
            "Parts of a file can't be put together here. Send it as one upload.",
        ));
    }
    let has_body = sent.has_body().await?;
    if has_body {
        check_type(sent)?;
    }
    let checksum = sent_checksum(sent)?;
    let destination = sent.destination(sent.request.path).await?;
    let new = new_upload(sent, &destination)?;
    let (id, status) = if !has_body {
        let id = sent.inbox.create(&destination.folder, new).await?;
        (id, sent.inbox.status(id).await?)
    } else if checksum.is_some() {
        let id = sent.inbox.create(&destination.folder, new).await?;
        match take_checked(sent, id, checksum).await {
            Ok(written) => (id, status_of(&written)),
            Err(refusal) => {
                // The visitor doesn't learn its name.
                if let Err(error) = sent.inbox.remove(id).await {
                    tracing::debug!(%error, "can't remove an upload");
                }
                return Err(refusal);
            }
        }
    } else {
        match sent.inbox.begin(&destination.folder, new).await? {
            Begun::New(writer) => {
                let id = writer.id();
                (id, status_of(&take_first(sent, writer).await?))
            }
            // What was sent now is not needed.
            Begun::Known(id, status) => (id, status),
        }
    };
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, format!("/?upload={id}")));
    if has_body {
        response.insert_header((UPLOAD_OFFSET, status.offset.to_string()));
    }
    describe_end(&mut response, &status);
    Ok(response.finish())
}

/// Tells how much of an upload is here.
///
/// # Errors
/// If there is none.
pub async fn head(sent: &Sent<'_>, id: UploadId) -> Result<HttpResponse, Refusal> {
    let status = sent.inbox.status(id).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((UPLOAD_OFFSET, status.offset.to_string()));
    describe_end(&mut response, &status);
    if let Some(metadata) = &status.metadata {
        response.insert_header((UPLOAD_METADATA, metadata.as_str()));
    }
    match status.length {
        Some(length) => response.insert_header((UPLOAD_LENGTH, length.to_string())),
        None => response.insert_header((UPLOAD_DEFER_LENGTH, "1")),
    };
    Ok(response.finish())
}

/// Continues an upload.
///
/// # Errors
/// Why it is not taken.
pub async fn patch(sent: &Sent<'_>, id: UploadId) -> Result<HttpResponse, Refusal> {
    check_type(sent)?;
    let offset = header(sent, &UPLOAD_OFFSET)?.and_then(number);
    let offset = offset.ok_or_else(|| {
        Refusal::invalid("Upload-Offset has to say where the body begins, in bytes.")
    })?;
    let checksum = sent_checksum(sent)?;
    if let Some(length) = sent_length(sent)? {
        sent.inbox.set_length(id, length).await?;
    }
    let has_checksum = checksum.is_some();
    let writer = sent.inbox.begin_write(id, offset, checksum).await?;
    let written = take(sent, writer, has_checksum).await?;
    let mut response = HttpResponse::NoContent();
    response.insert_header((UPLOAD_OFFSET, written.offset.to_string()));
    describe_end(&mut response, &status_of(&written));
    Ok(response.finish())
}

/// Ends an upload that is not complete.
///
/// # Errors
/// If there is none.
pub async fn delete(sent: &Sent<'_>, id: UploadId) -> Result<HttpResponse, Refusal> {
    sent.inbox.remove(id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Writes the body to a new upload if it has this checksum.
async fn take_checked(
    sent: &Sent<'_>,
    id: UploadId,
    checksum: Option<Checksum>,
) -> Result<Written, Refusal> {
    let writer = sent.inbox.begin_write(id, 0, checksum).await?;
    take(sent, writer, true).await
}

/// Writes the body to an upload whose name the visitor knows.
async fn take(
    sent: &Sent<'_>,
    mut writer: PartWriter,
    has_checksum: bool,
) -> Result<Written, Refusal> {
    match intake::write_all(sent, &mut writer).await {
        Ok(()) => Ok(writer.finish().await?),
        Err(interrupted) => {
            if has_checksum {
                // It can't be checked.
                writer.discard().await;
            } else if let Err(error) = writer.finish().await {
                tracing::debug!(%error, "can't keep a part of an upload");
            }
            Err(interrupted.into())
        }
    }
}

/// Writes the body to an upload whose name the visitor doesn't know yet. If the rest of the body
/// doesn't come although the visitor is still there, it learns the name and may continue.
async fn take_first(sent: &Sent<'_>, mut writer: PartWriter) -> Result<Written, Refusal> {
    match intake::write_all(sent, &mut writer).await {
        Ok(()) | Err(Interrupted::Sending(BodyError::Stalled)) => Ok(writer.finish().await?),
        Err(interrupted) => {
            writer.cut_off().await;
            Err(interrupted.into())
        }
    }
}

/// What the headers say about a new upload.
fn new_upload(sent: &Sent<'_>, destination: &Destination) -> Result<NewUpload, Refusal> {
    let length = sent_length(sent)?;
    let is_deferred = match header(sent, &UPLOAD_DEFER_LENGTH)? {
        None => false,
        Some(b"1") => true,
        Some(_) => return Err(Refusal::invalid("Upload-Defer-Length can only be 1.")),
    };
    if length.is_some() == is_deferred {
        return Err(Refusal::invalid(
            "Either Upload-Length has to say how long the upload is, or Upload-Defer-Length: 1 that \
             this will be said later.",
        ));
    }
    let metadata = header(sent, &UPLOAD_METADATA)?.unwrap_or_default();
    let metadata = Metadata::parse(metadata).ok_or_else(|| {
        Refusal::invalid("Upload-Metadata has to be pairs of a key and a value in Base64.")
    })?;
    let delivery = match metadata.get("delivery") {
        None => None,
        Some(_) => Some(
            metadata
                .text("delivery")
                .and_then(DeliveryId::parse)
                .ok_or_else(|| {
                    Refusal::invalid("The delivery has to be 32 lower-case hexadecimal digits.")
                })?,
        ),
    };
    Ok(NewUpload {
        length,
        sender: metadata.text("sender").map(str::to_owned),
        delivery,
        key: metadata.text("key").map(str::to_owned),
        metadata: raw_metadata(sent)?,
        ..sent.upload(destination, path_of(&metadata))
    })
}

/// What is repeated to the client.
fn raw_metadata(sent: &Sent<'_>) -> Result<Option<String>, Refusal> {
    let value = header(sent, &UPLOAD_METADATA)?;
    Ok(value.and_then(|value| str::from_utf8(value).ok().map(str::to_owned)))
}

/// The names from the folder down to the file.
fn path_of(metadata: &Metadata) -> Vec<Vec<u8>> {
    let path = metadata.get("relativePath");
    if let Some(path) = path.filter(|path| path.contains(&b'/')) {
        let names = path.split(|byte| *byte == b'/');
        let names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
        if !names.is_empty() {
            return names.into_iter().map(<[u8]>::to_vec).collect();
        }
    }
    let name = metadata.get("filename").or_else(|| metadata.get("name"));
    vec![name.unwrap_or(b"file").to_vec()]
}

fn sent_length(sent: &Sent<'_>) -> Result<Option<u64>, Refusal> {
    match header(sent, &UPLOAD_LENGTH)? {
        None => Ok(None),
        Some(value) => number(value)
            .map(Some)
            .ok_or_else(|| Refusal::invalid("Upload-Length has to be a number of bytes.")),
    }
}

fn sent_checksum(sent: &Sent<'_>) -> Result<Option<Checksum>, Refusal> {
    let Some(value) = header(sent, &UPLOAD_CHECKSUM)? else {
        return Ok(None);
    };
    let known = checksum(value).and_then(|(algorithm, hash)| Checksum::new(algorithm, &hash));
    known.map(Some).ok_or_else(|| {
        Refusal::invalid(
            "Upload-Checksum has to be sha1 or sha256, a space, and the hash in Base64.",
        )
    })
}

fn check_type(sent: &Sent<'_>) -> Result<(), Refusal> {
    if sent.content_type().eq_ignore_ascii_case(PART_TYPE) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "A part of an upload needs Content-Type: application/offset+octet-stream.",
    ))
}

fn header<'a>(
    sent: &Sent<'a>,
    name: &actix_web::http::header::HeaderName,
) -> Result<Option<&'a [u8]>, Refusal> {
    only(sent.request.headers, name)
        .map_err(|_| Refusal::invalid("A header of the upload came twice."))
}

/// Adds until when an upload is kept, if it is not complete.
fn describe_end(response: &mut HttpResponseBuilder, status: &UploadStatus) {
    if status.length != Some(status.offset) && status.expires > SystemTime::UNIX_EPOCH {
        let expires = httpdate::fmt_http_date(status.expires);
        response.insert_header((UPLOAD_EXPIRES, expires));
    }
}

fn status_of(written: &Written) -> UploadStatus {
    UploadStatus {
        offset: written.offset,
        length: written.length,
        expires: written.expires,
        metadata: None,
    }
}

/// The upload that a query names.
///
/// # Errors
/// There can't be one of that name.
pub fn id(text: &str) -> Result<UploadId, Refusal> {
    UploadId::parse(text).ok_or_else(|| ReceiveError::Unknown.into())
}
