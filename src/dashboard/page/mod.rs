//! The page. It is the same for everyone, but for its language: what is shared comes later, to whoever
//! may see it.
//!
//! - `assets`: its style sheet and script, and what it may load and run
//! - `texts`: its texts, in six languages

mod assets;
mod texts;

use actix_web::http::header::HeaderMap;
use askama::Template;

use self::{
    assets::{ICONS, SCRIPT, STYLE},
    texts::Texts,
};
pub use assets::policy;

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Page {
    texts: &'static Texts,
    icons: &'static str,
    style: &'static str,
    script: &'static str,
}

/// The page, in the language of a request with these headers.
pub fn page(headers: &HeaderMap) -> String {
    let page = Page {
        texts: Texts::of(headers),
        icons: ICONS,
        style: &STYLE,
        script: &SCRIPT,
    };
    // Writing to memory can't fail.
    page.render().unwrap_or_default()
}
