//! What a page of the program may load and run: the Content-Security-Policy header.
//!
//! The one style sheet and the one script are in the page itself; the policy knows them by their
//! hashes, so that nothing else that gets into a page is ever run.

use std::sync::LazyLock;

use actix_web::{
    HttpResponseBuilder,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The style sheet of all pages.
pub const STYLE: &str = concat!(include_str!("page.css"), include_str!("viewer.css"));

/// The script of the list, one module made of several files.
pub const SCRIPT: &str = concat!(
    include_str!("entries.js"),
    include_str!("list.js"),
    include_str!("viewer.js"),
    include_str!("contents.js"),
    include_str!("colours.js"),
    include_str!("start.js")
);

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src 'self' data:; \
         media-src 'self'; frame-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

/// The header of every page.
fn policy() -> &'static str {
    &POLICY
}

/// Adds the headers of a page.
pub fn describe(response: &mut HttpResponseBuilder) {
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy()));
}

/// As [`describe`], for a response that is made already.
pub fn describe_made(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy()));
}

fn hash(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_nothing_inline_by_itself() {
        let policy = policy();
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
        assert_eq!(policy.matches("sha256-").count(), 2);
    }

    #[test]
    fn style_sheet_and_script_stay_small() {
        assert!(STYLE.len() + SCRIPT.len() <= 60_000);
        // They stand inside elements that these would end.
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
    }
}
