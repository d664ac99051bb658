//! Starting the edge, and the handle its users hold.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

use crate::certs::{CertError, Certs};
use crate::door::Door;
use crate::events::{Event, EventKind, EventLog, Follower, NotSeen};
use crate::faults::Fault;
use crate::state::State;
use crate::switchboard::{FaultError, QuicPort, Switchboard};
use crate::tunnels::TunnelStats;
use crate::udp::UdpGate;
use crate::{api, http2, public, quic};

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How many ports to try until one is free over TCP and UDP alike.
const PORT_TRIES: u32 = 50;

/// Where to listen; port 0 is any free one.
#[derive(Clone, Debug)]
pub struct Options {
    /// The quick tunnel service, plain HTTP.
    pub api: SocketAddr,
    /// Where cloudflareds come in, on two ports of its own choice.
    pub edge: IpAddr,
    /// Where visitors come in, plain HTTP/1.1.
    pub public: SocketAddr,
    /// Where visitors come in over TLS, with a certificate for `*.trycloudflare.com` that the
    /// edge's own authority signed. `api.trycloudflare.com` is the quick tunnel service there.
    pub public_tls: Option<SocketAddr>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            api: LOOPBACK,
            edge: LOOPBACK.ip(),
            public: LOOPBACK,
            public_tls: None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("couldn't listen on {addr}: {source}")]
    Listen { addr: SocketAddr, source: io::Error },
    #[error("found no port that is free over TCP and UDP in {PORT_TRIES} tries")]
    NoPort,
    #[error(transparent)]
    Cert(#[from] CertError),
    #[error("couldn't write the certificate: {0}")]
    CaFile(io::Error),
    #[error("couldn't start the edge's thread: {0}")]
    Thread(io::Error),
}

/// Counters since the start.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    /// `POST /tunnel` requests, whatever the answer.
    pub api_requests: u64,
    pub tunnels: Vec<TunnelStats>,
}

/// A tunnel of somebody's own account, for `cloudflared tunnel run --token`.
#[derive(Clone, Debug)]
pub struct NamedTunnel {
    pub hostname: String,
    pub token: String,
}

/// A running edge, on a thread of its own. It ends with all its connections when this is dropped.
pub struct Edge {
    state: Arc<State>,
    addrs: Addrs,
    ca_file: PathBuf,
    faults: mpsc::Sender<Asked>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _dir: tempfile::TempDir,
}

/// A fault to switch, and who waits until it is.
type Asked = (Fault, oneshot::Sender<Result<(), FaultError>>);

#[derive(Clone, Debug)]
struct Addrs {
    api: SocketAddr,
    edge: [SocketAddr; 2],
    public: SocketAddr,
    public_tls: Option<SocketAddr>,
}

impl Edge {
    /// # Errors
    /// When an address is taken, or the certificate can't be made or written.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let certs = Certs::make()?;
        let dir = tempfile::tempdir().map_err(StartError::CaFile)?;
        let ca_file = dir.path().join("ca.pem");
        std::fs::write(&ca_file, &certs.ca_pem).map_err(StartError::CaFile)?;

