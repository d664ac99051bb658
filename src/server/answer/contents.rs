//! Answers with what is in an archive, or with one file of it.

use std::io;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG},
    },
};
use percent_encoding::percent_decode;

use super::{derived, one_part};
use crate::server::{
    contents::{ArchiveKind, Contents, MemberName},
    downloads::{DownloadKind, Item, Sends},
    http::{
        Request, compress,
        conditional::{Precondition, evaluate},
        disposition::attachment,
        error::{error, no_such_range, stopped},
        headers::UNTRANSFORMED,
    },
    path::shown_name,
    share::FileResource,
    transport::StreamBody,
};

/// The file in an archive that a query asks for.
pub fn member(request: &Request<'_>) -> Option<MemberName> {
    let name = request.value("member")?;
    // There is none with a number that can't be read.
    let after = |text: &str| text.parse().unwrap_or(u32::MAX);
    Some(MemberName {
        name: percent_decode(name.as_bytes()).collect(),
        after: request.value("after").map_or(0, after),
    })
}

/// Answers with what is in an archive.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn list(
    contents: &Contents,
    request: &Request<'_>,
    file: &FileResource,
    kind: ArchiveKind,
) -> io::Result<HttpResponse> {
    let listed = match contents.list(file, kind, &request.delivery.outbox).await {
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
            return Ok(error(StatusCode::UNPROCESSABLE_ENTITY));
        }
        listed => listed?,
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    Ok(compress::respond(listed, None, response, request))
}

/// Answers with one file of a zip, which is always saved.
///
/// # Errors
/// Those of opening and reading the zip.
pub async fn take(
    contents: &Contents,
    request: &Request<'_>,
    zip: &FileResource,
    name: MemberName,
) -> io::Result<HttpResponse> {
    let visitor = &request.delivery.outbox;
    let member = match contents.member(zip, name.clone(), visitor).await {
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
            return Ok(error(StatusCode::UNPROCESSABLE_ENTITY));
        }
        member => member?,
    };
    let (member, stamp) = member;
    let (size, own) = (member.length(), member.name().to_vec());
    let mut validators = derived::validators(&stamp, "member");
    // The zip has changed since it was found, so its version is not known.
    validators.etag = validators.etag.filter(|_| stamp == zip.stamp);
    let outcome = evaluate(request.headers, &validators);
    if outcome == Precondition::Failed {
        return Ok(error(StatusCode::PRECONDITION_FAILED));
    }
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, UNTRANSFORMED));
    if let Some(etag) = &validators.etag {
        response.insert_header((ETAG, etag.as_str()));
    }
    if outcome == Precondition::NotModified {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let range = if member.has_parts() {
        match one_part::wanted(request, &validators, size, &mut response) {
            Some(range) => range,
            None => return Ok(no_such_range(size)),
        }
    } else {
        // All before it would have to be unpacked again.
        response.insert_header((ACCEPT_RANGES, "none"));
        0..size
    };
    response
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CONTENT_DISPOSITION, attachment(&own)));
    let length = range.end - range.start;
    let sent = (range.start, Some(length), Some(size));
    if request.sends(sent, || shown_name(&own)).is_err() {
        return Ok(stopped());
    }
    request.follow(Sends::From(range.start), || Item {
        name: shown_name(&own),
        kind: DownloadKind::File,
        path: [
            request.path.as_bytes(),
            b"//",
            &name.name,
            b"//",
            &name.after.to_le_bytes(),
        ]
        .concat(),
        version: u64::from(member.crc()) << 32 ^ size,
        size,
    });
    let member = member.part(range);
    Ok(StreamBody::sized(member, length).respond(response, &request.delivery))
}
