//! Accepts connections from cloudflared: one file for each protocol.

pub(crate) mod http2;
pub(crate) mod quic;
