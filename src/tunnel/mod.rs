//! A supervised cloudflared per share: turns a local address into a public link that stays the
//! same until the share stops.
//!
//! - [`setup`]: what all tunnels share
//! - `machine` decides; `supervisor` carries its decisions out
//! - `tunnel_source`: a quick tunnel or a named one
//! - `quick_tunnel`, `quick_tunnel_proxy`, `api_error`, `cooldown`, [`resume_store`]: the public
//!   name of a quick tunnel, requested once
//! - `named_tunnel`: a tunnel on the user's own Cloudflare account
//! - `peer_owner`: which user made a loopback connection
//! - `cloudflared`, `invocation`, `line`, `log_throttle`, `pattern`, `redact`: one cloudflared process
//! - `probe`, `network`: whether a link works, and whether it may have died silently
//! - `transport`, `transport_memory`: QUIC and HTTP/2
//! - [`sidecar`], [`pins`], [`fetch`], `pinned_sidecar`: which cloudflared to run, and how to get it
//! - `problem`: why there is no link, in words

mod api_error;
mod cloudflared;
mod command;
mod cooldown;
pub mod fetch;
pub(crate) mod invocation;
mod line;
mod log_throttle;
mod machine;
mod named_tunnel;
mod network;
mod origin;
mod pattern;
mod peer_owner;
mod pinned_sidecar;
pub mod pins;
mod probe;
mod problem;
mod quick_tunnel;
mod quick_tunnel_proxy;
pub mod redact;
pub mod resume_store;
pub mod setup;
pub mod sidecar;
mod sidecar_error;
mod sidecar_locations;
mod supervisor;
mod transport;
mod transport_memory;
mod tunnel_source;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

pub use origin::Origin;
pub use resume_store::{ResumeStore, ShareKey};
pub use setup::{Setup, missing_cloudflared, settings_mistake};
pub use sidecar_locations::SidecarLocations;

use self::{command::Command, probe::Metrics};
use crate::app::TunnelReport;

/// A tunnel that is connecting, online, or ending. Dropping this ends it.
#[derive(Debug)]
pub struct Tunnel {
    commands: mpsc::UnboundedSender<Command>,
    /// The metrics of each cloudflared that runs.
    running: watch::Receiver<Vec<Metrics>>,
}

impl Tunnel {
    /// Starts a tunnel for `share` to `origin` and sends its state to `report`, last
    /// [`TunnelReport::Ended`].
    ///
    /// Call this on the main thread's runtime: on Linux cloudflared dies with the thread that
    /// starts it.
    pub fn start(
        share: Option<ShareKey>,
        origin: impl Into<Origin>,
        setup: Arc<Setup>,
        report: impl Fn(TunnelReport) + Send + Sync + 'static,
    ) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let report = Arc::new(report);
        let said = Arc::clone(&report);
        let (publish, running) = watch::channel(Vec::new());
        let say = move |what| said(what);
        let tunnel = supervisor::supervise(share, origin.into(), setup, inbox, publish, say);
        let tunnel = tokio::spawn(tunnel);
        tokio::spawn(async move {
            // A bug must not leave a share that looks as if it had a tunnel.
            if let Err(error) = tunnel.await
                && error.is_panic()
            {
                tracing::error!(%error, "a tunnel's task panicked");
                report(TunnelReport::Ended);
            }
        });
        Self { commands, running }
    }

    /// Waits until no cloudflared has a request under way, because visitors have received all of
    /// what they asked for, or have left. What the server has sent may be on its way for much
    /// longer.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        drained(self.running.clone())
    }

    /// Makes the next attempt now, if the tunnel is waiting for one.
    pub fn retry_now(&self) {
        // An error means that it has already ended.
        let _ = self.commands.send(Command::RetryNow);
    }

    /// Asks the tunnel to end. That takes at most 3 s.
    pub fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
    }
}

/// How often to look at requests under way.
const DRAIN_PACE: Duration = Duration::from_millis(250);

async fn drained(running: watch::Receiver<Vec<Metrics>>) {
    // An error means that the tunnel has ended.
    while running.has_changed().is_ok() {
        let all = running.borrow().clone();
        let mut is_idle = true;
        for metrics in all {
            // One that doesn't answer may still be sending.
            is_idle &= metrics.requests_under_way().await == Some(0);
        }
        if is_idle {
            return;
        }
        sleep(DRAIN_PACE).await;
    }
}
