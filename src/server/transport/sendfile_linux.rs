//! The fast way on Linux: from the page cache to the socket without a copy, and without ever
//! waiting for the disk.

use std::{
    fs::File,
    io::{self, IoSliceMut},
    ops::Range,
    task::{Context, Poll, ready},
};

use rustix::{
    io::{Errno, ReadWriteFlags, preadv2},
    net::SendFlags,
};
use tokio::{io::Interest, net::TcpStream};

/// How much is checked, and then sent, at a time.
const WINDOW_BYTES: u64 = 1024 * 1024;

/// One byte is checked for each such step: read-ahead and eviction work in larger steps than a
/// page, and a check takes as long as sending some kilobytes.
const STEP_BYTES: u64 = 64 * 1024;

/// After waiting for the disk, a thread that may wait reads this much before the fast way is tried
/// again. Checking every chunk of a file that isn't in memory would only add to its cost.
const COLD_BYTES: u64 = 4 * 1024 * 1024;

/// What is known about the file that is being sent.
#[derive(Debug, Default)]
pub struct Sendfile {
    /// There is no point in trying before this position.
    cold_until: u64,
    /// Up to this position, the file is known to be in memory.
    warm_until: u64,
}

impl Sendfile {
    /// Whether it is worth trying at this position.
    pub fn may_send(&self, place: u64) -> bool {
        place >= self.cold_until
    }

    /// Sends from the start of `range` and returns the number of bytes; 0 if this isn't possible
    /// here.
    ///
    /// # Errors
    /// Those of the connection, and `UnexpectedEof` if the file has become shorter.
    pub fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        stream: &TcpStream,
        file: &File,
        range: &Range<u64>,
    ) -> Poll<io::Result<u64>> {
        if self.warm_until <= range.start {
            match warmth(file, range) {
                Warmth::Warm { until } => self.warm_until = until,
                Warmth::Cold => {
                    self.cold_until = range.start.saturating_add(COLD_BYTES);
                    return Poll::Ready(Ok(0));
                }
                Warmth::Unknown => {
                    self.cold_until = u64::MAX;
                    return Poll::Ready(Ok(0));
                }
            }
        }
        let warm = range.start..self.warm_until.min(range.end);
        match ready!(send(context, stream, file, &warm)) {
            // Some file systems don't support this; nothing was sent, so the other way can take
            // over.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                self.cold_until = u64::MAX;
                Poll::Ready(Ok(0))
            }
            sent => Poll::Ready(sent),
        }
    }
}

/// Whether a part of a file is in memory.
enum Warmth {
    /// It is in memory up to this position.
    Warm { until: u64 },
    /// Reading it would wait for the disk.
    Cold,
    /// This file system can't tell.
    Unknown,
}

/// Checks the start of a range, at most [`WINDOW_BYTES`] of it.
///
/// Unlike `preadv2`, `sendfile` has no flag that keeps it from waiting.
fn warmth(file: &File, range: &Range<u64>) -> Warmth {
    let end = range.end.min(range.start + WINDOW_BYTES);
    let mut until = range.start;
    let mut place = range.start;
    loop {
        let is_last = place + 1 >= end;
        let mut byte = [0];
        let buffers = &mut [IoSliceMut::new(&mut byte)];
        match preadv2(file, buffers, place, ReadWriteFlags::NOWAIT) {
            // There is nothing to wait for at the end of a file that became shorter, either.
            // A first byte says nothing about those that follow.
            Ok(_) if is_last || place > range.start => until = place + 1,
            Ok(_) => {}
            Err(Errno::AGAIN | Errno::INTR) => break,
            Err(_) => return Warmth::Unknown,
        }
        if is_last {
            break;
        }
        place = (place + STEP_BYTES).min(end - 1);
    }
    if until > range.start {
        Warmth::Warm { until }
    } else {
        Warmth::Cold
    }
}

/// Sends as much as the socket takes of a range that is in memory, at least one byte.
///
/// # Errors
/// `InvalidInput` if this file system doesn't support it, `UnexpectedEof` if the file ends before
/// the range; others come from the system.
fn send(
    context: &mut Context<'_>,
    stream: &TcpStream,
    file: &File,
    range: &Range<u64>,
) -> Poll<io::Result<u64>> {
    loop {
        ready!(stream.poll_write_ready(context))?;
        let mut offset = range.start;
        // A window fits into usize.
        let length = (range.end - range.start) as usize;
        let sent = stream.try_io(Interest::WRITABLE, || {
            Ok(rustix::fs::sendfile(
                stream,
                file,
                Some(&mut offset),
                length,
            )?)
        });
        match sent {
            Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            Ok(sent) => return Poll::Ready(Ok(sent as u64)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

/// Sends bytes that others follow immediately.
///
/// # Errors
/// The underlying I/O error.
pub fn send_more(
    context: &mut Context<'_>,
    stream: &mut TcpStream,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    loop {
        ready!(stream.poll_write_ready(context))?;
        let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
        let sent = stream.try_io(Interest::WRITABLE, || {
            Ok(rustix::net::send(&*stream, bytes, flags)?)
        });
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            sent => return Poll::Ready(sent),
        }
    }
}

/// Fills a buffer from a position in a file, if all of that is in memory; otherwise returns false.
/// Never waits for the disk.
pub fn read_now(file: &File, offset: u64, buffer: &mut [u8]) -> bool {
    let mut read = 0;
    while read < buffer.len() {
        let buffers = &mut [IoSliceMut::new(&mut buffer[read..])];
        match preadv2(file, buffers, offset + read as u64, ReadWriteFlags::NOWAIT) {
            Ok(0) => return false,
            Ok(count) => read += count,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
    true
}
