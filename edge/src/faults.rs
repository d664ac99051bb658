//! The faults that can be switched while the edge runs.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::link::Protocol;

/// One switch. As JSON it is an object with one key: `{"api":"hang"}`, `{"cut":"all"}`,
/// `{"registration":{"refuse_times":2}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// How the quick tunnel service answers from now on.
    Api(Api),
    /// What the edge's TCP ports do with new connections. Links that are up stay up.
    Tcp(Port),
    /// What the edge's UDP ports do. A closed port and a black hole silence the links that are
    /// up too, since they share the socket; a rejecting one concerns new connections only.
    Udp(Port),
    /// How a registration is answered from now on.
    Registration(Registration),
    /// From its first registration on, a name answers 530 for this long.
    PublishAfterMs(u64),
    /// Don't close a link once it has unregistered and is drained.
    KeepLinksOpen(bool),
    /// Ends links now, once.
    Cut(Which),
    /// Freezes the links that are up now, once and for good: they stay open and carry no byte.
    Swallow(Which),
    /// The edge no longer knows the tunnel of this public name: its links are cut, and its
    /// registrations refused as unauthorized.
    Forget(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    #[default]
    Normal,
    /// 429 with the text `error code: 1015`.
    RateLimited,
    /// 500 with JSON that says `success: false`.
    ErrorJson,
    /// 500 with a page of HTML.
    ErrorHtml,
    /// 500 with the text `error code: 1101`.
    Error1101,
    /// Takes the request and never answers.
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
    /// Takes everything and never answers.
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
    /// Refused as unauthorized, for ever.
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

/// The switches that stay, as they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Switches {
    pub(crate) api: Api,
    pub(crate) tcp: Port,
    pub(crate) registration: Registration,
    pub(crate) publish_after: Duration,
    pub(crate) keep_links_open: bool,
}

impl Switches {
    /// What becomes of the registration at hand; counts down the refusals.
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

/// Reads an object of one or more switches, as `POST /fault` takes it.
///
/// # Errors
/// A sentence that names the switch that couldn't be read.
pub fn from_json(text: &[u8]) -> Result<Vec<Fault>, String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text)
        .map_err(|e| format!("a fault is a JSON object like {{\"cut\":\"all\"}}: {e}"))?;
    object
        .into_iter()
        .map(|(name, value)| {
            let one = serde_json::Map::from_iter([(name.clone(), value)]);
            serde_json::from_value(one.into()).map_err(|e| format!("the fault {name:?}: {e}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_can_switch_several_faults() {
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
    fn a_counted_refusal_ends() {
        let mut switches = Switches {
            registration: Registration::RefuseTimes(1),
            ..Switches::default()
        };
        assert_eq!(switches.next_registration(), Registration::Refuse);
        assert_eq!(switches.next_registration(), Registration::Accept);
    }
}
