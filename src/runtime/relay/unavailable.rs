//! The pages that visitors see in place of a site.

use std::{io, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{app::SiteState, server::PROTECTION};

/// A visitor has this long to send the request and to take the page.
const LIMIT: Duration = Duration::from_secs(5);
/// A longer head is not read to its end.
const HEAD_MAX: usize = 64 * 1024;

const TEMPLATE: &str = include_str!("unavailable.html");

/// Answers with a page that says why there is no site. `request` was already read.
pub async fn answer(visitor: &mut TcpStream, request: Vec<u8>, state: SiteState) {
    // A visitor who doesn't take the page gets none.
    let _ = timeout(LIMIT, send(visitor, request, state)).await;
}

/// Reads the request, so that the response isn't lost in a reset.
async fn send(visitor: &mut TcpStream, mut request: Vec<u8>, state: SiteState) -> io::Result<()> {
    let mut piece = [0; 2048];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < HEAD_MAX {
        match visitor.read(&mut piece).await? {
            0 => return Ok(()),
            n => request.extend_from_slice(&piece[..n]),
        }
    }
    visitor.write_all(response(state).as_bytes()).await?;
    visitor.shutdown().await?;
    while visitor.read(&mut piece).await? > 0 {}
    Ok(())
}

/// The status is always 503: in place of a 502, Cloudflare shows a page of its own.
fn response(state: SiteState) -> String {
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
