//! Plays Cloudflare on loopback for the real cloudflared: the quick tunnel service, the edge over
//! HTTP/2 and QUIC, and the public side where visitors come in. For tests and the demo; faults can
//! be switched while it runs.
//!
//! - [`events`]: what happened, in order, and waiting for it
//! - [`faults`]: what can be made to go wrong
//! - [`namespace`]: runs a test where only this loopback exists
//! - [`control`]: the same over HTTP, for shells
//! - `api`: who gives out tunnels; `public`: where visitors come in
//! - `http2`, `quic`: the two protocols of a `link` to a cloudflared, registered by `rpc`
//! - `tunnels`: names, credentials and which links serve them
//! - `tap`, `udp`, `door`: sockets that can be frozen, silenced and closed
//! - `switchboard`: carries faults out

#![forbid(unsafe_code)]

mod api;
mod certs;
pub mod control;
mod door;
mod edge;
pub mod events;
pub mod faults;
mod http2;
mod link;
mod names;
pub mod namespace;
mod public;
mod quic;
mod rpc;
mod state;
mod switchboard;
mod tap;
#[allow(clippy::all, dead_code)] // generated, also for the side that we are not
#[rustfmt::skip]
mod tunnel_capnp;
mod tunnels;
mod udp;

use std::sync::{Mutex, MutexGuard, PoisonError};

use http_body_util::BodyExt;

pub use edge::{Edge, NamedTunnel, Options, StartError, Stats};
pub use events::{Event, EventKind, Follower, NotSeen};
pub use faults::Fault;
pub use link::Protocol;
pub use switchboard::FaultError;
pub use tunnels::{LinkStats, TunnelStats};

/// The guard; a panic elsewhere leaves nothing half done under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A body that is this text.
fn text_body(text: String) -> link::Body {
    http_body_util::Full::from(text)
        .map_err(|never| match never {})
        .boxed_unsync()
}
