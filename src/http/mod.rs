//! A small HTTP/1.1 client for the few requests of the program's own: TLS with the system's
//! roots, proxy variables honoured, one connection a request.
//!
//! - [`proxy`]: which proxy the environment names for an address
//! - [`connect`]: from an address to a stream
//! - [`tls`]: whom to trust

mod connect;
mod proxy;
mod tls;

use std::{io, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, Uri, body::Incoming, header};
use hyper_util::rt::TokioIo;

pub use proxy::{Proxies, Proxy};

/// How long a connection may take to come up, TLS and proxy included.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the name {host} can't be found ({source})")]
    Lookup { host: String, source: io::Error },
    #[error("{host} can't be reached ({source})")]
    Connect { host: String, source: io::Error },
    #[error("the connection to {host} is not trusted ({source})")]
    Tls { host: String, source: io::Error },
    #[error("the proxy {proxy} does not let it through ({why})")]
    Proxy { proxy: String, why: String },
    #[error("{host} took too long to answer")]
    TimedOut { host: String },
    #[error("{host} broke off the connection ({why})")]
    Broken { host: String, why: String },
    #[error("{0} is not an address that can be asked")]
    Address(String),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// The client; clones share what they trust.
#[derive(Debug, Clone, Default)]
pub struct Client {
    proxies: Proxies,
    trust: tls::Trust,
}

impl Client {
    /// A client that honours the proxy variables of this process.
    pub fn from_environment() -> Self {
        Self {
            proxies: Proxies::from_environment(),
            trust: tls::Trust::default(),
        }
    }

    pub fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    /// Sends `request`, whose URI is absolute, and gives the answer as soon as its head is there.
    ///
    /// # Errors
    /// [`HttpError`]; an answer of any status is none.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, HttpError> {
        let door = request.uri().clone();
        self.send_through(&door, request).await
    }

    /// As [`Client::send`], over a connection to the host of `door`. TLS and the request still
    /// name the request's own host, which is never looked up.
    pub async fn send_through(
        &self,
        door: &Uri,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, HttpError> {
        let target = connect::Target::of(request.uri())?;
        let door = connect::Target::of(door)?;
        let host = target.authority();
        let connecting = connect::connect(&door, &target.host, &self.proxies, &self.trust);
        let stream = tokio::time::timeout(CONNECT_LIMIT, connecting)
            .await
            .map_err(|_| HttpError::TimedOut {
                host: door.host.clone(),
            })??;

        let broken = |error: hyper::Error| HttpError::Broken {
            host: target.host.clone(),
            why: error.to_string(),
        };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream.io))
                .await
                .map_err(broken)?;
        // It ends with the answer's body, or when that is dropped.
        tokio::spawn(connection);
        if !request.headers().contains_key(header::HOST) {
            let value = header::HeaderValue::from_str(&host)
                .map_err(|_| HttpError::Address(host.clone()))?;
            request.headers_mut().insert(header::HOST, value);
        }
        if !stream.wants_absolute_form {
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            *request.uri_mut() = path
                .parse()
                .map_err(|_| HttpError::Address(path.to_owned()))?;
        }
        sender.send_request(request).await.map_err(broken)
    }
}

/// The whole body of an answer, of at most `limit` bytes.
pub async fn body(answer: Response<Incoming>, limit: usize) -> Result<Bytes, HttpError> {
    match Limited::new(answer.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(HttpError::TooLarge(limit))
        }
        Err(error) => Err(HttpError::Broken {
            host: "the other side".into(),
            why: error.to_string(),
        }),
    }
}
