//! How bytes get from a file to a visitor's connection.
//!
//! actix-web writes a response by copying every chunk of its body into a buffer of its own. For a
//! photo library or a disk image that copy is most of the work, so large bodies go past it: the
//! body gives its pieces to the connection's [`Outbox`], and the connection sends them itself
//! when the head of the response is out.

mod bare;
mod connection;
mod outbox;
mod produced;
#[cfg(target_os = "linux")]
#[path = "quick_linux.rs"]
mod quick;
#[cfg(not(target_os = "linux"))]
#[path = "quick_nowhere.rs"]
mod quick;
mod room;
mod transfer;

pub use connection::{Connection, HEAD_TIMEOUT};
pub use outbox::{Outbox, Piece, PiecesBody};
pub use produced::{HeadBody, Produced, Source};
pub use quick::read_now;
pub use room::Room;

use std::fs::File;
use std::io;

use super::platform::read_once;

/// Reads from a place in a file until `buffer` is full or the file ends. May wait for the disk.
///
/// # Errors
/// As the system gives them.
pub fn read_at(file: &File, mut offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match read_once(file, offset, &mut buffer[read..]) {
            Ok(0) => break,
            Ok(count) => {
                read += count;
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
