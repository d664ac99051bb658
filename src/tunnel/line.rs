//! What cloudflared's log lines mean, as observed in versions 2025.9 to 2026.10.
//!
//! An edge that refuses a tunnel can make cloudflared write 12,000 lines a second, and visitors
//! choose part of what is in a line. The patterns match in linear time.

use std::{net::SocketAddr, sync::LazyLock};

use super::pattern::Pattern;

/// A line that matters to the tunnel. All other lines are only logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Where cloudflared serves its metrics and `/ready`.
    Metrics(SocketAddr),
    /// cloudflared knows the edge's addresses and dials one.
    Dials,
    /// Connection `index` is registered with the edge over this protocol.
    Registered { index: u8, protocol: String },
    /// Connection `index` to the edge is lost or could not be made; cloudflared tries again.
    Lost { index: u8, error: Option<String> },
    /// The edge does not know the tunnel, or not yet.
    Unauthorized(String),
    /// cloudflared does not understand its arguments: its usage text follows, then exit code 0.
    Usage(String),
    /// Something failed. The last of these before an exit explains it.
    Error(String),
}

impl Line {
    /// Whether the line must be handled even while most lines are left out.
    pub fn is_rare(&self) -> bool {
        matches!(
            self,
            Self::Metrics(_) | Self::Registered { .. } | Self::Usage(_)
        )
    }
}

/// `2026-11-22T10:00:00Z ERR message key=value`. Values with spaces are in quotes.
struct Patterns {
    timed: Pattern,
    metrics: Pattern,
    registered: Pattern,
    dials: Pattern,
    lost: Pattern,
    error: Pattern,
    escape: Pattern,
    index: Pattern,
    protocol: Pattern,
    usage: Pattern,
    bad_token: Pattern,
    see_help: Pattern,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| Patterns::compile().ok());

impl Patterns {
    fn compile() -> Result<Self, regex::Error> {
        Ok(Self {
            timed: Pattern::new("^[0-9][^ ]* ([^ ]+) (.*)")?,
            metrics: Pattern::new("^Starting metrics server on ([^/]+)")?,
            registered: Pattern::new("^Registered tunnel connection ")?,
            dials: Pattern::new("^Tunnel connection curve preferences")?,
            lost: Pattern::new(
                "^(?:Retrying connection in up to\
                |Connection terminated\
                |Serve tunnel error\
                |Lost connection with the edge\
                |Unregistered tunnel connection\
                |Failed to dial a quic connection\
                |Unable to establish connection\
                |Register tunnel error from server side\
                |failed to serve tunnel connection)",
            )?,
            error: Pattern::new(r#"error="((?:[^"\\]|\\.)*)""#)?,
            escape: Pattern::new(r"\\([\x00-\x7f]?)")?,
            // Only the last one counts: what a visitor sent comes before it.
            index: Pattern::new("(?:^|.* )connIndex=([^ ]*)")?,
            protocol: Pattern::new("(?:^|.* )protocol=([^ ]*)")?,
            usage: Pattern::new("^Incorrect Usage[.: ]*(.*)")?,
            bad_token: Pattern::new("^Provided Tunnel token is not valid")?,
            see_help: Pattern::new("^See 'cloudflared")?,
        })
    }

    /// The value of the field `error`, unescaped.
    fn error_in(&self, message: &str) -> Option<String> {
        let found = self.error.find(message)?;
        let unescaped = self
            .escape
            .replace(found.group(1), |found| found.group(1).into_owned());
        Some(unescaped.into_owned())
    }
}

/// The part of `text` that the pattern's first group matches.
fn group(pattern: &Pattern, text: &str) -> Option<String> {
    Some(pattern.find(text)?.group(1).into_owned())
}

/// What this line of cloudflared's output means; `None` if it doesn't matter to the tunnel.
pub fn parse(text: &str) -> Option<Line> {
    let patterns = PATTERNS.as_ref()?;
    // The last line before an early exit has no time: it gives the reason.
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return parse_untimed(patterns, text.trim());
    }
    let timed = patterns.timed.find(text)?;
    let (level, message) = (timed.group(1), timed.group(2));
    let message = message.as_ref();
    if level == "INF" {
        if let Some(address) = group(&patterns.metrics, message) {
            return Some(Line::Metrics(address.parse().ok()?));
        }
        if patterns.registered.is_match(message) {
            return Some(Line::Registered {
                index: group(&patterns.index, message)?.parse().ok()?,
                protocol: group(&patterns.protocol, message)?,
            });
        }
        if patterns.dials.is_match(message) {
            return Some(Line::Dials);
        }
    }
    let error = patterns.error_in(message);
    if let Some(error) = error
        .as_ref()
        .filter(|error| error.starts_with("Unauthorized"))
    {
        return Some(Line::Unauthorized(error.clone()));
    }
    if patterns.lost.is_match(message) {
        return Some(Line::Lost {
            index: group(&patterns.index, message)
                .and_then(|index| index.parse().ok())
                .unwrap_or(0),
            error,
        });
    }
    (level == "ERR" || level == "FTL").then(|| Line::Error(message.to_owned()))
}

