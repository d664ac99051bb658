//! A running edge.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    acceptor::{http2, quic},
    api,
    certs::{CertError, Certs},
    events::{Event, EventKind, EventLog, Follower, NotSeen},
    faults::Fault,
    injector::{FaultError, FaultInjector, QuicPort},
    listener::Listener,
    public,
    state::State,
    tunnels::TunnelStats,
    udp_socket::FaultySocket,
    window::FlowWindows,
};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How many ports to try until one is free for both TCP and UDP.
const PORT_TRIES: u32 = 50;

/// Where to listen, and how much to hold. Port 0 picks a free port.
#[derive(Clone, Debug)]
pub struct Options {
    /// The quick tunnel service, over plain HTTP.
    pub api: SocketAddr,
    /// Where cloudflared connects. The edge picks two ports.
    pub edge: IpAddr,
    /// Where visitors connect, over plain HTTP/1.1.
    pub public: SocketAddr,
    /// Where visitors connect over TLS. The certificate is for `*.trycloudflare.com`, signed by the
    /// edge's own authority. Requests to `api.trycloudflare.com` reach the quick tunnel service.
    pub public_tls: Option<SocketAddr>,
    pub windows: FlowWindows,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api: LOOPBACK,
            edge: LOOPBACK.ip(),
            public: LOOPBACK,
            public_tls: None,
            windows: FlowWindows::default(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("can't listen on {addr}: {source}")]
    Listen { addr: SocketAddr, source: io::Error },
    #[error("no port is free for both TCP and UDP ({PORT_TRIES} tried)")]
    NoPort,
    #[error(transparent)]
    Cert(#[from] CertError),
    #[error("can't write the certificate: {0}")]
    CaFile(io::Error),
    #[error("can't start the edge's thread: {0}")]
    Thread(io::Error),
}

/// Counters since the start.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// `POST /tunnel` requests, whatever the response.
    pub api_requests: u64,
    pub tunnels: Vec<TunnelStats>,
}

/// A tunnel in a Cloudflare account, for `cloudflared tunnel run --token`.
#[derive(Clone, Debug)]
pub struct NamedTunnel {
    pub hostname: String,
    pub token: String,
}

/// A running edge, on its own thread. Dropping it stops the edge and closes all connections.
pub struct Edge {
    state: Arc<State>,
    addrs: Addrs,
    ca_file: PathBuf,
    faults: mpsc::Sender<FaultRequest>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _dir: tempfile::TempDir,
}

/// A fault to inject, and where to report the result.
type FaultRequest = (Fault, oneshot::Sender<Result<(), FaultError>>);

#[derive(Clone, Debug)]
struct Addrs {
    api: SocketAddr,
    edge: [SocketAddr; 2],
    public: SocketAddr,
    public_tls: Option<SocketAddr>,
}

impl Edge {
    /// Starts an edge.
    ///
    /// # Errors
    /// When an address is in use, or the certificate can't be created or written.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let certs = Certs::create()?;
        let dir = tempfile::tempdir().map_err(StartError::CaFile)?;
        let ca_file = dir.path().join("ca.pem");
        std::fs::write(&ca_file, &certs.ca_pem).map_err(StartError::CaFile)?;

