//! Where no quick way is known: all of a file is read by a thread that may wait for the disk.

use std::{
    fs::File,
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{io::AsyncWrite, net::TcpStream};

/// Nothing to know about the file that is being sent.
#[derive(Debug, Default)]
pub struct Sendfile;

impl Sendfile {
    /// Never.
    pub fn may_send(&self, _place: u64) -> bool {
        false
    }

    /// Sends nothing.
    ///
    /// # Errors
    /// None.
    pub fn poll_send(
        &mut self,
        _context: &mut Context<'_>,
        _stream: &TcpStream,
        _file: &File,
        _range: &Range<u64>,
    ) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(0))
    }
}

/// Sends bytes, as any others.
///
/// # Errors
/// The underlying I/O error.
pub fn send_more(
    context: &mut Context<'_>,
    stream: &mut TcpStream,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    Pin::new(stream).poll_write(context, bytes)
}

/// Nothing can be read without perhaps waiting for the disk.
pub fn read_now(_file: &File, _offset: u64, _buffer: &mut [u8]) -> bool {
    false
}
