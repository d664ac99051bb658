//! Keeps a share's public name. cloudflared asks this proxy for its tunnel. The proxy asks the real
//! service once and gives every later cloudflared of the share the same answer.
//!
//! It listens on a random loopback port for as long as the share's tunnel lives. The answer holds
//! the tunnel's secret, and everyone on this computer can read a process's arguments. So each
//! cloudflared gets its own random path, which works for one request. Where the system knows which
//! user made a connection, other users are refused.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{self, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use super::{api_error::ApiError, cooldown::Cooldown, peer_owner, quick_tunnel::QuickTunnel};
use crate::http::{self, Client};

/// cloudflared gives up after 15 s. The reason should be known before that.
const ANSWER_LIMIT: Duration = Duration::from_secs(13);
/// A connection that lasts longer is not from a cloudflared, which would have given up.
const CONNECTION_LIMIT: Duration = Duration::from_secs(20);

/// How many cloudflareds may be about to ask at a time. If there are more, the oldest are dead.
const MOST_PATHS: usize = 8;

/// The longest answer of the service that is read, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// Headers of cloudflared's request that only concern its connection to the proxy.
const OWN_HEADERS: [header::HeaderName; 5] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::ACCEPT_ENCODING,
];

/// What the proxy reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyEvent {
    Named(QuickTunnel),
    Refused(ApiError),
}

/// The proxy of one share. Dropping this closes it.
#[derive(Debug)]
pub struct QuickTunnelProxy {
    address: SocketAddr,
    state: Arc<ProxyState>,
    task: AbortHandle,
}

#[derive(Debug)]
struct ProxyState {
    service: String,
    client: Client,
    cooldown: Arc<Cooldown>,
    events: mpsc::UnboundedSender<ProxyEvent>,
    cached: Mutex<CachedAnswer>,
    /// Paths that a cloudflared has and has not used yet.
    paths: Mutex<VecDeque<String>>,
    /// One request at a time: two cloudflareds that ask at once get the same answer.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct CachedAnswer {
    tunnel: Option<QuickTunnel>,
    /// The tunnel was reported.
    is_reported: bool,
}

impl QuickTunnelProxy {
    /// Starts to listen. `tunnel` is one from an earlier run that is to be used again.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(
        service: &str,
        client: Client,
        cooldown: Arc<Cooldown>,
        tunnel: Option<QuickTunnel>,
        events: mpsc::UnboundedSender<ProxyEvent>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(ProxyState {
            service: service.trim_end_matches('/').to_owned(),
            client,
            cooldown,
            events,
            cached: Mutex::new(CachedAnswer {
                tunnel,
                is_reported: false,
            }),
            paths: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            task: task.abort_handle(),
        })
    }

    /// The `--quick-service` address for one cloudflared. Each gets a different one.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn url(&self) -> io::Result<String> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let url = format!("http://{}/{path}", self.address);
        let mut paths = self.state.paths();
        paths.push_back(format!("/{path}/tunnel"));
        if paths.len() > MOST_PATHS {
            paths.pop_front();
        }
        Ok(url)
    }

    /// The next cloudflared gets a new name.
    pub fn forget(&self) {
        *self.state.cached() = CachedAnswer::default();
    }

    /// Whether the next cloudflared gets its tunnel without a request to the service.
    pub fn has_tunnel(&self) -> bool {
        self.state.cached().tunnel.is_some()
    }
}

impl Drop for QuickTunnelProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<ProxyState>) {
    // Dropping the set ends all connections.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        let stream = match accepted {
            Ok((stream, peer)) if is_ours(&listener, peer) => stream,
            Ok((_, peer)) => {
                tracing::warn!(%peer, "refused another user of this computer who asked for the tunnel");
                continue;
            }
            Err(error) => {
                // Only this connection failed, or there was no free file descriptor for a moment.
                tracing::warn!(%error, "can't accept a connection from cloudflared");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let state = Arc::clone(&state);
        let service = service_fn(move |request| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(answer(request, state).await) }
        });
        let answered = hyper::server::conn::http1::Builder::new()
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        // An error means that cloudflared went away, or that someone connected and asked nothing.
        connections.spawn(timeout(CONNECTION_LIMIT, answered));
    }
}

fn is_ours(listener: &TcpListener, peer: SocketAddr) -> bool {
    listener
        .local_addr()
        .map_or(true, |here| !peer_owner::is_other_user(peer, here))
}

async fn answer(request: Request<Incoming>, state: Arc<ProxyState>) -> Response<Full<Bytes>> {
    if request.method() != Method::POST || !state.take_path(request.uri().path()) {
        return plain(StatusCode::NOT_FOUND, Bytes::new());
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, ANSWER_MAX).collect().await else {
        return plain(StatusCode::BAD_REQUEST, Bytes::new());
    };
    // In its own task: the answer must not be lost if cloudflared is killed while it waits.
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let answer = state.ask(&head.headers, body.to_bytes()).await;
        // An error means that cloudflared went away.
        let _ = sender.send(answer);
    });
    match receiver.await {
        Ok((status, body)) => plain(status, body),
        Err(_) => plain(StatusCode::BAD_GATEWAY, Bytes::new()),
    }
}

