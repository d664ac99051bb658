//! What cloudflared's log lines mean. Facts of the versions 2025.9 to 2026.10.

use std::sync::LazyLock;

use regex::Regex;

/// A line that tells something; the rest of the log is only kept for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The public name is known. It does not work before a connection is registered.
    Link(String),
    /// Connection `index` is registered with the edge over this protocol.
    Registered { index: u8, protocol: String },
    /// Connection `index` to the edge is gone or could not be made; cloudflared tries again.
    Lost { index: u8, error: Option<String> },
    /// It goes on over HTTP/2 because QUIC does not get through.
    FallsBack,
    /// The service that gives out quick tunnels answered this status: `429 Too Many Requests`.
    ServiceRefused { status: String },
    /// Something did not work; the last of these before an exit is its reason.
    Error(String),
}

/// The link stands alone in a box: `2026-… INF |  https://….trycloudflare.com    |`.
///
/// Only a whole line of that form counts. cloudflared also prints addresses that are no link:
/// the service's own (`https://api.trycloudflare.com/tunnel`, in its error when there is no
/// network) and whatever address a visitor asked for. A quick tunnel's name is several words.
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r"^[^ ]+ INF \| +(https://[a-z0-9]+(?:-[a-z0-9]+)+\.trycloudflare\.com)/? +\| *$")
});

static REGISTERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r"^[^ ]+ INF Registered tunnel connection .*?connIndex=([0-9]+) .*protocol=([a-z0-9]+)")
});

static LOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"^[^ ]+ (?:INF|WRN|ERR) (?:Retrying connection in up to|Connection terminated|Serve tunnel error|Lost connection with the edge|Unregistered tunnel connection|Failed to dial a quic connection|Unable to establish connection|Register tunnel error from server side)(?:.*?connIndex=([0-9]+))?",
    )
});

static ERROR_FIELD: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r#" error="((?:[^"\\]|\\.)*)""#));

static SERVICE_STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r#"^[^ ]+ ERR Error unmarshaling QuickTunnel response: .*status_code="([^"]*)""#)
});

static ERROR: LazyLock<Option<Regex>> = LazyLock::new(|| compile(r"^[^ ]+ (?:ERR|FTL) (.+)$"));

/// The patterns are fixed text, so compiling one can't fail; a test compiles each.
fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// What this line of cloudflared's output says; `None` when it says nothing that matters.
pub fn parse(text: &str) -> Option<Line> {
    if let Some(found) = captures(&LINK, text) {
        return Some(Line::Link(found[1].to_owned()));
    }
    if let Some(found) = captures(&REGISTERED, text) {
        return Some(Line::Registered {
            index: found[1].parse().unwrap_or(0),
            protocol: found[2].to_owned(),
        });
    }
    if let Some(found) = captures(&LOST, text) {
        let index = found.get(1).and_then(|digits| digits.as_str().parse().ok());
        return Some(Line::Lost {
            index: index.unwrap_or(0),
            error: captures(&ERROR_FIELD, text).map(|found| found[1].replace("\\\"", "\"")),
        });
    }
    if let Some(found) = captures(&SERVICE_STATUS, text) {
        return Some(Line::ServiceRefused {
            status: found[1].to_owned(),
        });
    }
    if text.contains(" INF Switching to fallback protocol http2") {
        return Some(Line::FallsBack);
    }
    if let Some(found) = captures(&ERROR, text) {
        return Some(Line::Error(found[1].to_owned()));
    }
    // The reason of an early exit is its last line and has no time before it.
    let starts_with_time = text.starts_with(|c: char| c.is_ascii_digit());
    (!starts_with_time && !text.trim().is_empty()).then(|| Line::Error(text.trim().to_owned()))
}

fn captures<'t>(pattern: &LazyLock<Option<Regex>>, text: &'t str) -> Option<regex::Captures<'t>> {
    pattern.as_ref().and_then(|pattern| pattern.captures(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in [
            &LINK,
            &REGISTERED,
            &LOST,
            &ERROR_FIELD,
            &SERVICE_STATUS,
            &ERROR,
        ] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn the_box_with_the_link_gives_the_link() {
        let line = "2026-11-22T10:00:00Z INF |  https://quiet-river-lake-sand.trycloudflare.com                           |";
        assert_eq!(
            parse(line),
            Some(Line::Link(
                "https://quiet-river-lake-sand.trycloudflare.com".into()
            ))
        );
    }

    #[test]
    fn the_address_of_the_service_is_never_a_link() {
        for line in [
            r#"failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host"#,
            "2026-11-22T10:00:00Z INF |  https://api.trycloudflare.com/tunnel  |",
            "2026-11-22T10:00:00Z INF |  https://api.trycloudflare.com  |",
            "2026-11-22T10:00:00Z ERR |  https://quiet-river-lake-sand.trycloudflare.com  |",
        ] {
            assert!(!matches!(parse(line), Some(Line::Link(_))), "{line}");
        }
    }

    #[test]
    fn an_address_that_a_visitor_asked_for_is_never_a_link() {
        let line = r#"2026-11-22T10:00:00Z ERR Request failed error="x" dest=https://real-name-of-share.trycloudflare.com/|%20https://evil-evil-evil-evil.trycloudflare.com%20| "#;
        assert!(!matches!(parse(line), Some(Line::Link(_))));
        let line =
            "2026-11-22T10:00:00Z INF GET /  | https://evil-evil-evil-evil.trycloudflare.com |";
        assert_eq!(parse(line), None);
    }

    #[test]
    fn a_registered_connection_is_known_with_its_protocol() {
        let line = "2026-11-22T10:00:01Z INF Registered tunnel connection connIndex=2 connection=1b09 event=0 ip=127.0.0.1 location=xyz protocol=http2";
        assert_eq!(
            parse(line),
            Some(Line::Registered {
                index: 2,
                protocol: "http2".into()
            })
        );
    }

    #[test]
    fn a_lost_connection_is_known_with_its_index() {
        for (line, index, error) in [
            (
                r#"2026-11-22T10:00:01Z INF Retrying connection in up to 1s connIndex=3 event=0 ip=127.0.0.1"#,
                3,
                None,
            ),
            (
                r#"2026-11-22T10:00:01Z ERR Connection terminated error="x" connIndex=1"#,
                1,
                Some("x"),
            ),
            (
                r#"2026-11-22T10:00:01Z ERR Serve tunnel error error="connection \"a\" closed" connIndex=0 event=0 ip=127.0.0.1"#,
                0,
                Some(r#"connection "a" closed"#),
            ),
            (
                r#"2026-11-22T10:00:01Z INF Lost connection with the edge connIndex=0"#,
                0,
                None,
            ),
        ] {
            let error = error.map(str::to_owned);
            assert_eq!(parse(line), Some(Line::Lost { index, error }), "{line}");
        }
    }

    #[test]
    fn a_refusal_of_the_service_gives_its_status() {
        let line = r#"2026-11-22T10:00:00Z ERR Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character 'e' looking for beginning of value" status_code="429 Too Many Requests""#;
        assert_eq!(
            parse(line),
            Some(Line::ServiceRefused {
                status: "429 Too Many Requests".into()
            })
        );
    }

    #[test]
    fn the_last_line_before_an_early_exit_is_its_reason() {
        let line = "failed to parse quick Tunnel ID: invalid UUID length: 0";
        assert_eq!(parse(line), Some(Line::Error(line.into())));
        assert_eq!(parse("2026-11-22T10:00:00Z INF Version 2025.9.0"), None);
    }
}
