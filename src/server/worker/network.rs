//! Where a share listens in the local network: connections are accepted for its workers, which serve them
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

use crate::{
    lan::is_nearby,
    server::{origin::NetworkAddress, platform::allow_same_port_again},
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
    open: watch::Receiver<()>,
}

impl Line {
    /// Waits until nobody listens there any more.
    pub async fn closed(&mut self) {
        while self.open.changed().await.is_ok() {}
    }
}

/// Opens listeners of one share. Clones belong to the same share.
#[derive(Clone, Debug)]
pub struct NetworkOpener(mpsc::Sender<Arrival>);

/// An address at which a share can be reached in the local network, until this is dropped. Then its
/// connections end.
#[derive(Debug)]
pub struct NetworkListener {
    address: SocketAddr,
    socket: Socket,
    accepting: AbortHandle,
    _open: watch::Sender<()>,
}

/// What listens, until it is closed. Then the port is free at once.
#[derive(Clone, Debug)]
struct Socket(Arc<Mutex<Option<TcpListener>>>);

impl NetworkOpener {
    /// Opens nothing yet. Connections arrive at the other end.
    pub fn new() -> (Self, mpsc::Receiver<Arrival>) {
        let (sender, arrivals) = mpsc::channel(WAITING);
        (Self(sender), arrivals)
    }

    /// Listens on an address of this computer; with port 0, on any free port. Must be called within a
    /// tokio runtime.
    ///
    /// # Errors
    /// The underlying I/O error, such as `AddrInUse`.
    pub fn open(&self, address: SocketAddr) -> io::Result<NetworkListener> {
        let listener = listen(address)?;
        let address = listener.local_addr()?;
        let socket = Socket(Arc::new(Mutex::new(Some(listener))));
        let (open, is_open) = watch::channel(());
        let line = Line {
            at: NetworkAddress(address),
            open: is_open,
        };
        let accepting = accept(socket.clone(), self.0.clone(), line);
        let accepting = tokio::spawn(accepting).abort_handle();
        Ok(NetworkListener {
            address,
            socket,
            accepting,
            _open: open,
        })
    }
}

impl NetworkListener {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for NetworkListener {
    fn drop(&mut self) {
        self.socket.lock().take();
        self.accepting.abort();
    }
}

impl Socket {
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
    // Without a fixed send buffer, the system keeps as much unsent as fills the line to each visitor.
    socket.bind(address)?;
    socket.listen(1024)
}

/// Hands connections to the workers until the share has ended.
async fn accept(socket: Socket, workers: mpsc::Sender<Arrival>, line: Line) {
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            () = workers.closed() => break,
        };
        match accepted {
            // A private address can be reached through the router, or over a cable that leads elsewhere.
            Ok((_, peer)) if !is_nearby(peer.ip()) => {
                tracing::debug!("refused a connection from outside the local network");
            }
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
    socket.lock().take();
}
