//! The two protocols that connect cloudflared to the edge, and which to try first.

use serde::{Deserialize, Serialize};

use crate::config::Protocol;

/// The protocol of one cloudflared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Over UDP: notices a lost connection and recovers quickly, but some networks block it.
    Quic,
    /// Over TCP: gets through almost anywhere.
    Http2,
}

impl Transport {
    /// Its value of `--protocol`.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::Http2 => "http2",
        }
    }

    /// Its name in texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quic => "QUIC",
            Self::Http2 => "HTTP/2",
        }
    }
}

/// The transports that may be tried, the preferred one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transports {
    pub first: Transport,
    pub second: Option<Transport>,
}

impl Transports {
    /// The transports that the settings allow. `won` got through in this network before.
    pub fn of(protocol: Protocol, won: Option<Transport>) -> Self {
        match (protocol, won) {
            (Protocol::Quic, _) => Self {
                first: Transport::Quic,
                second: None,
            },
            (Protocol::Http2, _) => Self {
                first: Transport::Http2,
                second: None,
            },
            (Protocol::Auto, Some(Transport::Http2)) => Self {
                first: Transport::Http2,
                second: Some(Transport::Quic),
            },
            (Protocol::Auto, _) => Self {
                first: Transport::Quic,
                second: Some(Transport::Http2),
            },
        }
    }

    /// Whether `transport` may be tried.
    pub fn has(self, transport: Transport) -> bool {
        self.first == transport || self.second == Some(transport)
    }

    /// Prefers `transport` from now on, if it may be tried.
    pub fn prefer(&mut self, transport: Transport) {
        if self.second == Some(transport) {
            *self = Self {
                first: transport,
                second: Some(self.first),
            };
        }
    }
}
