//! The two protocols over which a cloudflared reaches the edge, and which of them to try.

use serde::{Deserialize, Serialize};

use crate::config::Protocol;

/// The protocol of one cloudflared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Over UDP: quick to notice a loss and to come back, and blocked by some networks.
    Quic,
    /// Over TCP: gets through almost anywhere.
    Http2,
}

impl Wire {
    /// The word cloudflared takes for it.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Quic => "quic",
            Self::Http2 => "http2",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quic => "QUIC",
            Self::Http2 => "HTTP/2",
        }
    }
}

/// The protocols that may be tried, the preferred one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wires {
    pub first: Wire,
    pub second: Option<Wire>,
}

impl Wires {
    /// As the settings have it; `won` is what got through in this network before.
    pub fn of(protocol: Protocol, won: Option<Wire>) -> Self {
        match (protocol, won) {
            (Protocol::Quic, _) => Self {
                first: Wire::Quic,
                second: None,
            },
            (Protocol::Http2, _) => Self {
                first: Wire::Http2,
                second: None,
            },
            (Protocol::Auto, Some(Wire::Http2)) => Self {
                first: Wire::Http2,
                second: Some(Wire::Quic),
            },
            (Protocol::Auto, _) => Self {
                first: Wire::Quic,
                second: Some(Wire::Http2),
            },
        }
    }

    pub fn has(self, wire: Wire) -> bool {
        self.first == wire || self.second == Some(wire)
    }

    /// Prefers `wire` from now on, if it may be tried at all.
    pub fn prefer(&mut self, wire: Wire) {
        if self.second == Some(wire) {
            *self = Self {
                first: wire,
                second: Some(self.first),
            };
        }
    }
}
