//! Where no fast way is known: threads that may wait for the disk read all of a file.

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
    /// Always false.
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

/// Sends bytes; whether others follow makes no difference here.
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

/// Always false, because any read may wait for the disk.
pub fn read_now(_file: &File, _offset: u64, _buffer: &mut [u8]) -> bool {
    false
}
