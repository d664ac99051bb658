//! Ends a connection whose visitor may still send something.
//!
//! If a program closes a connection that has unread bytes, the system tells the other side that
//! everything is lost, and it may not even read the answer that is on its way (RFC 9112, section 9.6).
//! So what still comes is read for a while, and thrown away.

use std::{
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
};

use super::timer::Timer;

/// How long a visitor has to notice the answer.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(5);

/// One read.
const READ_BYTES: usize = 16 * 1024;

/// The end of a connection.
#[derive(Debug)]
pub struct Linger {
    timer: Timer,
    since: Option<Instant>,
}

impl Linger {
    /// That takes at most this long.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timer: Timer::new(timeout),
            since: None,
        }
    }

    /// Ready when nothing more comes, or it took too long.
    pub fn poll(&mut self, context: &mut Context<'_>, stream: &mut TcpStream) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.timer.poll(context, since).is_ready() {
            return Poll::Ready(());
        }
        let mut buffer = [MaybeUninit::uninit(); READ_BYTES];
        loop {
            let mut buffer = ReadBuf::uninit(&mut buffer);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
    }
}
