//! Answers with a folder as a zip or tar archive, or with its total size.

use std::io;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG},
    },
};

use super::one_part;
use crate::server::{
    archive::{Archives, Form, Tar, Wanted},
    downloads::{DownloadKind, Item, Sends},
    http::{
        Request,
        conditional::{Precondition, Validators, evaluate},
        disposition::attachment,
        error::{error, no_such_range, stopped},
        headers::UNTRANSFORMED,
    },
    path::shown_name,
    share::OpenShare,
    transport::StreamBody,
};

/// Answers with the total size of a folder or of the chosen items.
///
/// # Errors
/// Those of reading the folder.
pub async fn total(
    archives: &Archives,
    request: &Request<'_>,
    share: &OpenShare,
    wanted: Wanted,
) -> io::Result<HttpResponse> {
    let (title, visitor) = (title(request, share), &request.delivery.outbox);
    let total = archives.total(&title, share, wanted, visitor).await?;
    let total = serde_json::json!({ "files": total.files, "size": total.size, "zip": total.zip });
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    Ok(response.body(total.to_string()))
}

/// Answers with a folder or the chosen items as an archive.
///
/// # Errors
/// Those of reading the folder.
pub async fn respond(
    archives: &Archives,
    request: &Request<'_>,
    share: &OpenShare,
    wanted: Wanted,
    form: Form,
) -> io::Result<HttpResponse> {
    let title = title(request, share);
    let visitor = &request.delivery.outbox;
    let is_selected = wanted.selection.is_some();
    let plan = archives.plan(&title, share, wanted, form, visitor).await?;
    if is_selected && plan.count() == 0 {
        // Nothing of it is left.
        return Err(io::ErrorKind::NotFound.into());
    }
    let extension = form.extension();
    let validators = Validators {
        etag: plan.is_rested().then(|| {
            format!(
                "\"{extension}-{:x}-{:016x}\"",
                plan.length(),
                plan.fingerprint()
            )
        }),
        // Deleting a file leaves no newer time behind, so only the tag shows a change.
        modified: None,
    };
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
    let Some(range) = one_part::wanted(request, &validators, plan.length(), &mut response) else {
        return Ok(no_such_range(plan.length()));
    };
    let name = [&title, &b"."[..], extension.as_bytes()].concat();
    response
        .insert_header((CONTENT_TYPE, form.media_type()))
        .insert_header((CONTENT_DISPOSITION, attachment(&name)));
    let length = range.end - range.start;
    let sent = (range.start, Some(length), Some(plan.length()));
    if request.sends(sent, || shown_name(&name)).is_err() {
        return Ok(stopped());
    }
    request.follow(Sends::From(range.start), || Item {
        name: shown_name(&name),
        kind: DownloadKind::Archive,
        path: request.path.as_bytes().to_vec(),
        version: plan.fingerprint(),
        size: plan.length(),
    });
    let body = match form {
        Form::Zip => StreamBody::sized(archives.zip(plan, range), length),
        Form::Tar => StreamBody::sized(Tar::new(plan, range), length),
    };
    Ok(body.respond(response, &request.delivery))
}

/// The name of the archive, without its extension.
pub fn title(request: &Request<'_>, share: &OpenShare) -> Vec<u8> {
    match request.path.last() {
        Some(name) => name.to_vec(),
        None if share.title.is_empty() => b"Shared files".to_vec(),
        None => share.title.as_bytes().to_vec(),
    }
}