fn plain(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

impl ProxyState {
    fn cached(&self) -> MutexGuard<'_, CachedAnswer> {
        // No change under this lock can be left half done.
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paths(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a cloudflared has this path. From now on it does not work.
    fn take_path(&self, path: &str) -> bool {
        let mut paths = self.paths();
        let place = paths.iter().position(|given| given == path);
        place.and_then(|place| paths.remove(place)).is_some()
    }

    fn report(&self, event: ProxyEvent) {
        // An error means that the tunnel is ending.
        let _ = self.events.send(event);
    }

    /// The cached answer, or the service's, which is cached if it has a tunnel.
    async fn ask(&self, headers: &HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
        let _turn = self.turn.lock().await;
        if let Some(answer) = self.hand_out() {
            return (StatusCode::OK, answer);
        }
        match self.ask_service(headers, body).await {
            Ok(tunnel) => {
                self.cooldown.was_granted();
                *self.cached() = CachedAnswer {
                    tunnel: Some(tunnel),
                    is_reported: false,
                };
                let answer = self.hand_out().unwrap_or_default();
                (StatusCode::OK, answer)
            }
            Err(mut error) => {
                if let ApiError::TooMany { wait } = &mut error {
                    *wait = Some(self.cooldown.was_refused(*wait));
                }
                tracing::info!(?error, "the service gave no tunnel");
                self.report(ProxyEvent::Refused(error));
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    Bytes::from_static(b"{\"success\":false}"),
                )
            }
        }
    }

    /// The cached answer. Reports the tunnel the first time.
    fn hand_out(&self) -> Option<Bytes> {
        let mut cached = self.cached();
        let tunnel = cached.tunnel.clone()?;
        if !std::mem::replace(&mut cached.is_reported, true) {
            self.report(ProxyEvent::Named(tunnel.clone()));
        }
        Some(tunnel.answer())
    }

    async fn ask_service(&self, headers: &HeaderMap, body: Bytes) -> Result<QuickTunnel, ApiError> {
        let uri: Uri =
            format!("{}/tunnel", self.service)
                .parse()
                .map_err(|_| ApiError::NotReached {
                    host: self.service.clone(),
                    why: "[tunnel] service in the settings is not a valid address".into(),
                })?;
        let host = uri.host().unwrap_or_default().to_owned();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers.clone();
        for name in &OWN_HEADERS {
            request.headers_mut().remove(name);
        }
        let asked = timeout(ANSWER_LIMIT, async {
            let answer = self.client.send(request).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok((status, headers, http::body(answer, ANSWER_MAX).await?))
        });
        let (status, headers, body) = match asked.await {
            Err(_) => return Err(ApiError::NoAnswer { host }),
            Ok(Err(error)) => return Err(ApiError::of_error(&error, &host)),
            Ok(Ok(answer)) => answer,
        };
        let granted = status
            .is_success()
            .then(|| QuickTunnel::granted(body.clone(), &host))
            .flatten();
        granted.ok_or_else(|| ApiError::of_answer(status, &headers, &body))
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;

    const GOOD: &[u8] = br#"{"success":true,"result":{"id":"0a1b2c3d-0000-4000-8000-000000000000","hostname":"quiet-river.trycloudflare.com","secret":"c2VjcmV0"}}"#;

    /// A proxy with a cached answer.
    async fn proxy() -> (QuickTunnelProxy, mpsc::UnboundedReceiver<ProxyEvent>) {
        let (events, inbox) = mpsc::unbounded_channel();
        let cooldown = Arc::new(Cooldown::load(std::path::Path::new(
            "/nowhere/service.json",
        )));
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD)).unwrap();
        let service = "http://127.0.0.1:1";
        let client = Client::default();
        let proxy = QuickTunnelProxy::start(service, client, cooldown, Some(tunnel), events);
        (proxy.await.unwrap(), inbox)
    }

    async fn ask(url: &str, method: &str) -> String {
        let (address, path) = url.trim_start_matches("http://").split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "{method} /{path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn each_path_works_for_one_request() {
        let (proxy, _inbox) = proxy().await;
        let (first, second) = (proxy.url().unwrap(), proxy.url().unwrap());
        assert_ne!(first, second);
        for url in [first, second] {
            let url = format!("{url}/tunnel");
            let get = ask(&url, "GET").await;
            assert!(get.starts_with("HTTP/1.1 404"), "{get}");
            let good = ask(&url, "POST").await;
            assert!(good.ends_with(std::str::from_utf8(GOOD).unwrap()), "{good}");
            let again = ask(&url, "POST").await;
            assert!(again.starts_with("HTTP/1.1 404"), "{again}");
        }
    }

    #[tokio::test]
    async fn without_a_path_there_is_no_answer() {
        let (proxy, _inbox) = proxy().await;
        let url = proxy.url().unwrap();
        let origin = url.rsplit_once('/').unwrap().0;
        for path in ["", "tunnel", "00000000000000000000000000000000/tunnel"] {
            let answer = ask(&format!("{origin}/{path}"), "POST").await;
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
            assert!(!answer.contains("secret"), "{answer}");
        }
        assert!(
            ask(&format!("{url}/tunnel"), "POST")
                .await
                .contains("secret")
        );
    }
}
