//! The dashboard: a page on this computer that shows and steers everything that is shared. A face like
//! the tray: it shows views of the state and sends events.
//!
//! ```text
//! server     the server on loopback: starts at the first look, ends ten minutes after the last
//! answers    one answer for each address
//! guard      which requests are answered
//! session    tickets, sessions and tokens
//! peer       whose program a connection belongs to
//! follow     keeps a page up to date
//! watching   what is happening right now
//! requests   the requests of a local site
//! events     what has changed, as server-sent events
//! actions    what the page asks for, as events for the core
//! export     the history as a file
//! looks      whether somebody looks
//! page       the page: its template, style, script and texts
//! ```

mod actions;
mod answers;
mod events;
mod export;
mod follow;
mod guard;
mod looks;
mod page;
#[cfg_attr(target_os = "linux", path = "peer_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "peer_elsewhere.rs")]
mod peer;
mod requests;
mod server;
mod session;
mod shared;
mod watching;

pub use server::Server;
pub use session::Sessions;
pub use shared::{Handle, Start, View};
