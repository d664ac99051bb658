//! What cloudflared's log lines mean. Facts of the versions 2025.9 to 2026.10.
//!
//! Read by hand and not by patterns: an edge that refuses can cost 12,000 lines a second.

use std::net::SocketAddr;

/// A line that tells something; the rest of the log is only kept for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Where its metrics and its `/ready` are.
    Metrics(SocketAddr),
    /// It knows the edge's addresses and dials one.
    Dials,
    /// Connection `index` is registered with the edge over this protocol.
    Registered { index: u8, protocol: String },
    /// Connection `index` to the edge is gone or could not be made; cloudflared tries again.
    Lost { index: u8, error: Option<String> },
    /// The edge does not know the tunnel, or not yet.
    Unauthorized(String),
    /// It does not understand its arguments; its manual follows, and exit code 0.
    Usage(String),
    /// Something did not work; the last of these before an exit is its reason.
    Error(String),
}

impl Line {
    /// It must be heard even where most of a flood is left out.
    pub fn is_rare(&self) -> bool {
        matches!(
            self,
            Self::Metrics(_) | Self::Registered { .. } | Self::Usage(_)
        )
    }
}

/// Begins of messages that tell of a connection that is gone or could not be made.
const LOST: [&str; 9] = [
    "Retrying connection in up to",
    "Connection terminated",
    "Serve tunnel error",
    "Lost connection with the edge",
    "Unregistered tunnel connection",
    "Failed to dial a quic connection",
    "Unable to establish connection",
    "Register tunnel error from server side",
    "failed to serve tunnel connection",
];

/// What this line of cloudflared's output says; `None` when it says nothing that matters.
pub fn parse(text: &str) -> Option<Line> {
    // The reason of an early exit is its last line and has no time before it.
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        let text = text.trim();
        if let Some(why) = text.strip_prefix("Incorrect Usage") {
            let why = why.trim_start_matches(['.', ':', ' ']);
            return Some(Line::Usage(why.to_owned()));
        }
        if text.starts_with("Provided Tunnel token is not valid") {
            return Some(Line::Unauthorized(
                "Unauthorized: the token is not valid".into(),
            ));
        }
        // Where its manual is.
        if text.starts_with("See 'cloudflared") {
            return None;
        }
        return (!text.is_empty()).then(|| Line::Error(text.to_owned()));
    }
    let mut words = text.splitn(3, ' ');
    let (_time, level, message) = (words.next()?, words.next()?, words.next()?);
    if level == "INF" {
        if let Some(address) = message.strip_prefix("Starting metrics server on ") {
            let address = address.split('/').next()?.parse().ok()?;
            return Some(Line::Metrics(address));
        }
        if message.starts_with("Registered tunnel connection ") {
            return Some(Line::Registered {
                index: field(message, "connIndex=")?.parse().ok()?,
                protocol: field(message, "protocol=")?.to_owned(),
            });
        }
        if message.starts_with("Tunnel connection curve preferences") {
            return Some(Line::Dials);
        }
    }
    if let Some(error) = quoted(message, "error=").filter(|error| error.starts_with("Unauthorized"))
    {
        return Some(Line::Unauthorized(error));
    }
    if LOST.iter().any(|begin| message.starts_with(begin)) {
        return Some(Line::Lost {
            index: field(message, "connIndex=")
                .and_then(|index| index.parse().ok())
                .unwrap_or(0),
            error: quoted(message, "error="),
        });
    }
    (level == "ERR" || level == "FTL").then(|| Line::Error(message.to_owned()))
}

/// The value of a field without quotes; only fields at the end count, since what a visitor sent
/// comes before them, in quotes.
fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message
        .split(' ')
        .rev()
        .find_map(|word| word.strip_prefix(name))
}

