//! A TCP listener on a fixed address that can be closed and opened again. It accepts for as long
//! as the edge runs, also when nobody keeps it to close it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

type Serve = Arc<dyn Fn(TcpStream, SocketAddr) + Send + Sync>;

pub(crate) struct Door {
    addr: SocketAddr,
    serve: Serve,
    accepting: Option<JoinHandle<()>>,
}

impl Door {
    /// Serves what `listener` accepts, on the edge's thread. `serve` must not block: it starts
    /// a task.
    pub(crate) fn new(
        listener: TcpListener,
        serve: impl Fn(TcpStream, SocketAddr) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let mut door = Self {
            addr: listener.local_addr()?,
            serve: Arc::new(serve),
            accepting: None,
        };
        door.accept_from(listener);
        Ok(door)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Listens or not, from the moment this returns on.
    ///
    /// # Errors
    /// When the port was taken by somebody else in the meantime.
    pub(crate) async fn set_open(&mut self, open: bool) -> io::Result<()> {
        match (open, self.accepting.take()) {
            (true, None) => {
                let listener = TcpListener::bind(self.addr).await?;
                self.accept_from(listener);
            }
            (false, Some(task)) => {
                task.abort();
                // Ends as cancelled; the listener is gone once it has.
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
                // An error here is about one connection (reset before it was accepted, no file
                // descriptor left), not about the listener.
                match listener.accept().await {
                    Ok((stream, peer)) => serve(stream, peer),
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        }));
    }
}
