//! The page that asks for the password. It tells nothing about the share, except for
//! who shares it, and until when.

use std::time::Duration;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{HeaderMap, VARY},
};
use askama::Template;

use super::{
    assets::{STYLE, UNLOCK_SCRIPT},
    offer::OfferLines,
    policy::describe_unlock,
    words::Words,
};
use crate::server::offer::Offer;

/// What the page says about the last password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlockMessage {
    /// There was none.
    Nothing,
    Wrong,
    /// The visitor may try again after this time.
    Wait(Duration),
}

#[derive(Template)]
#[template(path = "unlock.html")]
struct UnlockPage<'a> {
    words: &'a Words,
    /// Where the form goes.
    target: &'a str,
    message: String,
    offer: OfferLines,
    style: &'static str,
    script: &'static str,
}

/// Adds the page to a response, in the language of a request with these headers. The form goes to
/// `target`.
pub fn unlock(
    mut response: HttpResponseBuilder,
    target: &str,
    message: UnlockMessage,
    request: &HeaderMap,
    offer: &Offer,
) -> HttpResponse {
    let words = Words::of(request);
    let page = UnlockPage {
        words,
        target,
        message: match message {
            UnlockMessage::Nothing => String::new(),
            UnlockMessage::Wrong => words.unlock.wrong.clone(),
            UnlockMessage::Wait(wait) => {
                let seconds = seconds(wait).to_string();
                words.unlock.wait.replace("{n}", &seconds)
            }
        },
        offer: OfferLines::of(offer, words),
        style: &STYLE,
        script: &UNLOCK_SCRIPT,
    };
    describe_unlock(&mut response);
    response.insert_header((VARY, "Accept-Language"));
    // Writing to memory can't fail.
    response.body(page.render().unwrap_or_default())
}

/// A time to wait in whole seconds.
pub fn seconds(wait: Duration) -> u64 {
    wait.as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}
