//! A TCP stream that can be frozen or cut while it is in use.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Freezes a [`FreezableStream`], for good.
#[derive(Clone, Default)]
pub(crate) struct FreezeHandle(Arc<AtomicBool>);

impl FreezeHandle {
    pub(crate) fn freeze(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_frozen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) struct FreezableStream {
    stream: TcpStream,
    freeze: FreezeHandle,
    end: CancellationToken,
    /// Wakes the reader when the link ends, so that frozen and idle links end too.
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl FreezableStream {
    pub(crate) fn new(stream: TcpStream, freeze: FreezeHandle, end: CancellationToken) -> Self {
        Self {
            stream,
            freeze,
            ended: Box::pin(end.clone().cancelled_owned()),
            end,
        }
    }

    /// Whether bytes may pass. A frozen stream stays frozen, so pending tasks need no waking.
    fn poll_pass(&self) -> Poll<io::Result<()>> {
        if self.end.is_cancelled() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        if self.freeze.is_frozen() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for FreezableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let _ = self.ended.as_mut().poll(cx);
        std::task::ready!(self.poll_pass())?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for FreezableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_pass())?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_pass())?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_pass())?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_pass())?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
