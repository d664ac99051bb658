//! Doors of a share in the local network: they accept connections for its workers, which serve them
//! within the same limits as all others.

use std::{
    future::poll_fn,
    io,
    net::{SocketAddr, TcpStream as StdStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{mpsc, watch},
    task::AbortHandle,
};

use crate::server::{
    origin::NetworkAddress,
    platform::{allow_same_port_again, keep_more_unsent},
};

/// Connections that no worker has taken yet. Any others wait in the system.
const WAITING: usize = 1;

/// How long to wait after an error. Most likely there are too many files open.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection from the local network.
pub struct Arrival {
    pub stream: StdStream,
    pub peer: SocketAddr,
    pub line: Line,
}

/// How a connection came in from the local network.
#[derive(Clone, Debug)]
pub struct Line {
    pub at: NetworkAddress,
    door: watch::Receiver<()>,
}

impl Line {
    /// Waits until its door is closed.
    pub async fn closed(&mut self) {
        while self.door.changed().await.is_ok() {}
    }
}

/// Opens doors of one share. Clones belong to the same share.
#[derive(Clone, Debug)]
pub struct Doorway(mpsc::Sender<Arrival>);

/// An address at which a share can be reached in the local network, until this is dropped. Then its
/// connections end.
#[derive(Debug)]
pub struct Door {
    address: SocketAddr,
    listener: Listener,
    accepting: AbortHandle,
    _open: watch::Sender<()>,
}

/// What listens, until a door is closed. Then the port is free at once.
#[derive(Clone, Debug)]
struct Listener(Arc<Mutex<Option<TcpListener>>>);

impl Doorway {
    /// A doorway, and where those who come in arrive.
    pub fn new() -> (Self, mpsc::Receiver<Arrival>) {
        let (sender, arrivals) = mpsc::channel(WAITING);
        (Self(sender), arrivals)
    }

    /// Listens on an address of this computer; with port 0, on any free port. Must be called within a
    /// tokio runtime.
    ///
    /// # Errors
    /// The underlying I/O error, such as `AddrInUse`.
    pub fn open(&self, address: SocketAddr) -> io::Result<Door> {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let listener = Listener(Arc::new(Mutex::new(Some(listener))));
        let (open, door) = watch::channel(());
        let line = Line {
            at: NetworkAddress(address),
            door,
        };
        let accepting = accept(listener.clone(), self.0.clone(), line);
        let accepting = tokio::spawn(accepting).abort_handle();
        Ok(Door {
            address,
            listener,
            accepting,
            _open: open,
        })
    }
}

impl Door {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.listener.lock().take();
        self.accepting.abort();
    }
}

impl Listener {
    fn lock(&self) -> MutexGuard<'_, Option<TcpListener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next connection.
    async fn accept(&self) -> io::Result<(StdStream, SocketAddr)> {
        let accepted = poll_fn(|context| match &*self.lock() {
            Some(listener) => listener.poll_accept(context),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        });
        let (stream, peer) = accepted.await?;
        Ok((TcpStream::into_std(stream)?, peer))
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    allow_same_port_again(&socket)?;
    // Accepted connections inherit it.
    keep_more_unsent(&socket)?;
    socket.bind(address)?;
    socket.listen(1024)
}

/// Hands connections to the workers until the share has ended.
async fn accept(listener: Listener, workers: mpsc::Sender<Arrival>, line: Line) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = workers.closed() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let line = line.clone();
                let arrival = Arrival { stream, peer, line };
                // Waits for a worker. Meanwhile others wait in the system.
                if workers.send(arrival).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "can't accept a connection from the network");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    // A share that has ended listens nowhere.
    listener.lock().take();
}