        let state = Arc::new(State::new(options.windows));
        let (faults, mut requests) = mpsc::channel::<FaultRequest>(16);
        let (stop, stopped) = oneshot::channel();
        let (started, start) = oneshot::channel();
        let shared = state.clone();
        // The RPC library is bound to one thread, so the whole edge runs on one.
        let thread = std::thread::Builder::new().name("loopback-edge".to_owned());
        let thread = thread.spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            {
                Ok(runtime) => runtime,
                Err(e) => {
                    let _ = started.send(Err(StartError::Thread(e)));
                    return;
                }
            };
            let tasks = tokio::task::LocalSet::new();
            tasks.block_on(&runtime, async move {
                let mut injector = match open(&options, &certs, shared).await {
                    Ok((injector, addrs)) => {
                        let _ = started.send(Ok(addrs));
                        injector
                    }
                    Err(e) => {
                        let _ = started.send(Err(e));
                        return;
                    }
                };
                let apply = async {
                    while let Some((fault, done)) = requests.recv().await {
                        // The caller may have stopped waiting.
                        let _ = done.send(injector.inject(fault).await);
                    }
                };
                tokio::select! {
                    () = apply => {}
                    _ = stopped => {}
                }
            });
        });
        let thread = thread.map_err(StartError::Thread)?;
        let died = |_| StartError::Thread(io::Error::other("it ended immediately"));
        let addrs = start.await.map_err(died)??;
        Ok(Self {
            state,
            addrs,
            ca_file,
            faults,
            stop: Some(stop),
            thread: Some(thread),
            _dir: dir,
        })
    }

    /// The value of cloudflared's `--quick-service`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.addrs.api)
    }

    /// The edge's two addresses. Each accepts TCP and UDP.
    pub fn edge_addrs(&self) -> [SocketAddr; 2] {
        self.addrs.edge
    }

    /// The certificate authority that cloudflared must trust, as PEM.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// Where visitors connect over plain HTTP/1.1, with a tunnel's hostname as `Host`.
    pub fn public_addr(&self) -> SocketAddr {
        self.addrs.public
    }

    /// Where visitors connect over TLS, if [`Options::public_tls`] is set.
    pub fn public_tls_addr(&self) -> Option<SocketAddr> {
        self.addrs.public_tls
    }

    /// The arguments that make cloudflared use this edge: `--edge A --edge B --cacert FILE`.
    /// A comma-separated list works only in `TUNNEL_EDGE`.
    pub fn edge_args(&self) -> Vec<String> {
        let [a, b] = self.addrs.edge.map(|addr| addr.to_string());
        let ca_file = self.ca_file.display().to_string();
        ["--edge", &a, "--edge", &b, "--cacert", &ca_file]
            .map(str::to_owned)
            .to_vec()
    }

    /// [`Edge::edge_args`] plus `--quick-service URL`.
    pub fn cloudflared_args(&self) -> Vec<String> {
        let mut args = self.edge_args();
        args.extend(["--quick-service".to_owned(), self.api_url()]);
        args
    }

    /// Creates a tunnel in a Cloudflare account, with this public hostname.
    pub fn create_named_tunnel(&self, hostname: &str) -> NamedTunnel {
        let tunnel = self.state.tunnels.create(Some(hostname));
        let token = json!({
            "a": tunnel.account_tag,
            "t": tunnel.id.to_string(),
            "s": STANDARD.encode(&tunnel.secret),
        });
        NamedTunnel {
            hostname: tunnel.hostname,
            token: STANDARD.encode(token.to_string()),
        }
    }

    /// Injects a fault. It is in effect when this returns.
    ///
    /// # Errors
    /// When a port can't be reopened, or there is no such tunnel.
    pub async fn fault(&self, fault: Fault) -> Result<(), FaultError> {
        let (done, result) = oneshot::channel();
        let sent = self.faults.send((fault, done)).await;
        sent.map_err(|_| FaultError::Stopped)?;
        result.await.map_err(|_| FaultError::Stopped)?
    }

    /// All events since the start.
    pub fn events(&self) -> Vec<Event> {
        self.state.events.since(0)
    }

    /// Follows the events from now on.
    pub fn follow(&self) -> Follower {
        Follower::new(self.state.events.clone(), self.state.events.len())
    }

    /// Waits for an event that `fits`. Events since the start count too.
    ///
    /// # Errors
    /// After [`crate::events::LIMIT`]. The error lists all events.
    pub async fn wait_for(&self, fits: impl FnMut(&EventKind) -> bool) -> Result<Event, NotSeen> {
        let mut from_start = Follower::new(self.state.events.clone(), 0);
        from_start.wait_for(fits).await
    }

    pub fn stats(&self) -> Stats {
        Stats {
            api_requests: self.state.api_requests.load(Ordering::Relaxed),
            tunnels: self.state.tunnels.stats(),
        }
    }

    pub(crate) fn event_log(&self) -> Arc<EventLog> {
        self.state.events.clone()
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread has already been printed.
            let _ = thread.join();
        }
    }
}