fn parse_untimed(patterns: &Patterns, text: &str) -> Option<Line> {
    if let Some(why) = group(&patterns.usage, text) {
        return Some(Line::Usage(why));
    }
    if patterns.bad_token.is_match(text) {
        return Some(Line::Unauthorized(
            "Unauthorized: the token is not valid".into(),
        ));
    }
    if text.is_empty() || patterns.see_help.is_match(text) {
        return None;
    }
    Some(Line::Error(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{super::redact::Redactor, *};

    #[test]
    fn what_a_visitor_asked_for_never_counts_as_cloudflareds_own_words() {
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
    fn the_address_of_the_metrics_server_is_read() {
        let line = "2026-11-22T16:32:53Z INF Starting metrics server on 127.0.0.1:34935/metrics";
        assert_eq!(
            parse(line),
            Some(Line::Metrics(SocketAddr::from(([127, 0, 0, 1], 34935))))
        );
    }

    #[test]
    fn a_registered_connection_has_its_protocol() {
        let line = "2026-11-22T10:00:01Z INF Registered tunnel connection connIndex=2 connection=1b09 event=0 ip=127.0.0.1 location=xyz protocol=http2";
        let registered = Line::Registered {
            index: 2,
            protocol: "http2".into(),
        };
        assert_eq!(parse(line), Some(registered));
    }

    #[test]
    fn dialling_means_that_dns_has_answered() {
        let line = "2026-11-22T16:32:53Z INF Tunnel connection curve preferences: [X25519MLKEM768 CurveP256] connIndex=0 event=0 ip=127.0.0.1";
        assert_eq!(parse(line), Some(Line::Dials));
    }

    #[test]
    fn a_lost_connection_has_its_index() {
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
    fn an_edge_that_does_not_know_the_tunnel_is_recognized() {
        for line in [
            r#"2026-11-22T16:33:17Z ERR failed to serve incoming request error="Unauthorized: Record for tunnel not found""#,
            r#"2026-11-22T16:33:17Z ERR Register tunnel error from server side error="Unauthorized: Failed to get tunnel" connIndex=0 event=0 ip=127.0.0.1"#,
        ] {
            assert!(matches!(parse(line), Some(Line::Unauthorized(_))), "{line}");
        }
    }

    #[test]
    fn an_unknown_flag_is_named() {
        let line = "Incorrect Usage. flag provided but not defined: -no-such-flag";
        let why = "flag provided but not defined: -no-such-flag";
        assert_eq!(parse(line), Some(Line::Usage(why.into())));
    }

    #[test]
    fn an_invalid_token_is_recognized() {
        let said = parse("Provided Tunnel token is not valid.");
        assert!(matches!(said, Some(Line::Unauthorized(_))), "{said:?}");
        assert_eq!(parse("See 'cloudflared tunnel run --help'."), None);
    }

    #[test]
    fn the_last_line_before_an_early_exit_explains_it() {
        let line = "failed to parse quick Tunnel ID: invalid UUID length: 0";
        assert_eq!(parse(line), Some(Line::Error(line.into())));
        assert_eq!(parse("2026-11-22T10:00:00Z INF Version 2025.9.0"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse("2"), None);
    }

    #[test]
    fn every_pattern_compiles() {
        assert!(PATTERNS.is_some());
    }

    /// How long this thread has used a processor.
    #[cfg(target_os = "linux")]
    fn busy() -> std::time::Duration {
        use rustix::time::{ClockId, clock_gettime};
        clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_hostile_line_costs_as_much_as_its_length() {
        let cost = |length: usize| {
            let lines = [
                format!(
                    "2026-11-22T10:00:00Z ERR error=\"{}",
                    "\\\"".repeat(length / 2)
                ),
                format!(
                    "2026-11-22T10:00:00Z INF Registered tunnel connection {}",
                    " connIndex=".repeat(length / 11)
                ),
                format!(
                    "2026-11-22T10:00:00Z ERR {}",
                    "dest=https://a.b.".repeat(length / 17)
                ),
                format!(
                    "2026-11-22T10:00:00Z ERR {}",
                    "1.1.1.1.:1:1:1:".repeat(length / 15)
                ),
                "9".repeat(length),
            ];
            let run = |_| {
                let before = busy();
                for line in &lines {
                    let _ = (parse(line), Redactor::default().redact(line));
                }
                busy() - before
            };
            (0..3).map(run).min().unwrap()
        };
        let (short, long) = (cost(2_000), cost(32_000));
        // 16 times the length. Quadratic time would take 256 times as long.
        assert!(long < short * 80, "{short:?} {long:?}");
    }

    proptest::proptest! {
        #[test]
        fn no_line_causes_a_panic(line in ".{0,200}", rest in ".{0,100}") {
            parse(&line);
            parse(&format!("2026-11-22T10:00:00Z ERR {line} error=\"{rest}"));
            parse(&format!("2026-11-22T10:00:00Z INF Registered tunnel connection {line} {rest}"));
        }
    }
}
