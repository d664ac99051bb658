//! Carries visitors' requests to a cloudflared, over the protocol of its link.

mod error;
pub(crate) mod http2;
pub(crate) mod quic;

use hyper::{Request, Response};

pub(crate) use error::CarryError;
use http2::Http2Carrier;
use quic::QuicCarrier;

use crate::{body::Body, protocol::Protocol};

pub(crate) enum Carrier {
    Http2(Http2Carrier),
    Quic(QuicCarrier),
}

impl Carrier {
    pub(crate) fn protocol(&self) -> Protocol {
        match self {
            Self::Http2(_) => Protocol::Http2,
            Self::Quic(_) => Protocol::Quic,
        }
    }

    /// Sends a request and returns the response as soon as its head has arrived.
    ///
    /// A WebSocket's response has status 101; its request and response bodies are the two
    /// directions of the connection.
    ///
    /// # Errors
    /// When the link ends first, or cloudflared breaks the protocol.
    pub(crate) async fn carry(
        &self,
        request: Request<Body>,
        is_websocket: bool,
    ) -> Result<Response<Body>, CarryError> {
        match self {
            Self::Http2(carrier) => carrier.carry(request, is_websocket).await,
            Self::Quic(carrier) => carrier.carry(request, is_websocket).await,
        }
    }

    /// How often cloudflared reported that the window of the connection was full. HTTP/2 has no word
    /// for it.
    pub(crate) fn times_full(&self) -> u64 {
        match self {
            Self::Http2(_) => 0,
            Self::Quic(carrier) => carrier.times_full(),
        }
    }

    /// Stops all traffic in both directions without closing anything.
    pub(crate) fn freeze(&self) {
        match self {
            Self::Http2(carrier) => carrier.freeze(),
            Self::Quic(carrier) => carrier.freeze(),
        }
    }
}
