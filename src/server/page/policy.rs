//! What a page may load and run: the Content-Security-Policy header.
//!
//! The style sheet and the script are part of the page, and more of them come when they are needed. The
//! policy allows them by their hashes, so nothing else that gets into a page can run.

use std::sync::LazyLock;

use actix_web::{
    HttpResponseBuilder,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue},
};

use super::{
    assets::{
        LIST_UPLOAD_SCRIPT, LIST_UPLOAD_STYLE, PARTS, Part, SCRIPT, SEARCH_STYLE, STYLE,
        TEXT_SCRIPT, TEXT_STYLE, UNLOCK_SCRIPT, UPLOAD_SCRIPT, UPLOAD_STYLE,
    },
    hash::hash,
};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

static POLICY: LazyLock<String> = LazyLock::new(|| list_policy(&[&STYLE], &[&SCRIPT]));

/// The policy of the list if visitors may add files: the page for handing in files may take its place.
static ADDING_POLICY: LazyLock<String> = LazyLock::new(|| {
    list_policy(
        &[&STYLE, &LIST_UPLOAD_STYLE, &UPLOAD_STYLE],
        &[&SCRIPT, &LIST_UPLOAD_SCRIPT, &UPLOAD_SCRIPT],
    )
});

static UNLOCK_POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        hash(&STYLE),
        hash(&UNLOCK_SCRIPT)
    )
});

static UPLOAD_POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        hash(&UPLOAD_STYLE),
        hash(&UPLOAD_SCRIPT)
    )
});

static TEXT_POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(&TEXT_STYLE),
        hash(&TEXT_SCRIPT)
    )
});

static SEARCH_POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}' '{}'; img-src data:; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        hash(&STYLE),
        hash(&SEARCH_STYLE)
    )
});

/// With the parts of the list's script.
fn list_policy(styles: &[&str], scripts: &[&str]) -> String {
    let hashes = |contents: &[&str], parts: fn(&Part) -> &str| -> Vec<_> {
        let contents = contents.iter().copied().chain(PARTS.iter().map(parts));
        contents
            .map(|content| format!("'{}'", hash(content)))
            .collect()
    };
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src 'self' data:; \
         media-src 'self'; frame-src 'self'; connect-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        hashes(styles, |part| &part.style).join(" "),
        hashes(scripts, |part| &part.script).join(" ")
    )
}

/// Adds the headers of a list. With `takes_files`, visitors may add to its folder.
pub fn describe(response: &mut HttpResponseBuilder, takes_files: bool) {
    let policy = if takes_files { &ADDING_POLICY } else { &POLICY };
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)));
}

/// Adds the headers of a notice to a finished response.
pub fn describe_made(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(&POLICY));
}

/// Adds the headers of the page that asks for the password.
pub fn describe_unlock(response: &mut HttpResponseBuilder) {
    let policy = HeaderValue::from_static(&UNLOCK_POLICY);
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy));
}

/// Adds the headers of the page for handing in files.
pub fn describe_upload(response: &mut HttpResponseBuilder) {
    let policy = HeaderValue::from_static(&UPLOAD_POLICY);
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy));
}

/// Adds the headers of the page of a text.
pub fn describe_text(response: &mut HttpResponseBuilder) {
    let policy = HeaderValue::from_static(&TEXT_POLICY);
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy));
}

/// Adds the headers of the page of what is found.
pub fn describe_search(response: &mut HttpResponseBuilder) {
    let policy = HeaderValue::from_static(&SEARCH_POLICY);
    response
        .insert_header((CONTENT_TYPE, HTML))
        .insert_header((CONTENT_SECURITY_POLICY, policy));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_inline_content_by_hash_only() {
        for (policy, hashes) in [
            (&POLICY, 2 + 2 * PARTS.len()),
            (&ADDING_POLICY, 6 + 2 * PARTS.len()),
            (&UNLOCK_POLICY, 2),
            (&UPLOAD_POLICY, 2),
            (&TEXT_POLICY, 2),
            (&SEARCH_POLICY, 2),
        ] {
            assert!(!policy.contains("unsafe") && !policy.contains("http"));
            assert_eq!(policy.matches("'sha256-").count(), hashes);
        }
    }
}