        let state = Arc::new(State::new());
        let (faults, mut asked) = mpsc::channel::<Asked>(16);
        let (stop, stopped) = oneshot::channel();
        let (started, start) = oneshot::channel();
        let shared = state.clone();
        // cloudflared's RPC is tied to one thread, so all of the edge has one.
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
                let mut switchboard = match open(&options, &certs, shared).await {
                    Ok((switchboard, addrs)) => {
                        let _ = started.send(Ok(addrs));
                        switchboard
                    }
                    Err(e) => {
                        let _ = started.send(Err(e));
                        return;
                    }
                };
                let apply = async {
                    while let Some((fault, done)) = asked.recv().await {
                        // Whoever asked may have stopped waiting.
                        let _ = done.send(switchboard.set(fault).await);
                    }
                };
                tokio::select! {
                    () = apply => {}
                    _ = stopped => {}
                }
            });
        });
        let thread = thread.map_err(StartError::Thread)?;
        let died = |_| StartError::Thread(io::Error::other("it ended at once"));
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

    /// What goes to cloudflared as `--quick-service`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.addrs.api)
    }

    /// The edge's two addresses; each listens over TCP and UDP.
    pub fn edge_addrs(&self) -> [SocketAddr; 2] {
        self.addrs.edge
    }

    /// The authority cloudflared must trust, as PEM.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// Where visitors come in over plain HTTP/1.1, with a tunnel's name as Host.
    pub fn public_addr(&self) -> SocketAddr {
        self.addrs.public
    }

    /// Where visitors come in over TLS, if [`Options::public_tls`] asked for it.
    pub fn public_tls_addr(&self) -> Option<SocketAddr> {
        self.addrs.public_tls
    }

    /// What makes any cloudflared use this edge: `--edge A --edge B --cacert FILE`. A list with
    /// a comma works in `TUNNEL_EDGE` only.
    pub fn edge_args(&self) -> Vec<String> {
        let [a, b] = self.addrs.edge.map(|addr| addr.to_string());
        let ca_file = self.ca_file.display().to_string();
        ["--edge", &a, "--edge", &b, "--cacert", &ca_file]
            .map(str::to_owned)
            .to_vec()
    }

    /// [`Edge::edge_args`] and `--quick-service URL`.
    pub fn cloudflared_args(&self) -> Vec<String> {
        let mut args = self.edge_args();
        args.extend(["--quick-service".to_owned(), self.api_url()]);
        args
    }

    /// Makes a tunnel of an own account with this public name.
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

    /// Switches a fault; it is in force when this returns.
    ///
    /// # Errors
    /// When a port that was closed can't be had again, or there is no such tunnel.
    pub async fn fault(&self, fault: Fault) -> Result<(), FaultError> {
        let (done, result) = oneshot::channel();
        let asked = self.faults.send((fault, done)).await;
        asked.map_err(|_| FaultError::Stopped)?;
        result.await.map_err(|_| FaultError::Stopped)?
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Event> {
        self.state.events.since(0)
    }

    /// Follows the events from now on.
    pub fn follow(&self) -> Follower {
        Follower::new(self.state.events.clone(), self.state.events.len())
    }

    /// Waits until there is or was such an event since the start.
    ///
    /// # Errors
    /// After [`crate::events::LIMIT`], with all events in the message.
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
            // A panic in there has been printed already.
            let _ = thread.join();
        }
    }
}

/// Opens all ports; must run on the edge's thread.
async fn open(
    options: &Options,
    certs: &Certs,
    state: Arc<State>,
) -> Result<(Switchboard, Addrs), StartError> {
    let tls = TlsAcceptor::from(certs.tcp()?);
    let accepting = quic::server_config(certs.quic(false)?);
    let rejecting = quic::server_config(certs.quic(true)?);

    let shared = state.clone();
    let api = door(options.api, move |stream, _| {
        let state = shared.clone();
        tokio::spawn(async move { api::serve(stream, state).await });
    })
    .await?;

    let shared = state.clone();
    let public = door(options.public, move |stream, peer| {
        tokio::spawn(public::serve(stream, peer, shared.clone()));
    })
    .await?;
    let mut public_tls = None;
    if let Some(addr) = options.public_tls {
        let (tls, shared) = (tls.clone(), state.clone());
        let serve = move |stream, peer| {
            let (handshake, state) = (tls.accept(stream), shared.clone());
            tokio::spawn(async move {
                // A visitor who doesn't trust the certificate goes, and that's all.
                if let Ok(stream) = handshake.await {
                    public::serve(stream, peer, state).await;
                }
            });
        };
        public_tls = Some(door(addr, serve).await?.addr());
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
    let switchboard = Switchboard {
        state,
        api,
        tcp: [a.0, b.0],
        udp: [a.1, b.1],
        accepting,
        rejecting,
    };
    Ok((switchboard, addrs))
}

async fn door(
    addr: SocketAddr,
    serve: impl Fn(tokio::net::TcpStream, SocketAddr) + Send + Sync + 'static,
) -> Result<Door, StartError> {
    let listener = TcpListener::bind(addr).await;
    listener
        .and_then(|listener| Door::new(listener, serve))
        .map_err(|source| StartError::Listen { addr, source })
}

/// One port of the edge, over TCP and UDP alike.
async fn edge_port(
    ip: IpAddr,
    tls: &TlsAcceptor,
    accepting: &quinn::ServerConfig,
    state: &Arc<State>,
) -> Result<(Door, QuicPort), StartError> {
    for _ in 0..PORT_TRIES {
        let (tls, shared) = (tls.clone(), state.clone());
        let tcp = door(SocketAddr::new(ip, 0), move |stream, peer| {
            tokio::task::spawn_local(http2::serve(stream, peer, tls.clone(), shared.clone()));
        })
        .await?;
        let addr = tcp.addr();
        // The same number may be in use over UDP.
        let Ok(socket) = std::net::UdpSocket::bind(addr) else {
            continue;
        };
        let failed = |source| StartError::Listen { addr, source };
        let gate = UdpGate::new(socket).map_err(failed)?;
        let config = accepting.clone();
        let endpoint = quic::listen(gate.clone(), config, state.clone()).map_err(failed)?;
        return Ok((tcp, QuicPort { gate, endpoint }));
    }
    Err(StartError::NoPort)
}