/// The value of a field in quotes, without them.
fn quoted(message: &str, name: &str) -> Option<String> {
    let (_, rest) = message.split_once(name)?;
    let rest = rest.strip_prefix('"')?;
    let mut value = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return Some(value),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitors_address_is_never_taken_for_a_word_of_cloudflared() {
        for line in [
            r#"2026-11-22T10:00:00Z ERR Request failed error="x" dest=https://a.example/Registered%20tunnel%20connection%20connIndex=0%20protocol=quic"#,
            "2026-11-22T10:00:00Z INF GET /Starting metrics server on 127.0.0.1:1/metrics",
        ] {
            let parsed = parse(line);
            assert!(
                matches!(parsed, None | Some(Line::Error(_))),
                "{line}: {parsed:?}"
            );
        }
    }

    #[test]
    fn the_metrics_server_is_found() {
        let line = "2026-11-22T16:32:53Z INF Starting metrics server on 127.0.0.1:34935/metrics";
        assert_eq!(
            parse(line),
            Some(Line::Metrics(SocketAddr::from(([127, 0, 0, 1], 34935))))
        );
    }

    #[test]
    fn a_registered_connection_is_known_with_its_protocol() {
        let line = "2026-11-22T10:00:01Z INF Registered tunnel connection connIndex=2 connection=1b09 event=0 ip=127.0.0.1 location=xyz protocol=http2";
        let registered = Line::Registered {
            index: 2,
            protocol: "http2".into(),
        };
        assert_eq!(parse(line), Some(registered));
    }

    #[test]
    fn dialling_means_that_the_name_server_has_answered() {
        let line = "2026-11-22T16:32:53Z INF Tunnel connection curve preferences: [X25519MLKEM768 CurveP256] connIndex=0 event=0 ip=127.0.0.1";
        assert_eq!(parse(line), Some(Line::Dials));
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
            (
                r#"2026-11-22T16:33:47Z ERR Failed to dial a quic connection error="failed to dial to edge with quic: timeout: no recent network activity" connIndex=0 event=0 ip=127.0.0.1"#,
                0,
                Some("failed to dial to edge with quic: timeout: no recent network activity"),
            ),
        ] {
            let error = error.map(str::to_owned);
            assert_eq!(parse(line), Some(Line::Lost { index, error }), "{line}");
        }
    }

    #[test]
    fn an_edge_that_does_not_know_the_tunnel_is_told_apart() {
        for line in [
            r#"2026-11-22T16:33:17Z ERR failed to serve incoming request error="Unauthorized: Record for tunnel not found""#,
            r#"2026-11-22T16:33:17Z ERR Register tunnel error from server side error="Unauthorized: Failed to get tunnel" connIndex=0 event=0 ip=127.0.0.1"#,
        ] {
            assert!(matches!(parse(line), Some(Line::Unauthorized(_))), "{line}");
        }
    }

    #[test]
    fn a_flag_that_it_does_not_know_is_known_by_its_name() {
        let line = "Incorrect Usage. flag provided but not defined: -no-such-flag";
        let why = "flag provided but not defined: -no-such-flag";
        assert_eq!(parse(line), Some(Line::Usage(why.into())));
    }

    #[test]
    fn a_token_that_is_none_is_told_as_such() {
        let said = parse("Provided Tunnel token is not valid.");
        assert!(matches!(said, Some(Line::Unauthorized(_))), "{said:?}");
        assert_eq!(parse("See 'cloudflared tunnel run --help'."), None);
    }

    #[test]
    fn the_last_line_before_an_early_exit_is_its_reason() {
        let line = "failed to parse quick Tunnel ID: invalid UUID length: 0";
        assert_eq!(parse(line), Some(Line::Error(line.into())));
        assert_eq!(parse("2026-11-22T10:00:00Z INF Version 2025.9.0"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse("2"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(line in ".{0,200}", rest in ".{0,100}") {
            parse(&line);
            parse(&format!("2026-11-22T10:00:00Z ERR {line} error=\"{rest}"));
            parse(&format!("2026-11-22T10:00:00Z INF Registered tunnel connection {line} {rest}"));
        }
    }
}
