//! Answers with a part of the script of the list, which it fetches when a visitor first needs it.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde_json::json;

use crate::server::page;

/// The part of this name: its script and its style sheet, as JSON.
///
/// The page's policy allows exactly these. Its URL has a version, so a browser may keep it.
pub fn respond(name: &str) -> Option<HttpResponse> {
    let part = page::part(name)?;
    let content = json!({ "script": *part.script, "style": *part.style });
    let response = HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "private, max-age=604800, immutable"))
        .body(content.to_string());
    Some(response)
}
