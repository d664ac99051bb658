//! What a page may load and run: the Content-Security-Policy header.
//!
//! The style sheet and the script are part of the page. The policy allows them by their hashes, so
//! nothing else that gets into a page can run.

use std::sync::LazyLock;

use actix_web::{
    HttpResponseBuilder,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The style sheet of all pages.
pub const STYLE: &str = concat!(include_str!("page.css"), include_str!("viewer.css"));

/// The script of the list: several files, joined into one module.
pub const SCRIPT: &str = concat!(
    include_str!("entries.js"),
    include_str!("list.js"),
    include_str!("viewer.js"),
    include_str!("contents.js"),
    include_str!("colours.js"),
    include_str!("start.js")
);

/// The script of the page that asks for the password.
pub const UNLOCK_SCRIPT: &str = include_str!("unlock.js");

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

static UNLOCK_POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        hash(STYLE),
        hash(UNLOCK_SCRIPT)
    )
});

/// The header's value.
fn policy() -> &'static str {
    &POLICY
}

/// Adds the headers of a page.
pub fn describe(response: &mut HttpResponseBuilder) {
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy()));
}

/// Like [`describe`], for a finished response.
pub fn describe_made(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy()));
}

/// Adds the headers of the page that asks for the password.
pub fn describe_unlock(response: &mut HttpResponseBuilder) {
    let policy = HeaderValue::from_static(&UNLOCK_POLICY);
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy));
}

fn hash(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_inline_content_by_hash_only() {
        for policy in [policy(), &UNLOCK_POLICY] {
            assert!(!policy.contains("unsafe") && !policy.contains("http"));
            assert_eq!(policy.matches("sha256-").count(), 2);
        }
    }

    #[test]
    fn style_sheet_and_script_stay_small() {
        assert!(STYLE.len() + SCRIPT.len() <= 60_000);
        // These would end the elements that contain them.
        assert!(!STYLE.contains("</") && !UNLOCK_SCRIPT.contains("</script"));
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
    }
}
