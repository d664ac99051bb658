//! How bytes get from a file to a visitor's connection.
//!
//! actix-web copies every chunk of a response's body into a buffer of its own. For a photo library
//! or a disk image that copy is most of the work, so large bodies bypass it: the body gives its
//! pieces to the connection's [`Outbox`], and the connection itself sends them after the head of
//! the response.

mod connection;
mod delivery;
mod eviction;
mod fallback_headers;
mod hand_over;
mod hang_up;
mod head_end;
mod head_timer;
mod outbox;
mod progress;
mod protection;
mod read;
mod seat;
#[cfg(target_os = "linux")]
#[path = "sendfile_linux.rs"]
mod sendfile;
#[cfg(not(target_os = "linux"))]
#[path = "sendfile_fallback.rs"]
mod sendfile;
mod stream_body;
mod transfer;
mod visitor;

pub use connection::Connection;
pub use delivery::Delivery;
pub use eviction::{Eviction, Patience, Waiter};
pub use head_timer::HEAD_TIMEOUT;
pub use outbox::{Outbox, Piece, PiecesBody};
pub use protection::PROTECTION;
pub use read::read_at;
pub use sendfile::read_now;
pub use stream_body::{ChunkSource, HeadBody, StreamBody};
pub use visitor::Visitor;
