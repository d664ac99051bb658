//! The page of a text that the owner shares.

use actix_web::http::header::HeaderMap;
use askama::Template;

use super::{
    assets::{TEXT_SCRIPT, TEXT_STYLE},
    decode::decoded,
    words::Words,
};

/// The page of a text.
pub struct TextPage<'a> {
    /// All of it, or the beginning.
    pub text: &'a [u8],
    pub is_cut: bool,
}

#[derive(Template)]
#[template(path = "text.html")]
struct Page<'a> {
    words: &'a Words,
    text: &'a str,
    is_cut: bool,
    style: &'static str,
    script: &'static str,
}

impl TextPage<'_> {
    /// The page in the language of a request with these headers.
    pub fn render(&self, request: &HeaderMap) -> String {
        let page = Page {
            words: Words::of(request),
            text: &decoded(self.text),
            is_cut: self.is_cut,
            style: &TEXT_STYLE,
            script: &TEXT_SCRIPT,
        };
        // Writing to memory can't fail.
        page.render().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_becomes_a_part_of_the_page(text in "[<>&\"'a-z/!\\n-]{0,40}|.*") {
            let render = |text: &str| {
                let page = TextPage { text: text.as_bytes(), is_cut: false };
                page.render(&HeaderMap::new())
            };
            let count = |page: &str| (page.matches('<').count(), page.matches('>').count());
            let page = render(&text);
            prop_assert_eq!(count(&page), count(&render("")));
        }
    }
}
