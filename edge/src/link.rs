//! A connection to a cloudflared, over either protocol.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use hyper::{Request, Response};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    body::Body,
    carrier::{Carrier, CarryError},
    protocol::Protocol,
};

pub(crate) struct Link {
    pub(crate) id: u64,
    carrier: Carrier,
    /// Cancel this to end the link.
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
        self.carrier.protocol()
    }

    /// # Errors
    /// See [`Carrier::carry`].
    pub(crate) async fn carry(
        &self,
        request: Request<Body>,
        is_websocket: bool,
    ) -> Result<Response<Body>, CarryError> {
        self.carrier.carry(request, is_websocket).await
    }

    pub(crate) fn freeze(&self) {
        self.carrier.freeze();
    }

    pub(crate) fn times_full(&self) -> u64 {
        self.carrier.times_full()
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
        // This can't fail: `self` holds the sender.
        let _ = self.in_flight.subscribe().wait_for(|n| *n == 0).await;
    }
}

/// Counts a request as in flight until it is dropped.
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
