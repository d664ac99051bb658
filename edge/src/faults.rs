//! The faults that can be injected while the edge runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::Protocol;

/// A fault. As JSON it is an object with one key: `{"api":"hang"}`, `{"cut":"all"}`,
/// `{"registration":{"refuse_times":2}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// How the quick tunnel service responds.
    Api(Api),
    /// How the edge's TCP ports treat new connections. Existing links stay up.
    Tcp(Port),
    /// How the edge's UDP ports treat traffic. `Closed` and `BlackHole` also silence existing links,
    /// because they share the socket. `Rejected` affects only new connections.
    Udp(Port),
    /// How registrations are answered.
    Registration(Registration),
    /// How long a hostname returns 530 after its first registration.
    PublishAfterMs(u64),
    /// Whether links stay open after they have unregistered and drained.
    KeepLinksOpen(bool),
    /// The longest body of a request, in bytes. A longer one gets 413.
    MaxBodyBytes(u64),
    /// Ends the current links.
    Cut(Which),
    /// Freezes the current links for good: they stay open, but transfer nothing.
    Swallow(Which),
    /// Makes the edge forget the tunnel with this hostname: its links end, and its registrations are
    /// refused as unauthorized.
    Forget(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    #[default]
    Normal,
    /// Status 429 with the text `error code: 1015`.
    RateLimited,
    /// Status 500 with JSON that contains `success: false`.
    ErrorJson,
    /// Status 500 with an HTML page.
    ErrorHtml,
    /// Status 500 with the text `error code: 1101`.
    Error1101,
    /// Accepts the request and never responds.
    Hang,
    /// Nothing listens.
    Refused,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Port {
    #[default]
    Open,
    /// Nothing listens.
    Closed,
    /// Accepts everything and never responds.
    BlackHole,
    /// Ends the TLS handshake with an alert: 40 (handshake failure) over TCP, 120 (no
    /// application protocol) over UDP.
    Rejected,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    #[default]
    Accept,
    /// Refused as unauthorized.
    Refuse,
    /// Refused as unauthorized this many times, then accepted.
    RefuseTimes(u32),
    /// Never answered.
    Hang,
    /// Accepted after this long.
    DelayMs(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    All,
    Http2,
    Quic,
}

impl Which {
    pub(crate) fn has(self, protocol: Protocol) -> bool {
        match self {
            Self::All => true,
            Self::Http2 => protocol == Protocol::Http2,
            Self::Quic => protocol == Protocol::Quic,
        }
    }
}

/// The current value of every lasting fault.
#[derive(Clone, Debug)]
pub(crate) struct Switches {
    pub(crate) api: Api,
    pub(crate) tcp: Port,
    pub(crate) registration: Registration,
    pub(crate) publish_after: Duration,
    pub(crate) keep_links_open: bool,
    pub(crate) max_body_bytes: u64,
}

/// What Cloudflare's Free plan takes.
const MAX_BODY_BYTES: u64 = 100_000_000;

impl Default for Switches {
    fn default() -> Self {
        Self {
            api: Api::default(),
            tcp: Port::default(),
            registration: Registration::default(),
            publish_after: Duration::ZERO,
            keep_links_open: false,
            max_body_bytes: MAX_BODY_BYTES,
        }
    }
}

impl Switches {
    /// How to answer the next registration. Counts down `RefuseTimes`.
    pub(crate) fn next_registration(&mut self) -> Registration {
        match self.registration {
            Registration::RefuseTimes(0) => Registration::Accept,
            Registration::RefuseTimes(left) => {
                self.registration = Registration::RefuseTimes(left - 1);
                Registration::Refuse
            }
            other => other,
        }
    }
}

/// Parses an object with one or more faults, as sent to `POST /fault`.
///
/// # Errors
/// A message that names the invalid fault.
pub fn from_json(text: &[u8]) -> Result<Vec<Fault>, String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text)
        .map_err(|e| format!("a fault must be a JSON object like {{\"cut\":\"all\"}}: {e}"))?;
    object
        .into_iter()
        .map(|(name, value)| {
            let one = serde_json::Map::from_iter([(name.clone(), value)]);
            serde_json::from_value(one.into()).map_err(|e| format!("invalid fault {name:?}: {e}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_can_hold_several_faults() {
        let faults = from_json(br#"{"tcp":"black_hole","registration":{"refuse_times":2}}"#);
        let expected = [
            Fault::Registration(Registration::RefuseTimes(2)),
            Fault::Tcp(Port::BlackHole),
        ];
        let mut faults = faults.unwrap();
        faults.sort_by_key(|fault| format!("{fault:?}"));
        assert_eq!(faults, expected);
    }

    #[test]
    fn an_unknown_fault_is_named() {
        let error = from_json(br#"{"tpc":"closed"}"#).unwrap_err();
        assert!(error.contains("tpc"), "{error}");
    }

    #[test]
    fn refusals_end_when_the_count_is_used_up() {
        let mut switches = Switches {
            registration: Registration::RefuseTimes(1),
            ..Switches::default()
        };
        assert_eq!(switches.next_registration(), Registration::Refuse);
        assert_eq!(switches.next_registration(), Registration::Accept);
    }
}
