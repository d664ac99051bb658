//! A TCP stream that can be frozen or cut while somebody reads and writes it.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The handle that freezes a [`Tap`].
#[derive(Clone, Default)]
pub(crate) struct Frost(Arc<AtomicBool>);

impl Frost {
    pub(crate) fn freeze(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_frozen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) struct Tap {
    stream: TcpStream,
    frost: Frost,
    end: CancellationToken,
    /// Wakes the reader when the link is to end, so that a frozen or idle link ends too.
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Tap {
    pub(crate) fn new(stream: TcpStream, frost: Frost, end: CancellationToken) -> Self {
        Self {
            stream,
            frost,
            ended: Box::pin(end.clone().cancelled_owned()),
            end,
        }
    }

    /// Whether bytes may pass. A frozen stream never thaws, so nobody needs to be woken for it.
    fn gate(&self) -> Poll<io::Result<()>> {
        if self.end.is_cancelled() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if self.frost.is_frozen() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let _ = self.ended.as_mut().poll(cx);
        std::task::ready!(self.gate())?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.gate())?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.gate())?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.gate())?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.gate())?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
