//! The pages that visitors see in place of a site.

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::{app::SiteState, server::PROTECTION};

const TEMPLATE: &str = include_str!("unavailable.html");

/// The status is always 503: in place of a 502, Cloudflare shows a page of its own.
pub fn response(state: SiteState) -> String {
    let page = page(state);
    let retry_after = if state == SiteState::NotHttp {
        ""
    } else {
        "retry-after: 5\r\n"
    };
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n{retry_after}{}content-security-policy: default-src 'none'; style-src 'sha256-{}'\r\nconnection: close\r\n\r\n{page}",
        page.len(),
        protection(),
        style_hash(&page),
    )
}

/// The headers that protect visitors. The page is kept by no cache at all, so that one is left out.
fn protection() -> String {
    PROTECTION
        .iter()
        .filter(|(name, _)| name != "cache-control")
        .filter_map(|(name, value)| Some(format!("{name}: {}\r\n", value.to_str().ok()?)))
        .collect()
}

fn page(state: SiteState) -> String {
    let (title, why) = match state {
        SiteState::NotHttp => (
            "This link doesn’t lead to a website",
            "The program behind it isn’t a web server.",
        ),
        SiteState::TlsFails => (
            "This site can’t be reached right now",
            "The link is correct, but the secure connection to the server behind it fails.",
        ),
        SiteState::Silent => (
            "This site didn’t answer",
            "The link is correct, but the server behind it closed the connection without an answer.",
        ),
        SiteState::Down | SiteState::Http | SiteState::Https => (
            "This site isn’t running right now",
            "The link is correct, but the server behind it doesn’t answer. It may be restarting.",
        ),
    };
    let next = if state == SiteState::NotHttp {
        "Contact the person who sent you the link."
    } else {
        "Try reloading the page in a moment. If that doesn’t help, contact the person who sent you the link."
    };
    let parts = [("{title}", title), ("{why}", why), ("{next}", next)];
    parts
        .iter()
        .fold(TEMPLATE.to_owned(), |page, (mark, text)| {
            page.replace(mark, text)
        })
}

/// The hash that allows the page's own style in its Content-Security-Policy.
fn style_hash(page: &str) -> String {
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or("", |(style, _)| style);
    BASE64_STANDARD.encode(Sha256::digest(style))
}
