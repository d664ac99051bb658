//! Sends one range of a file, by the fastest way that can't hold up other visitors.
//!
//! What is in memory goes from the page cache to the socket inside the kernel, if the system has a
//! way. A thread that may wait for the disk reads the rest, one chunk ahead.

use std::{
    fs::File,
    io,
    ops::Range,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::{
    io::AsyncWrite,
    net::TcpStream,
    task::{JoinHandle, spawn_blocking},
};

use super::{read::read_at, sendfile::Sendfile};

/// One read from the disk. A slow visitor has two of them in memory: the one being sent and the
/// next one.
const CHUNK_BYTES: u64 = 96 * 1024;

/// How much a visitor with a fast connection gets before it is the turn of others.
pub const TURN_BYTES: u64 = 4 * 1024 * 1024;

/// What is in progress for the range being sent.
#[derive(Debug, Default)]
pub struct Transfer {
    sending: Bytes,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    sendfile: Sendfile,
}

impl Transfer {
    /// Sends from the start of `range`, and advances it by what was sent, until it is empty or the
    /// turn is over.
    ///
    /// # Errors
    /// Those of the connection and the disk, and `UnexpectedEof` if the file has become shorter.
    pub fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut TcpStream,
        file: &Arc<File>,
        range: &mut Range<u64>,
        turn: &mut u64,
    ) -> Poll<io::Result<()>> {
        while !range.is_empty() && *turn > 0 {
            let part = range.start..range.end.min(range.start.saturating_add(*turn));
            let sent = if !self.is_reading() && self.sendfile.may_send(range.start) {
                ready!(self.sendfile.poll_send(context, stream, file, &part))?
            } else {
                ready!(self.poll_send_read(context, stream, file, range, *turn))?
            };
            range.start += sent;
            *turn = turn.saturating_sub(sent);
        }
        Poll::Ready(Ok(()))
    }

    fn is_reading(&self) -> bool {
        self.reading.is_some() || !self.sending.is_empty()
    }

    fn poll_send_read(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut TcpStream,
        file: &Arc<File>,
        range: &Range<u64>,
        most: u64,
    ) -> Poll<io::Result<u64>> {
        if self.sending.is_empty() {
            let reading = self
                .reading
                .get_or_insert_with(|| read_chunk(file, range.start, range.end));
            let read = ready!(pin!(reading).poll(context));
            self.reading = None;
            self.sending = read.map_err(io::Error::other)??;
            if self.sending.is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            let next = range.start + self.sending.len() as u64;
            if next < range.end && !self.sendfile.may_send(next) {
                self.reading = Some(read_chunk(file, next, range.end));
            }
        }
        let part = self
            .sending
            .len()
            .min(usize::try_from(most).unwrap_or(usize::MAX));
        let sent = ready!(Pin::new(stream).poll_write(context, &self.sending[..part]))?;
        if sent == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.sending.advance(sent);
        Poll::Ready(Ok(sent as u64))
    }
}

fn read_chunk(file: &Arc<File>, start: u64, end: u64) -> JoinHandle<io::Result<Bytes>> {
    let file = Arc::clone(file);
    // At most CHUNK_BYTES, which fits.
    let length = (end - start).min(CHUNK_BYTES) as usize;
    spawn_blocking(move || {
        let mut chunk = vec![0; length];
        let read = read_at(&file, start, &mut chunk)?;
        chunk.truncate(read);
        Ok(Bytes::from(chunk))
    })
}