/// Opens all ports. Must run on the edge's thread.
async fn open(
    options: &Options,
    certs: &Certs,
    state: Arc<State>,
) -> Result<(FaultInjector, Addrs), StartError> {
    let tls = TlsAcceptor::from(certs.tcp()?);
    let accepting = quic::server_config(certs.quic(false)?, state.windows);
    let rejecting = quic::server_config(certs.quic(true)?, state.windows);

    let shared = state.clone();
    let api = listen(options.api, move |stream, _| {
        let state = shared.clone();
        tokio::spawn(async move { api::serve(stream, state).await });
    })
    .await?;

    let shared = state.clone();
    let public = Listener::for_visitors(options.public, move |stream, peer| {
        tokio::spawn(public::serve(stream, peer, shared.clone()));
    })
    .map_err(|source| StartError::Listen {
        addr: options.public,
        source,
    })?;
    let mut public_tls = None;
    if let Some(addr) = options.public_tls {
        let (tls, shared) = (tls.clone(), state.clone());
        let serve = move |stream, peer| {
            let (handshake, state) = (tls.accept(stream), shared.clone());
            tokio::spawn(async move {
                // The handshake fails if the visitor doesn't trust the certificate.
                if let Ok(stream) = handshake.await {
                    public::serve(stream, peer, state).await;
                }
            });
        };
        let listener = Listener::for_visitors(addr, serve);
        let listener = listener.map_err(|source| StartError::Listen { addr, source })?;
        public_tls = Some(listener.addr());
    }

    let (a, b) = (
        edge_port(options.edge, &tls, &accepting, &state).await?,
        edge_port(options.edge, &tls, &accepting, &state).await?,
    );
    let addrs = Addrs {
        api: api.addr(),
        edge: [a.0.addr(), b.0.addr()],
        public: public.addr(),
        public_tls,
    };
    let injector = FaultInjector {
        state,
        api,
        tcp: [a.0, b.0],
        udp: [a.1, b.1],
        accepting,
        rejecting,
    };
    Ok((injector, addrs))
}

async fn listen(
    addr: SocketAddr,
    serve: impl Fn(tokio::net::TcpStream, SocketAddr) + Send + Sync + 'static,
) -> Result<Listener, StartError> {
    let listener = TcpListener::bind(addr).await;
    listener
        .and_then(|listener| Listener::new(listener, serve))
        .map_err(|source| StartError::Listen { addr, source })
}

/// Opens one port of the edge, for TCP and UDP.
async fn edge_port(
    ip: IpAddr,
    tls: &TlsAcceptor,
    accepting: &quinn::ServerConfig,
    state: &Arc<State>,
) -> Result<(Listener, QuicPort), StartError> {
    for _ in 0..PORT_TRIES {
        let (tls, shared) = (tls.clone(), state.clone());
        let tcp = listen(SocketAddr::new(ip, 0), move |stream, peer| {
            tokio::task::spawn_local(http2::serve(stream, peer, tls.clone(), shared.clone()));
        })
        .await?;
        let addr = tcp.addr();
        // Another program may use this number for UDP.
        let Ok(socket) = std::net::UdpSocket::bind(addr) else {
            continue;
        };
        let failed = |source| StartError::Listen { addr, source };
        let socket = FaultySocket::new(socket).map_err(failed)?;
        let config = accepting.clone();
        let endpoint = quic::listen(socket.clone(), config, state.clone()).map_err(failed)?;
        return Ok((tcp, QuicPort { socket, endpoint }));
    }
    Err(StartError::NoPort)
}
