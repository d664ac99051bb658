//! Removes what is private from cloudflared's output before anyone can read it: the public names
//! of links, what visitors asked for, what a site answered, the settings of the owner's Cloudflare
//! account, and the exact addresses of other computers.
//!
//! Whoever knows a link can open it, and people attach logs to bug reports. What helps to find a
//! fault stays: the kind of error, the status, the edge location, and addresses on this computer
//! and the local network.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use super::pattern::{Found, Pattern};

/// Stands for what was removed.
const REDACTED: &str = "[redacted]";

/// Sites that cloudflared itself names. No share has a link below them.
const PUBLIC_SITES: [&str; 3] = ["cloudflare.com", "argotunnel.com", "github.com"];
/// The service that hands out quick tunnels. All other names of its domain belong to links.
const QUICK_SERVICE: &str = "api.trycloudflare.com";

/// Marks that may follow a URL in a sentence, a list or a box. A URL itself may end in them too.
const CLOSING_MARKS: [char; 9] = [')', ']', '}', '>', '|', ',', ';', ':', '.'];

/// A field whose value comes from a visitor's request or from the owner's account.
static PRIVATE_FIELD: LazyLock<Option<Pattern>> = LazyLock::new(|| {
    pattern(r#"\b(config|dest|path|uri|host|hostname|remoteAddr)=(?:"(?:[^"\\]|\\.)*"?|[^ ]*)"#)
});

/// The key of a quick tunnel, in an answer that cloudflared could not read.
static KEY: LazyLock<Option<Pattern>> =
    LazyLock::new(|| pattern(r#"(\\*"secret\\*": *\\*")[^"\\ ]*"#));

/// What could not be parsed, quoted inside a field: part of a request, or of a site's answer.
static MALFORMED: LazyLock<Option<Pattern>> = LazyLock::new(|| {
    pattern(
        r#"\b(bad|invalid|malformed|parse|unsupported)([^"\\]*)\\"((?:[^"\\]|\\\\\\"|\\\\|\\[^"\\])*)"#,
    )
});

/// The line of a site's answer that is no header. It is not quoted.
static MALFORMED_HEADER: LazyLock<Option<Pattern>> =
    LazyLock::new(|| pattern(r#"(malformed MIME header line: )(?:[^"\\]|\\.)*"#));

/// A URL up to the space or quote that ends it. In the quoted value of a field, `\"` is such a
/// quote, while `\\\"` is one that a visitor sent.
static URL: LazyLock<Option<Pattern>> = LazyLock::new(|| {
    pattern(r#"(?i:\b(https?|wss?|tcp)://)((?:[^ "\\]|\\\\\\"|\\\\|\\[^"\\ ])*)"#)
});

static QUICK_TUNNEL_NAME: LazyLock<Option<Pattern>> =
    LazyLock::new(|| pattern(r"(?i:(?:[a-z0-9-]+\.)+trycloudflare\.com)"));

static IPV4: LazyLock<Option<Pattern>> =
    LazyLock::new(|| pattern(r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b"));

static IPV6: LazyLock<Option<Pattern>> =
    LazyLock::new(|| pattern(r"(?i:(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})"));

/// A test compiles every pattern, so there is always one.
fn pattern(text: &str) -> Option<Pattern> {
    Pattern::new(text).ok()
}

/// Removes what is private from text; knows the public name of a named tunnel.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    named_tunnel: Option<Pattern>,
}

impl Redactor {
    /// `hostname` is the public name of the user's own tunnel. Names of quick tunnels are
    /// recognized without it.
    pub fn new(hostname: Option<&str>) -> Self {
        Self {
            named_tunnel: hostname
                .and_then(|name| pattern(&format!("(?i:{})", regex::escape(name)))),
        }
    }

    /// The text without what is private.
    pub fn redact(&self, text: &str) -> String {
        let text = Cow::Borrowed(text);
        let text = replace(text, &PRIVATE_FIELD, |found: &Found<'_>| {
            format!("{}={REDACTED}", found.group(1))
        });
        let text = replace(text, &KEY, |found: &Found<'_>| {
            format!("{}{REDACTED}", found.group(1))
        });
        let text = replace(text, &URL, |found: &Found<'_>| {
            url(&found.group(1), &found.group(2))
        });
        let text = replace(text, &MALFORMED, |found: &Found<'_>| {
            // Of a URL, what may be known is left. It has no spaces.
            let quoted = found.group(3);
            let url = quoted.split(' ').next().filter(|word| word.contains("://"));
            format!(
                "{}{}\\\"{}",
                found.group(1),
                found.group(2),
                url.unwrap_or(REDACTED)
            )
        });
        let text = replace(text, &MALFORMED_HEADER, |found: &Found<'_>| {
            format!("{}{REDACTED}", found.group(1))
        });
        let text = replace(text, &QUICK_TUNNEL_NAME, |found: &Found<'_>| {
            let name = found.group(0);
            if name.eq_ignore_ascii_case(QUICK_SERVICE) {
                name.into_owned()
            } else {
                REDACTED.to_owned()
            }
        });
        let text = match &self.named_tunnel {
            Some(name) => name.replace(text, |_| REDACTED.to_owned()),
            None => text,
        };
        let text = replace(text, &IPV4, |found: &Found<'_>| ipv4(&found.group(0)));
        replace(text, &IPV6, |found: &Found<'_>| ipv6(&found.group(0))).into_owned()
    }
}

fn replace<'a>(
    text: Cow<'a, str>,
    pattern: &LazyLock<Option<Pattern>>,
    by: impl FnMut(&Found<'_>) -> String,
) -> Cow<'a, str> {
    match LazyLock::force(pattern) {
        Some(pattern) => pattern.replace(text, by),
        None => text,
    }
}

/// The part of `scheme://rest` that may be known, and the marks behind it.
fn url(scheme: &str, rest: &str) -> String {
    let closing = closing_marks(rest);
    let rest = &rest[..rest.len() - closing.len()];
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = &rest[..end];
    match audience(authority) {
        Audience::Anyone => format!("{scheme}://{rest}{closing}"),
        Audience::ThisComputer => format!("{scheme}://{authority}{closing}"),
        Audience::Visitors => format!("{scheme}://{REDACTED}{closing}"),
    }
}

/// The marks at the end of a URL that probably don't belong to it.
fn closing_marks(url: &str) -> &str {
    let mut before = url;
    while let Some(shorter) = before.strip_suffix(CLOSING_MARKS) {
        // The end of an IPv6 address.
        if before.ends_with(']') && shorter.starts_with('[') && !shorter.contains(']') {
            break;
        }
        before = shorter;
    }
    &url[before.len()..]
}

/// Who may know a URL.
enum Audience {
    Anyone,
    /// Its path may hold the proxy's one-time secret, or what a visitor asked for.
    ThisComputer,
    Visitors,
}

fn audience(authority: &str) -> Audience {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.to_ascii_lowercase();
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let address = address.unwrap_or(&host);
    let is_site = |site: &str| {
        host.strip_suffix(site)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    };
    let is_this_computer = host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if host == QUICK_SERVICE || PUBLIC_SITES.iter().any(|site| is_site(site)) {
        Audience::Anyone
    } else if is_this_computer {
        Audience::ThisComputer
    } else {
        Audience::Visitors
    }
}

/// The network of a public address; the whole address if it is a local one.
fn ipv4(text: &str) -> String {
    match text.parse::<Ipv4Addr>() {
        Ok(address) if !is_local(address) => {
            let [a, b, ..] = address.octets();
            format!("{a}.{b}.x.x")
        }
        _ => text.to_owned(),
    }
}

fn is_local(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
}

/// Like [`ipv4`]. Times such as `10:00:00` are not addresses.
fn ipv6(text: &str) -> String {
    match text.parse::<Ipv6Addr>() {
        Ok(address)
            if !(address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()) =>
        {
            let [a, b, ..] = address.segments();
            format!("{a:x}:{b:x}::x")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "redact/tests.rs"] // tests/tunnel_guard.rs includes this file from elsewhere
mod tests;
