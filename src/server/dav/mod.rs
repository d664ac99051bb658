//! What a folder looks like to a program that mounts it as a drive (WebDAV, RFC 4918), as data.
//!
//! ```text
//! property     the properties that things here have
//! asked        which of them a program asks for
//! entry        what is known about a file or folder
//! multistatus  the answer, in pieces
//! xml          what may stand in it
//! ```

mod asked;
mod entry;
mod multistatus;
mod property;
mod xml;

pub use asked::{Asked, MAX_BODY_BYTES};
pub use entry::Room;
pub use multistatus::Multistatus;
pub use property::Property;
