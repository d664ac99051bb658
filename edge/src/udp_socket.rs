//! A UDP socket for QUIC that can be closed, or silenced for one peer or for all.

use std::{
    collections::HashSet,
    io::{self, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use quinn::{
    AsyncUdpSocket, Runtime, TokioRuntime, UdpPoller,
    udp::{RecvMeta, Transmit},
};

use crate::lock::lock;

/// How to recognise the first byte of a QUIC Initial packet (RFC 9000, 17.2.2).
const LONG_HEADER_TYPE: u8 = 0b1111_0000;
const INITIAL: u8 = 0b1100_0000;

#[derive(Debug)]
pub(crate) struct FaultySocket {
    addr: SocketAddr,
    limits: Limits,
    inner: Mutex<Inner>,
}

/// Properties of the first socket; quinn reads them only once.
#[derive(Debug)]
struct Limits {
    send_segments: usize,
    receive_segments: usize,
    may_fragment: bool,
}

#[derive(Debug)]
struct Inner {
    /// None while the port is closed.
    socket: Option<Arc<dyn AsyncUdpSocket>>,
    is_silent: bool,
    frozen: HashSet<SocketAddr>,
    /// The task to wake when the socket is opened again.
    reader: Option<Waker>,
}

impl FaultySocket {
    pub(crate) fn new(socket: std::net::UdpSocket) -> io::Result<Arc<Self>> {
        let addr = socket.local_addr()?;
        let socket = TokioRuntime.wrap_udp_socket(socket)?;
        Ok(Arc::new(Self {
            addr,
            limits: Limits {
                send_segments: socket.max_transmit_segments(),
                receive_segments: socket.max_receive_segments(),
                may_fragment: socket.may_fragment(),
            },
            inner: Mutex::new(Inner {
                socket: Some(socket),
                is_silent: false,
                frozen: HashSet::new(),
                reader: None,
            }),
        }))
    }

    /// Opens or closes the socket. While it is silent, an open socket drops all datagrams.
    ///
    /// # Errors
    /// When another program took the port while it was closed.
    pub(crate) fn set(&self, is_open: bool, is_silent: bool) -> io::Result<()> {
        let mut inner = lock(&self.inner);
        inner.is_silent = is_silent;
        if !is_open {
            inner.socket = None;
        } else if inner.socket.is_none() {
            let socket = std::net::UdpSocket::bind(self.addr)?;
            inner.socket = Some(TokioRuntime.wrap_udp_socket(socket)?);
        }
        if let Some(reader) = inner.reader.take() {
            reader.wake();
        }
        Ok(())
    }

    /// Drops all datagrams from and to `peer`, until it starts a new connection.
    pub(crate) fn freeze(&self, peer: SocketAddr) {
        lock(&self.inner).frozen.insert(peer);
    }
}

impl Inner {
    /// Whether to accept a datagram from `peer` that starts with the byte `first`.
    fn admits(&mut self, peer: SocketAddr, first: Option<&u8>) -> bool {
        // cloudflared reconnects from the same port. The new link must not be frozen.
        if first.is_some_and(|byte| byte & LONG_HEADER_TYPE == INITIAL) {
            self.frozen.remove(&peer);
        }
        !self.is_silent && !self.frozen.contains(&peer)
    }
}

impl AsyncUdpSocket for FaultySocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Poller {
            socket: self,
            waiting: None,
        })
    }

    fn try_send(&self, transmit: &Transmit) -> io::Result<()> {
        let inner = lock(&self.inner);
        match &inner.socket {
            Some(socket) if !inner.is_silent && !inner.frozen.contains(&transmit.destination) => {
                socket.try_send(transmit)
            }
            _ => Ok(()),
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut inner = lock(&self.inner);
        inner.reader = Some(cx.waker().clone());
        let Some(socket) = inner.socket.clone() else {
            return Poll::Pending;
        };
        let count = std::task::ready!(socket.poll_recv(cx, bufs, meta))?;
        for (meta, buf) in meta.iter_mut().zip(bufs.iter()).take(count) {
            if !inner.admits(meta.addr, buf.first()) {
                // quinn ignores empty datagrams.
                meta.len = 0;
            }
        }
        Poll::Ready(Ok(count))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.addr)
    }

    fn max_transmit_segments(&self) -> usize {
        self.limits.send_segments
    }

    fn max_receive_segments(&self) -> usize {
        self.limits.receive_segments
    }

    fn may_fragment(&self) -> bool {
        self.limits.may_fragment
    }
}

/// Waits on the current socket. Doesn't keep a closed one alive.
#[derive(Debug)]
struct Poller {
    socket: Arc<FaultySocket>,
    waiting: Option<Pin<Box<dyn UdpPoller>>>,
}

impl UdpPoller for Poller {
    fn poll_writable(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        let socket = lock(&self.socket.inner).socket.clone();
        let Some(socket) = socket else {
            self.waiting = None;
            return Poll::Ready(Ok(()));
        };
        let waiting = self
            .waiting
            .get_or_insert_with(|| socket.create_io_poller());
        let result = std::task::ready!(waiting.as_mut().poll_writable(cx));
        self.waiting = None;
        Poll::Ready(result)
    }
}
