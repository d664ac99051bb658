//! Sends requests, each over a connection of its own.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, Uri, body::Incoming, header};
use hyper_util::rt::TokioIo;

use super::{
    connect::{self, Endpoint},
    error::HttpError,
    proxy::Proxies,
    tls::Trust,
};

/// How long a connection may take to come up, TLS and proxy included.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The client. Clones share the trusted certificates.
#[derive(Debug, Clone, Default)]
pub struct Client {
    proxies: Proxies,
    trust: Trust,
}

impl Client {
    /// A client that honours the proxy variables of this process.
    pub fn from_environment() -> Self {
        Self {
            proxies: Proxies::from_environment(),
            trust: Trust::default(),
        }
    }

    pub fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    /// Sends `request`, whose URI is absolute, and returns the response once its head has arrived.
    ///
    /// # Errors
    /// There is no response. A response of any status is not an error.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, HttpError> {
        let gateway = request.uri().clone();
        self.send_through(&gateway, request).await
    }

    /// Like [`Client::send`], over a connection to the host of `gateway`. TLS and the request still
    /// name the request's own host, which is never looked up.
    ///
    /// # Errors
    /// As for [`Client::send`].
    pub async fn send_through(
        &self,
        gateway: &Uri,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, HttpError> {
        let endpoint = Endpoint::of(request.uri())?;
        let gateway = Endpoint::of(gateway)?;
        let host = endpoint.authority();
        let connecting = connect::connect(&gateway, &endpoint.host, &self.proxies, &self.trust);
        let stream = tokio::time::timeout(CONNECT_LIMIT, connecting)
            .await
            .map_err(|_| HttpError::TimedOut {
                host: gateway.host.clone(),
            })??;

        let broken = |error: hyper::Error| HttpError::Broken {
            host: endpoint.host.clone(),
            why: error.to_string(),
        };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream.io))
                .await
                .map_err(broken)?;
        // The task ends with the response's body, or when that is dropped.
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

/// The whole body of a response, of at most `limit` bytes.
///
/// # Errors
/// The body is longer, or the connection broke.
pub async fn body(response: Response<Incoming>, limit: usize) -> Result<Bytes, HttpError> {
    match Limited::new(response.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(HttpError::TooLarge(limit))
        }
        Err(error) => Err(HttpError::Broken {
            host: "the server".into(),
            why: error.to_string(),
        }),
    }
}
