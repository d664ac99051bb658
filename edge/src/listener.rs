//! A TCP listener on a fixed address that can be closed and opened again. Dropping it does not stop
//! it: it accepts connections until the edge stops.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
};

use crate::window::SEND_BUFFER;

type Serve = Arc<dyn Fn(TcpStream, SocketAddr) + Send + Sync>;

pub(crate) struct Listener {
    addr: SocketAddr,
    serve: Serve,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Passes each accepted connection to `serve`, on the edge's thread. `serve` must not block;
    /// it should start a task.
    pub(crate) fn new(
        listener: TcpListener,
        serve: impl Fn(TcpStream, SocketAddr) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let mut this = Self {
            addr: listener.local_addr()?,
            serve: Arc::new(serve),
            accepting: None,
        };
        this.accept_from(listener);
        Ok(this)
    }

    /// As [`Listener::new`], with a bounded buffer for what visitors are sent.
    pub(crate) fn for_visitors(
        addr: SocketAddr,
        serve: impl Fn(TcpStream, SocketAddr) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let socket = if addr.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // Accepted connections inherit it.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        // As tokio does for a listener of its own.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        Self::new(socket.listen(1024)?, serve)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Opens or closes the port, before this returns.
    ///
    /// # Errors
    /// When another program took the port while it was closed.
    pub(crate) async fn set_open(&mut self, open: bool) -> io::Result<()> {
        match (open, self.accepting.take()) {
            (true, None) => {
                let listener = TcpListener::bind(self.addr).await?;
                self.accept_from(listener);
            }
            (false, Some(task)) => {
                task.abort();
                // Once the task has ended, its listener is closed.
                let _ = task.await;
            }
            (_, unchanged) => self.accepting = unchanged,
        }
        Ok(())
    }

    fn accept_from(&mut self, listener: TcpListener) {
        let serve = self.serve.clone();
        self.accepting = Some(tokio::task::spawn_local(async move {
            loop {
                // Errors concern a single connection (reset before it was accepted, out of file
                // descriptors), not the listener.
                match listener.accept().await {
                    Ok((stream, peer)) => serve(stream, peer),
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        }));
    }
}
