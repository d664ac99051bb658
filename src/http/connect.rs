//! Opens the connection for a request: directly or through a proxy, with or without TLS.

use std::{io, time::Duration};

use base64::Engine;
use hyper::Uri;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{
    error::HttpError,
    proxy::{Proxies, Proxy},
    tls::Trust,
};

/// How long to try one address before the next one.
const ADDRESS_LIMIT: Duration = Duration::from_secs(4);

/// Longest response head of a proxy that is read, in bytes.
const PROXY_HEAD_MAX: usize = 8192;

/// A byte stream in both directions.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A connection that a request can be sent on.
pub struct Stream {
    pub io: Box<dyn Io>,
    /// The request line must name the host, since a proxy forwards the request.
    pub wants_absolute_form: bool,
}

/// A host and port to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    pub is_tls: bool,
}

impl Endpoint {
    pub fn of(uri: &Uri) -> Result<Self, HttpError> {
        let wrong = || HttpError::Address(uri.to_string());
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let host = uri.host().ok_or_else(wrong)?.trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Self {
            host: host.to_owned(),
            port,
            is_tls,
        })
    }

    /// The value of a Host header, with the port if it is not the default one.
    pub fn authority(&self) -> String {
        let host = bracketed(&self.host);
        match (self.is_tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') {
        format!("[{host}]")
    } else {
        host.to_owned()
    }
}

/// Connects to `gateway`. Over TLS, the server must have a certificate for `name`.
pub async fn connect(
    gateway: &Endpoint,
    name: &str,
    proxies: &Proxies,
    trust: &Trust,
) -> Result<Stream, HttpError> {
    let proxy = proxies.for_host(&gateway.host, gateway.is_tls);
    let tcp = match proxy {
        Some(proxy) => reach_proxy(proxy).await?,
        None => dial(&gateway.host, gateway.port).await?,
    };
    if !gateway.is_tls {
        return Ok(Stream {
            io: Box::new(tcp),
            wants_absolute_form: proxy.is_some(),
        });
    }
    let tcp = match proxy {
        Some(proxy) => ask_for_tunnel(tcp, proxy, gateway).await?,
        None => tcp,
    };
    let tls = trust
        .handshake(name, tcp)
        .await
        .map_err(|source| HttpError::Tls {
            host: name.to_owned(),
            source,
        })?;
    Ok(Stream {
        io: Box::new(tls),
        wants_absolute_form: false,
    })
}

async fn dial(host: &str, port: u16) -> Result<TcpStream, HttpError> {
    let found = lookup_host((host, port)).await;
    let addresses: Vec<_> = found
        .map_err(|error| HttpError::of_lookup(host, error))?
        .collect();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match timeout(ADDRESS_LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A failure only costs speed.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::Error::from(io::ErrorKind::TimedOut),
        }
    }
    Err(HttpError::Connect {
        host: host.to_owned(),
        source: last,
    })
}

async fn reach_proxy(proxy: &Proxy) -> Result<TcpStream, HttpError> {
    let refused = |why: String| HttpError::Proxy {
        proxy: proxy.place(),
        why,
    };
    if proxy.scheme != "http" {
        return Err(refused("only http:// proxies are supported".into()));
    }
    let dialled = dial(&proxy.host, proxy.port).await;
    dialled.map_err(|error| refused(error.to_string()))
}

/// `CONNECT`, RFC 9110 section 9.3.6.
async fn ask_for_tunnel(
    mut tcp: TcpStream,
    proxy: &Proxy,
    gateway: &Endpoint,
) -> Result<TcpStream, HttpError> {
    let refused = |why: String| HttpError::Proxy {
        proxy: proxy.place(),
        why,
    };
    let place = format!("{}:{}", bracketed(&gateway.host), gateway.port);
    let mut ask = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
    if let Some(credentials) = &proxy.credentials {
        let plain = percent_encoding::percent_decode_str(credentials).collect::<Vec<u8>>();
        let encoded = base64::engine::general_purpose::STANDARD.encode(plain);
        ask.push_str(&format!("Proxy-Authorization: Basic {encoded}\r\n"));
    }
    ask.push_str("\r\n");
    let io = |error: io::Error| refused(error.to_string());
    tcp.write_all(ask.as_bytes()).await.map_err(io)?;
    // Byte by byte, because what follows the head belongs to TLS.
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > PROXY_HEAD_MAX {
            return Err(refused("its response is too long".into()));
        }
        head.push(tcp.read_u8().await.map_err(io)?);
    }
    let head = String::from_utf8_lossy(&head);
    let first = head.lines().next().unwrap_or_default();
    match first.split(' ').nth(1) {
        Some(status) if status.len() == 3 && status.starts_with('2') => Ok(tcp),
        _ => Err(refused(format!("it answered {first:?}"))),
    }
}
