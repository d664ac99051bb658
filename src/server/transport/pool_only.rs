//! Where there is no quick way: everything is read by a thread of the pool.

use std::{
    fs::File,
    io,
    ops::Range,
    task::{Context, Poll},
};

use tokio::net::TcpStream;

/// Whether a part of a file is in memory.
pub enum Warmth {
    /// It is, up to this place.
    #[expect(dead_code, reason = "only some systems can tell")]
    Warm { until: u64 },
    /// Reading it would wait for the disk.
    #[expect(dead_code, reason = "only some systems can tell")]
    Cold,
    /// This system does not tell.
    Unknown,
}

/// Never known here.
pub fn warmth(_file: &File, _range: &Range<u64>) -> Warmth {
    Warmth::Unknown
}

/// Not to be had here.
///
/// # Errors
/// Always `InvalidInput`, which says that the other way has to be taken.
pub fn send(
    _context: &mut Context<'_>,
    _stream: &TcpStream,
    _file: &File,
    _range: &Range<u64>,
) -> Poll<io::Result<u64>> {
    Poll::Ready(Err(io::ErrorKind::InvalidInput.into()))
}

/// Only Linux can tell whether reading would wait.
pub fn read_now(_file: &File, _offset: u64, _length: usize) -> Option<Vec<u8>> {
    None
}
