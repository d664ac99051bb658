//! Removes what is private from cloudflared's output before anyone can read it: the public names
//! of links, what visitors asked for, and the exact addresses of other computers.
//!
//! Whoever knows a link can open it, and people attach logs to bug reports. What helps to find a
//! fault stays: the kind of error, the status, the edge location, and addresses on this computer
//! and the local network.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::{Captures, Regex, Replacer};

/// Stands for what was removed.
const REDACTED: &str = "[redacted]";

/// Sites that cloudflared itself names. No share has a link below them.
const PUBLIC_SITES: [&str; 3] = ["cloudflare.com", "argotunnel.com", "github.com"];
/// The service that hands out quick tunnels. All other names of its domain belong to links.
const QUICK_SERVICE: &str = "api.trycloudflare.com";

/// A field whose value comes from a visitor's request.
static VISITOR_FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r#"(?-u:\b)(dest|path|uri|host|hostname|remoteAddr)=(?:"(?:[^"\\]|\\.)*"?|[^ ]*)"#)
});

/// A URL up to the quote that ends it. In the quoted value of a field, `\"` is such a quote, while
/// `\\\"` is one that a visitor sent.
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r#"(?i-u:\b(https?|wss?|tcp)://)([^/ ?#"\\|\])]*)((?:[^ "\\|\])]|\\\\\\"|\\\\)*)"#)
});

static QUICK_TUNNEL_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u:(?:[a-z0-9-]+\.)+trycloudflare\.com)"));

static IPV4: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?-u:\b)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?-u:\b)"));

static IPV6: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"(?i-u:(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})"));

/// A test compiles every pattern, so there is always one.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Removes what is private from text; knows the public name of a named tunnel.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    named_tunnel: Option<Regex>,
}

impl Redactor {
    /// `hostname` is the public name of the user's own tunnel. Names of quick tunnels are
    /// recognized without it.
    pub fn new(hostname: Option<&str>) -> Self {
        Self {
            named_tunnel: hostname
                .and_then(|name| pattern(&format!("(?i-u:{})", regex::escape(name)))),
        }
    }

    /// The text without what is private.
    pub fn redact(&self, text: &str) -> String {
        let text = Cow::Borrowed(text);
        let text = replace(text, &VISITOR_FIELD, |found: &Captures<'_>| {
            format!("{}={REDACTED}", &found[1])
        });
        let text = replace(text, &URL, |found: &Captures<'_>| {
            let (scheme, authority, rest) = (&found[1], &found[2], &found[3]);
            match audience(authority) {
                Audience::Anyone => format!("{scheme}://{authority}{rest}"),
                Audience::ThisComputer => format!("{scheme}://{authority}"),
                Audience::Visitors => format!("{scheme}://{REDACTED}"),
            }
        });
        let text = replace(text, &QUICK_TUNNEL_NAME, |found: &Captures<'_>| {
            if found[0].eq_ignore_ascii_case(QUICK_SERVICE) {
                found[0].to_owned()
            } else {
                REDACTED.to_owned()
            }
        });
        let text = match &self.named_tunnel {
            Some(name) => replace_all(text, name, REDACTED),
            None => text,
        };
        let text = replace(text, &IPV4, |found: &Captures<'_>| ipv4(&found[0]));
        replace(text, &IPV6, |found: &Captures<'_>| ipv6(&found[0])).into_owned()
    }
}

fn replace<'a>(
    text: Cow<'a, str>,
    pattern: &LazyLock<Option<Regex>>,
    by: impl Replacer,
) -> Cow<'a, str> {
    match LazyLock::force(pattern) {
        Some(pattern) => replace_all(text, pattern, by),
        None => text,
    }
}

