//! Answers with a folder as a zip or tar archive, or with its total size.

use std::{io, sync::Arc};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, RETRY_AFTER,
        },
    },
};

use super::one_part;
use crate::server::{
    archive::{Archives, Form as Layout, Plan, Tar, Wanted},
    downloads::{DownloadKind, Item, Sends},
    http::{
        Request,
        compress::{Coding, Compressed},
        conditional::{Precondition, Validators, evaluate},
        disposition::attachment,
        error::{error, no_such_range, stopped},
        headers::UNTRANSFORMED,
    },
    path::shown_name,
    share::OpenShare,
    transport::StreamBody,
};

/// The kind of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Zip,
    Tar,
    /// A tar that is compressed while it is sent.
    TarZst,
}

impl Form {
    /// The end of its name.
    fn extension(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::TarZst => "tar.zst",
        }
    }

    /// Its media type.
    fn media_type(self) -> &'static str {
        match self {
            Self::Zip => "application/zip",
            Self::Tar => "application/x-tar",
            Self::TarZst => "application/zstd",
        }
    }

    /// What is planned for it.
    fn layout(self) -> Layout {
        match self {
            Self::Zip => Layout::Zip,
            Self::Tar | Self::TarZst => Layout::Tar,
        }
    }
}

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
    let plan = archives
        .plan(&title, share, wanted, form.layout(), visitor)
        .await?;
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
    let name = [&title, &b"."[..], extension.as_bytes()].concat();
    if form == Form::TarZst {
        return Ok(compressed(plan, &name, response, request));
    }
    let Some(range) = one_part::wanted(request, &validators, plan.length(), &mut response) else {
        return Ok(no_such_range(plan.length()));
    };
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
        Form::Tar | Form::TarZst => StreamBody::sized(Tar::new(plan, range), length),
    };
    Ok(body.respond(response, &request.delivery))
}

/// Answers with a tar that is compressed while it is sent. Nobody knows its length, so it has no parts.
fn compressed(
    plan: Arc<Plan>,
    name: &[u8],
    mut response: HttpResponseBuilder,
    request: &Request<'_>,
) -> HttpResponse {
    let Some(coding) = Coding::of_archive(request) else {
        return HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "60"))
            .finish();
    };
    if request
        .sends((0, Some(plan.length()), None), || shown_name(name))
        .is_err()
    {
        return stopped();
    }
    request.follow(Sends::Encoded, || Item {
        name: shown_name(name),
        kind: DownloadKind::Archive,
        path: request.path.as_bytes().to_vec(),
        version: plan.fingerprint(),
        size: plan.length(),
    });
    response
        .insert_header((CONTENT_TYPE, Form::TarZst.media_type()))
        .insert_header((CONTENT_DISPOSITION, attachment(name)))
        .insert_header((ACCEPT_RANGES, "none"));
    let length = plan.length();
    let tar = Tar::new(plan, 0..length);
    StreamBody::new(Compressed::file(tar, Some(length), coding))
        .respond(response, &request.delivery)
}

/// The name of the archive, without its extension.
pub fn title(request: &Request<'_>, share: &OpenShare) -> Vec<u8> {
    match request.path.last() {
        Some(name) => name.to_vec(),
        None if share.title.is_empty() => b"Shared files".to_vec(),
        None => share.title.as_bytes().to_vec(),
    }
}
