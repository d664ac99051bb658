//! Simulates Cloudflare on loopback for the real cloudflared: the quick tunnel service, the edge
//! over HTTP/2 and QUIC, and the public side for visitors. It is used by tests and the demo, and can
//! inject faults while it runs.
//!
//! - [`control`]: controls the edge over HTTP, for shell scripts
//! - `edge`: starts everything; the handle for tests
//! - `injector`: injects [`faults`] into the parts below
//! - `acceptor`: accepts cloudflared over HTTP/2 and QUIC
//! - `public`: accepts visitors; `api`: creates tunnels
//! - `rpc`: registers cloudflared's connections
//! - `state`: what the parts above share: open links, `tunnels` and [`events`]
//! - `link`: a connection to a cloudflared; its `carrier` transfers requests
//! - `window`: how much waits for visitors who take nothing
//! - `listener`, `tcp_stream`, `udp_socket`: sockets that can be closed, frozen and silenced
//! - [`namespace`]: runs a test where only loopback exists
//! - [`message_bus`]: a D-Bus message bus for a test alone
//! - [`needs`]: what a test needs besides Rust; [`test_name`]: the name of the running test

#![forbid(unsafe_code)]

mod acceptor;
mod api;
mod body;
mod carrier;
mod certs;
pub mod control;
mod edge;
pub mod events;
pub mod faults;
mod hostnames;
mod injector;
mod link;
mod listener;
mod lock;
pub mod message_bus;
pub mod namespace;
pub mod needs;
mod protocol;
mod public;
mod rpc;
mod state;
mod tcp_stream;
pub mod test_name;
#[allow(clippy::all, dead_code)] // generated, including the client side, which is unused
#[rustfmt::skip]
mod tunnel_capnp;
mod tunnels;
mod udp_socket;
mod window;

pub use certs::{CertError, self_signed};
pub use edge::{Edge, NamedTunnel, Options, StartError, Stats};
pub use events::{Event, EventKind, Follower, NotSeen};
pub use faults::Fault;
pub use injector::FaultError;
pub use protocol::Protocol;
pub use tunnels::{LinkStats, TunnelStats};
pub use window::FlowWindows;
