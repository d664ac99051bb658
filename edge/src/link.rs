//! One connection to one cloudflared, whatever protocol it speaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{Request, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::http2::Http2Carrier;
use crate::quic::QuicCarrier;

/// A body on its way through the edge, never held whole.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Http2,
    Quic,
}

/// The link ended, or answered what it must not, before there was an answer's head.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CarryError {
    #[error("the link ended: {0}")]
    Lost(BodyError),
    #[error("cloudflared answered what the edge doesn't understand: {0}")]
    Answer(String),
}

/// What moves requests; the switch that stops a link's bytes belongs to it.
pub(crate) enum Carrier {
    Http2(Http2Carrier),
    Quic(QuicCarrier),
}

pub(crate) struct Link {
    pub(crate) id: u64,
    pub(crate) carrier: Carrier,
    /// Cancelled to end the link.
    pub(crate) end: CancellationToken,
    unregistered: AtomicBool,
    in_flight: watch::Sender<usize>,
}

impl Link {
    pub(crate) fn new(id: u64, carrier: Carrier, end: CancellationToken) -> Self {
        Self {
            id,
            carrier,
            end,
            unregistered: AtomicBool::new(false),
            in_flight: watch::Sender::new(0),
        }
    }

    pub(crate) fn protocol(&self) -> Protocol {
        match self.carrier {
            Carrier::Http2(_) => Protocol::Http2,
            Carrier::Quic(_) => Protocol::Quic,
        }
    }

    /// Sends a visitor's request to cloudflared and gives the answer as its body begins.
    /// A websocket's answer has status 101, and the bodies are its two directions.
    pub(crate) async fn carry(
        &self,
        request: Request<Body>,
        is_websocket: bool,
    ) -> Result<Response<Body>, CarryError> {
        match &self.carrier {
            Carrier::Http2(carrier) => carrier.carry(request, is_websocket).await,
            Carrier::Quic(carrier) => carrier.carry(request, is_websocket).await,
        }
    }

    /// From here on no byte moves, in either direction, and nothing is closed.
    pub(crate) fn freeze(&self) {
        match &self.carrier {
            Carrier::Http2(carrier) => carrier.freeze(),
            Carrier::Quic(carrier) => carrier.freeze(),
        }
    }

    pub(crate) fn set_unregistered(&self) {
        self.unregistered.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_unregistered(&self) -> bool {
        self.unregistered.load(Ordering::Relaxed)
    }

    pub(crate) fn in_flight(&self) -> usize {
        *self.in_flight.borrow()
    }

    /// Waits until no request is in flight.
    pub(crate) async fn drained(&self) {
        // The sender is in self, so it can't be gone while this waits.
        let _ = self.in_flight.subscribe().wait_for(|n| *n == 0).await;
    }
}

/// Counts a request as in flight for as long as it lives.
pub(crate) struct InFlight(Arc<Link>);

impl InFlight {
    pub(crate) fn on(link: Arc<Link>) -> Self {
        link.in_flight.send_modify(|n| *n += 1);
        Self(link)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.send_modify(|n| *n -= 1);
    }
}
