//! Keeps a share's public name: the service cloudflared asks for its tunnel is this endpoint,
//! which asks the real one once and gives every later cloudflared of the share the same answer.
//!
//! It listens on loopback on a random port and path, and lives as long as the share's tunnel.

use std::{
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
    task::AbortHandle,
    time::timeout,
};

use super::{cooldown::Cooldown, refusal::Refusal, ticket::Ticket};
use crate::http::{self, Client};

/// cloudflared gives up after 15 s; the reason should be known before.
const ANSWER_LIMIT: Duration = Duration::from_secs(13);

/// Longest answer of the service that is read, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// Headers of cloudflared's request that concern its connection to us only.
const OWN_HEADERS: [header::HeaderName; 5] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::ACCEPT_ENCODING,
];

/// What the keeper learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Named(Ticket),
    Refused(Refusal),
}

/// The endpoint of one share. Dropping it closes it.
#[derive(Debug)]
pub struct Keeper {
    address: SocketAddr,
    path: String,
    asking: Arc<Asking>,
    task: AbortHandle,
}

#[derive(Debug)]
struct Asking {
    service: String,
    client: Client,
    cooldown: Arc<Cooldown>,
    told: mpsc::UnboundedSender<Told>,
    kept: Mutex<Kept>,
    /// One request at a time: two cloudflareds that ask at once get the same answer.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Kept {
    ticket: Option<Ticket>,
    /// The ticket was told of.
    is_told: bool,
}

impl Keeper {
    /// Starts to listen. `ticket` is one of an earlier run that is to be served again.
    ///
    /// # Errors
    /// No port could be had, or the system has no random numbers.
    pub async fn start(
        service: &str,
        client: Client,
        cooldown: Arc<Cooldown>,
        ticket: Option<Ticket>,
        told: mpsc::UnboundedSender<Told>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let asking = Arc::new(Asking {
            service: service.trim_end_matches('/').to_owned(),
            client,
            cooldown,
            told,
            kept: Mutex::new(Kept {
                ticket,
                is_told: false,
            }),
            turn: tokio::sync::Mutex::default(),
        });
        let task = tokio::spawn(accept(
            listener,
            format!("/{path}/tunnel"),
            Arc::clone(&asking),
        ));
        Ok(Self {
            address,
            path,
            asking,
            task: task.abort_handle(),
        })
    }

    /// What cloudflared gets as `--quick-service`.
    pub fn url(&self) -> String {
        format!("http://{}/{}", self.address, self.path)
    }

    /// The next cloudflared gets a new name.
    pub fn forget(&self) {
        *self.asking.kept() = Kept::default();
    }

    /// Whether the next cloudflared gets its name without a request to the service.
    pub fn has_ticket(&self) -> bool {
        self.asking.kept().ticket.is_some()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, path: String, asking: Arc<Asking>) {
    let path: Arc<str> = path.into();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // About one connection, or no file descriptor is left for a moment.
                tracing::warn!(%error, "a cloudflared couldn't ask for its tunnel");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (path, asking) = (Arc::clone(&path), Arc::clone(&asking));
        let service = service_fn(move |request| {
            let (path, asking) = (Arc::clone(&path), Arc::clone(&asking));
            async move { Ok::<_, Infallible>(answer(request, &path, asking).await) }
        });
        tokio::spawn(async move {
            // An error is a cloudflared that went away.
            let _ = hyper::server::conn::http1::Builder::new()
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    path: &str,
    asking: Arc<Asking>,
) -> Response<Full<Bytes>> {
    if request.uri().path() != path || request.method() != Method::POST {
        return plain(StatusCode::NOT_FOUND, Bytes::new());
    }
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, ANSWER_MAX).collect().await else {
        return plain(StatusCode::BAD_REQUEST, Bytes::new());
    };
    // A task of its own: a cloudflared that is killed while it waits must not cost the answer.
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let answer = asking.ask(&head.headers, body.to_bytes()).await;
        // An error is a cloudflared that went away.
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

impl Asking {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing is half done under this lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, told: Told) {
        // An error means that the tunnel is ending.
        let _ = self.told.send(told);
    }

    /// The kept answer, or the service's, which is kept when it grants a tunnel.
    async fn ask(&self, headers: &HeaderMap, body: Bytes) -> (StatusCode, Bytes) {
        let _turn = self.turn.lock().await;
        if let Some(answer) = self.hand_out() {
            return (StatusCode::OK, answer);
        }
        match self.ask_service(headers, body).await {
            Ok(ticket) => {
                self.cooldown.was_granted();
                *self.kept() = Kept {
                    ticket: Some(ticket),
                    is_told: false,
                };
                let answer = self.hand_out().unwrap_or_default();
                (StatusCode::OK, answer)
            }
            Err(mut refusal) => {
                if let Refusal::TooMany { wait } = &mut refusal {
                    *wait = Some(self.cooldown.was_refused(*wait));
                }
                tracing::info!(?refusal, "the service gave no tunnel");
                self.tell(Told::Refused(refusal));
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    Bytes::from_static(b"{\"success\":false}"),
                )
            }
        }
    }

    /// The kept answer; who owns the tunnel is told its name the first time.
    fn hand_out(&self) -> Option<Bytes> {
        let mut kept = self.kept();
        let ticket = kept.ticket.clone()?;
        if !std::mem::replace(&mut kept.is_told, true) {
            self.tell(Told::Named(ticket.clone()));
        }
        Some(ticket.answer())
    }

    async fn ask_service(&self, headers: &HeaderMap, body: Bytes) -> Result<Ticket, Refusal> {
        let uri: Uri =
            format!("{}/tunnel", self.service)
                .parse()
                .map_err(|_| Refusal::NotReached {
                    host: self.service.clone(),
                    why: "[tunnel] service in the settings is not an address".into(),
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
            Err(_) => return Err(Refusal::NoAnswer { host }),
            Ok(Err(error)) => return Err(Refusal::of_error(&error, &host)),
            Ok(Ok(answer)) => answer,
        };
        let granted = status
            .is_success()
            .then(|| Ticket::parse(body.clone()))
            .flatten();
        granted.ok_or_else(|| Refusal::of_answer(status, &headers, &body))
    }
}
