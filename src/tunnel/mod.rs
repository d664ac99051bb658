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
//! - `cloudflared`, `invocation`, `line`, `log_throttle`: one cloudflared process
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
mod peer_owner;
mod pinned_sidecar;
pub mod pins;
mod probe;
mod problem;
mod quick_tunnel;
mod quick_tunnel_proxy;
pub mod resume_store;
pub mod setup;
pub mod sidecar;
mod supervisor;
mod transport;
mod transport_memory;

use std::sync::Arc;

use tokio::sync::mpsc;

pub use origin::Origin;
pub use resume_store::{ResumeStore, ShareKey};
pub use setup::Setup;
pub use sidecar::SidecarLocations;

use self::command::Command;
use crate::app::TunnelReport;

/// A tunnel on its way, online, or ending. Dropping it ends it.
#[derive(Debug)]
pub struct Tunnel {
    commands: mpsc::UnboundedSender<Command>,
}

impl Tunnel {
    /// Starts a tunnel of `share` to `origin` and sends what becomes of it to `report`, at the end
    /// [`TunnelReport::Ended`].
    ///
    /// Call it on the runtime of the program's main thread: cloudflared dies with the thread
    /// that starts it.
    pub fn start(
        share: Option<ShareKey>,
        origin: impl Into<Origin>,
        setup: Arc<Setup>,
        report: impl Fn(TunnelReport) + Send + Sync + 'static,
    ) -> Self {
        let (commands, inbox) = mpsc::unbounded_channel();
        let report = Arc::new(report);
        let said = Arc::clone(&report);
        let tunnel = supervisor::supervise(share, origin.into(), setup, inbox, move |what| {
            said(what);
        });
        let tunnel = tokio::spawn(tunnel);
        tokio::spawn(async move {
            // A bug of ours must not leave a share that looks as if it had a tunnel.
            if let Err(error) = tunnel.await
                && error.is_panic()
            {
                tracing::error!(%error, "a tunnel broke");
                report(TunnelReport::Ended);
            }
        });
        Self { commands }
    }

    /// Makes the next attempt now, if it waits for one.
    pub fn retry_now(&self) {
        // An error means that it has ended already.
        let _ = self.commands.send(Command::RetryNow);
    }

    /// Asks it to end; that takes at most 3 s.
    pub fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
    }
}
