//! What comes from a visitor.

use std::{
    io,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, DuplexStream, Interest},
    net::tcp::ReadHalf,
    time::{Instant, sleep, timeout_at},
};

use super::message::{Refusal, RequestHead, head_end};
use crate::server::Activity;

/// A longer head is refused.
const HEAD_MAX: usize = 64 * 1024;
/// What follows a request is read ahead up to here, and the rest stays with the sender.
const AHEAD_MAX: usize = 16 * 1024;
const PIECE: usize = 16 * 1024;
/// How often to look for the end of a visitor behind bytes that are not read yet.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// The end of a connection from which a visitor's bytes come.
pub trait VisitorReads: AsyncRead + Unpin {
    /// Whether the visitor has closed the connection, perhaps behind bytes that are not read yet.
    fn has_hung_up(&self) -> bool {
        false
    }
}

impl VisitorReads for DuplexStream {}

impl VisitorReads for ReadHalf<'_> {
    fn has_hung_up(&self) -> bool {
        let ready = pin!(self.ready(Interest::READABLE));
        let ready = ready.poll(&mut Context::from_waker(Waker::noop()));
        matches!(ready, Poll::Ready(Ok(ready)) if ready.is_read_closed())
    }
}

/// How long a visitor may take.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// Until a request begins.
    pub idle: Duration,
    /// From there to the end of its head.
    pub head: Duration,
}

/// A visitor's bytes. Nothing is lost if one of its futures is dropped.
pub struct Incoming<R> {
    reads: R,
    /// What came and is not used yet.
    pub ahead: BytesMut,
    has_ended: bool,
    activity: Activity,
}

impl<R: VisitorReads> Incoming<R> {
    pub fn new(reads: R, activity: Activity) -> Self {
        Self {
            reads,
            ahead: BytesMut::new(),
            has_ended: false,
            activity,
        }
    }

    /// The next request; `None` if none comes.
    ///
    /// # Errors
    /// The request is refused.
    pub async fn head(&mut self, limits: HeadLimits) -> Result<Option<RequestHead>, Refusal> {
        let mut deadline = Instant::now() + limits.idle;
        let mut looked = 0;
        let mut has_begun = false;
        loop {
            // A program may end its request before with an empty line too many (RFC 9112, section 2.2).
            while looked == 0 && self.ahead.starts_with(b"\r\n") {
                let _ = self.ahead.split_to(2);
            }
            if !has_begun && !self.ahead.is_empty() {
                has_begun = true;
                deadline = Instant::now() + limits.head;
            }
            if let Some(end) = head_end(&self.ahead, looked) {
                if end > HEAD_MAX {
                    return Err(Refusal::TooLong);
                }
                let head = RequestHead::parse(&self.ahead[..end]);
                let _ = self.ahead.split_to(end);
                if self.ahead.is_empty() {
                    // A long head doesn't keep its memory.
                    self.ahead = BytesMut::new();
                }
                return head.map(Some);
            }
            looked = self.ahead.len();
            if looked >= HEAD_MAX {
                return Err(Refusal::TooLong);
            }
            match timeout_at(deadline, self.read()).await {
                Ok(Ok(1..)) => {}
                // There is nobody to tell.
                Ok(_) => return Ok(None),
                Err(_) if has_begun => return Err(Refusal::TooSlow),
                Err(_) => return Ok(None),
            }
        }
    }

    /// Reads more. Returns how much it was, which is 0 at the end.
    ///
    /// # Errors
    /// The connection has failed.
    pub async fn read(&mut self) -> io::Result<usize> {
        if self.has_ended {
            return Ok(0);
        }
        self.ahead.reserve(PIECE.min(AHEAD_MAX));
        let read = self.reads.read_buf(&mut self.ahead).await?;
        self.has_ended = read == 0;
        self.activity.add(read as u64);
        Ok(read)
    }

    /// Whether so many bytes have come already.
    pub fn has(&self, length: usize) -> bool {
        self.ahead.len() >= length
    }

    /// The next bytes, exactly so many.
    ///
    /// # Errors
    /// The connection has failed, or ended before them.
    pub async fn exactly(&mut self, length: usize) -> io::Result<BytesMut> {
        while !self.has(length) {
            if self.read().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.ahead.split_to(length))
    }

    /// Waits until the visitor sends no more. What comes until then is kept.
    ///
    /// # Errors
    /// The connection has failed.
    pub async fn end(&mut self) -> io::Result<()> {
        while self.ahead.len() < AHEAD_MAX {
            if self.read().await? == 0 {
                return Ok(());
            }
        }
        self.hangs_up().await;
        Ok(())
    }

    /// Waits until the visitor has closed the connection, without reading from it.
    pub async fn hangs_up(&self) {
        while !self.has_ended && !self.reads.has_hung_up() {
            sleep(LOOK_INTERVAL).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::Empty;

    use super::VisitorReads;

    impl VisitorReads for Empty {}
}