fn replace_all<'a>(text: Cow<'a, str>, pattern: &Regex, by: impl Replacer) -> Cow<'a, str> {
    match pattern.replace_all(&text, by) {
        Cow::Borrowed(_) => text,
        Cow::Owned(text) => Cow::Owned(text),
    }
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
    let is_site = |site: &str| {
        host.strip_suffix(site)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    };
    let is_this_computer = host == "localhost"
        || host
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
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        Redactor::default().redact(text)
    }

    /// Lines that cloudflared 2025.9.0 wrote.
    #[test]
    fn neither_links_nor_what_visitors_asked_for_are_readable() {
        for (line, left) in [
            (
                "2026-11-28T20:08:51Z INF |  https://quiet-river-lake-sand.trycloudflare.com                                           |",
                "2026-11-28T20:08:51Z INF |  https://[redacted]                                           |",
            ),
            (
                r#"2026-11-28T20:08:54Z ERR Request failed error="Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: dial tcp 127.0.0.1:1: connect: connection refused" connIndex=0 dest=https://quiet-river-lake-sand.trycloudflare.com/secret%20folder/diary.txt?token=abc event=0 ip=198.41.200.23 type=http"#,
                r#"2026-11-28T20:08:54Z ERR Request failed error="Unable to reach the origin service. The service may be down or it may not be responding to traffic from cloudflared: dial tcp 127.0.0.1:1: connect: connection refused" connIndex=0 dest=[redacted] event=0 ip=198.41.x.x type=http"#,
            ),
            (
                r#"2026-11-28T20:08:54Z ERR Request failed error="stream 5 canceled by remote with error code 0" connIndex=0 dest="https://quiet-river.trycloudflare.com/a?q=\"quo ted\\" event=0 ip=2606:4700:a0::5 type=http"#,
                r#"2026-11-28T20:08:54Z ERR Request failed error="stream 5 canceled by remote with error code 0" connIndex=0 dest=[redacted] event=0 ip=2606:4700::x type=http"#,
            ),
            (
                r#"2026-11-28T20:08:54Z ERR failed to serve incoming request error="parse \"https://quiet-river.trycloudflare.com/diary\\\"s.txt?a\": invalid URL escape" connIndex=0"#,
                r#"2026-11-28T20:08:54Z ERR failed to serve incoming request error="parse \"https://[redacted]\": invalid URL escape" connIndex=0"#,
            ),
            (
                "2026-11-28T20:08:51Z INF Settings: map[config:/tmp/e.yml protocol:quic quick-service:http://127.0.0.1:38073/0123456789abcdef url:http://127.0.0.1:1]",
                "2026-11-28T20:08:51Z INF Settings: map[config:/tmp/e.yml protocol:quic quick-service:http://127.0.0.1:38073 url:http://127.0.0.1:1]",
            ),
        ] {
            assert_eq!(redacted(line), left);
        }
    }

    #[test]
    fn what_helps_to_find_a_fault_stays() {
        for line in [
            "2026-11-28T20:08:51Z INF Registered tunnel connection connIndex=0 connection=070e9cf0-3a5b-42a5-a195-999e64aaade3 event=0 ip=127.0.0.1 location=ams01 protocol=quic",
            r#"2026-11-28T20:08:51Z ERR Failed to fetch features, default to disable error="lookup cfd-features.argotunnel.com on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable""#,
            "2026-11-28T20:08:51Z INF Starting metrics server on 127.0.0.1:42313/metrics",
            "2026-11-28T20:08:51Z INF ICMP proxy will use ::1 in zone lo as source for IPv6",
            "2026-11-28T20:08:51Z INF Version 2025.9.0 (Checksum 8649fde552509543622afc867c04ae3b3b4c21febd880704c888a0d3ee12e2d7)",
            "2026-11-28T20:08:51Z ERR      See GitHub issue https://github.com/golang/go/issues/27546 event=0",
            r#"failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host"#,
            r#"2026-11-28T20:08:54Z ERR  error="Unable to reach the origin service: dial tcp 127.0.0.1:1: connect: connection refused" connIndex=0 event=1 ingressRule=0 originService=http://127.0.0.1:1"#,
        ] {
            assert_eq!(redacted(line), line);
        }
    }

    #[test]
    fn the_name_of_a_named_tunnel_is_removed() {
        let line = r#"2026-11-28T20:09:01Z INF Updated to new configuration config="{\"ingress\":[{\"hostname\":\"Share.example.org\",\"service\":\"http://localhost:1\"}]}" version=2"#;
        let left = Redactor::new(Some("share.example.org")).redact(line);
        assert_eq!(
            left,
            r#"2026-11-28T20:09:01Z INF Updated to new configuration config="{\"ingress\":[{\"hostname\":\"[redacted]\",\"service\":\"http://localhost:1\"}]}" version=2"#
        );
    }

    #[test]
    fn a_site_that_only_looks_like_cloudflares_is_removed() {
        for url in [
            "https://evilcloudflare.com/a",
            "https://cloudflare.com.example.org/a",
            "https://cloudflare.com@example.org/a",
            "WSS://a.example/",
        ] {
            let left = redacted(url);
            assert!(left.ends_with("://[redacted]"), "{left}");
        }
    }

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&VISITOR_FIELD, &URL, &QUICK_TUNNEL_NAME, &IPV4, &IPV6] {
            assert!(LazyLock::force(pattern).is_some());
        }
    }

    proptest::proptest! {
        #[test]
        fn a_visitors_address_never_gets_through(path in "[ -~äü]{0,100}") {
            let secret = "zebra-crossing";
            let dest = format!("https://a-b.trycloudflare.com/{secret}{path}{secret}");
            // As zerolog writes it.
            let is_plain = dest.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
            let value = if is_plain { dest.clone() } else { format!("{dest:?}") };
            let line = format!("2026-11-28T20:08:54Z ERR Request failed error=\"x\" connIndex=0 dest={value} event=0");
            let left = redacted(&line);
            proptest::prop_assert!(!left.contains(secret) && !left.contains("a-b"), "{}", left);
            proptest::prop_assert!(left.ends_with("event=0"), "{}", left);
        }
    }
}
