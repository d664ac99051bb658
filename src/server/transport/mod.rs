//! How bytes get from a file to a visitor's connection.
//!
//! actix-web copies every chunk of a response's body into a buffer of its own. For a photo library
//! or a disk image that copy is most of the work, so large bodies bypass it: the body gives its
//! pieces to the connection's [`Outbox`], and the connection itself sends them after the head of
//! the response.

mod body_memory;
mod chunked;
mod connection;
mod delivery;
mod eviction;
mod fallback_headers;
mod finished;
mod framing;
mod hand_over;
mod hang_up;
mod head_filter;
mod linger;
mod outbox;
mod pace;
mod patience;
mod pieces;
mod progress;
mod protection;
mod ranking;
mod read;
mod reception;
mod request_body;
mod seat;
#[cfg(target_os = "linux")]
#[path = "sendfile_linux.rs"]
mod sendfile;
#[cfg(not(target_os = "linux"))]
#[path = "sendfile_fallback.rs"]
mod sendfile;
mod stream_body;
mod timer;
mod transfer;
mod visitor;

pub use chunked::Chunks;
pub use connection::Connection;
pub use delivery::Delivery;
pub use eviction::{Eviction, Waiter};
pub use finished::Finished;
pub use framing::Framing;
pub use outbox::{Outbox, Piece, PiecesBody};
pub use pace::{Lane, Pace};
pub use patience::Patience;
pub use protection::PROTECTION;
pub use read::read_at;
pub use request_body::BodyError;
pub use sendfile::read_now;
pub use stream_body::{ChunkSource, HeadBody, HeadStream, StreamBody};
pub use timer::HEAD_TIMEOUT;
pub use visitor::Visitor;

#[cfg(test)]
mod body_tests;
