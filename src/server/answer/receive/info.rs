//! What the page asks while it is open.

use actix_web::{HttpResponse, http::header::CONTENT_TYPE};
use serde::Serialize;

use super::{refusal::Refusal, sent::Sent};
use crate::server::{
    receive::{DeliveryId, DeliveryStatus, ReceiveError},
    uploads::UploadRules,
};

/// The largest part that the page sends: it goes through every proxy and costs few requests.
const PART_BYTES: u64 = 16 * 1024 * 1024;

/// What may be handed in at the moment.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Allowed<'a> {
    allowed: bool,
    message: &'a str,
    max_bytes: Option<u64>,
    left: Option<u64>,
    chunk: u64,
}

#[derive(Serialize)]
struct Delivery<'a> {
    files: Vec<File<'a>>,
    complete: bool,
}

#[derive(Serialize)]
struct File<'a> {
    name: &'a str,
    size: u64,
}

/// Tells what may be handed in.
pub fn allowed(sent: &Sent<'_>, rules: Option<&UploadRules>) -> HttpResponse {
    json(&Allowed {
        allowed: rules.is_some(),
        message: rules.map_or("", |rules| &rules.message),
        max_bytes: rules.and_then(|rules| rules.max_bytes),
        left: rules.and_then(|_| sent.inbox.left(sent.address)),
        chunk: PART_BYTES,
    })
}

/// Tells what has come of a delivery.
///
/// # Errors
/// If that is not the name of one.
pub async fn delivery(sent: &Sent<'_>, id: &str) -> Result<HttpResponse, Refusal> {
    let DeliveryStatus { files, is_complete } = sent.inbox.delivery(delivery_id(id)?).await;
    Ok(json(&Delivery {
        files: files
            .iter()
            .map(|file| File {
                name: &file.name,
                size: file.bytes,
            })
            .collect(),
        complete: is_complete,
    }))
}

/// Takes note that a delivery is complete.
///
/// # Errors
/// If nothing of it is known, or it can't be completed.
pub async fn delivered(sent: &Sent<'_>, id: &str) -> Result<HttpResponse, Refusal> {
    sent.inbox.delivered(delivery_id(id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The delivery that a query names.
///
/// # Errors
/// There can't be one of that name.
pub fn delivery_id(text: &str) -> Result<DeliveryId, Refusal> {
    DeliveryId::parse(text).ok_or_else(|| ReceiveError::Unknown.into())
}

fn json(content: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        // Neither numbers nor texts can fail.
        .body(serde_json::to_string(content).unwrap_or_default())
}
