//! The HTTP/2 edge: TLS over TCP, where the edge is the HTTP *client* on the socket it accepted.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use futures_util::TryStreamExt;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http2;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::io::{ReaderStream, StreamReader};
use tokio_util::sync::CancellationToken;

use crate::events::EventKind;
use crate::faults::Port;
use crate::link::{Body, BodyError, Carrier, CarryError, Protocol};
use crate::rpc;
use crate::state::State;
use crate::tap::{Frost, Tap};

/// Says what a request is when it isn't plain HTTP: `control-stream` or `websocket`.
const UPGRADE: &str = "cf-cloudflared-proxy-connection-upgrade";
/// The origin's own headers, hidden from HTTP/2's rules.
const USER_HEADERS: &str = "cf-cloudflared-response-headers";

/// Flow control: what may be on its way without a reader, a stream and a link.
const STREAM_WINDOW: u32 = 1 << 20;
const LINK_WINDOW: u32 = 4 << 20;

/// Takes a connection from the edge's TCP port, as the port's switch says.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: TlsAcceptor,
    state: Arc<State>,
) {
    let switch = state.switches.borrow().tcp;
    match switch {
        // A closed port has no listener; this one got in just before.
        Port::Closed => {}
        Port::BlackHole => swallow(stream).await,
        Port::Rejected => reject(stream).await,
        Port::Open => link(stream, peer, tls, state).await,
    }
}

/// Takes what comes and never answers, until the other side goes.
async fn swallow(mut stream: TcpStream) {
    let mut sink = [0; 4096];
    while matches!(stream.read(&mut sink).await, Ok(1..)) {}
}

/// Ends the handshake with a fatal alert.
async fn reject(mut stream: TcpStream) {
    /// Alert record, TLS 1.2 on the wire, two bytes: fatal, handshake failure (RFC 8446, 6).
    const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
    let mut hello = [0; 4096];
    // Whether the client still hears it is its own affair.
    if matches!(stream.read(&mut hello).await, Ok(1..)) && stream.write_all(&ALERT).await.is_ok() {
        let _ = stream.shutdown().await;
        swallow(stream).await;
    }
}

async fn link(stream: TcpStream, peer: SocketAddr, tls: TlsAcceptor, state: Arc<State>) {
    let failed = |why: String| {
        let protocol = Protocol::Http2;
        state
            .events
            .push(EventKind::HandshakeFailed { protocol, why });
    };
    let _ = stream.set_nodelay(true);
    let (frost, end) = (Frost::default(), CancellationToken::new());
    let tapped = Tap::new(stream, frost.clone(), end.clone());
    let encrypted = match tls.accept(tapped).await {
        Ok(stream) => TokioIo::new(stream),
        Err(e) => return failed(e.to_string()),
    };
    let handshake = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(LINK_WINDOW)
        // cloudflared may write to a stream that has ended; after a thousand such mistakes the link
        // would be given up, which the real edge does not do.
        .max_local_error_reset_streams(None)
        .handshake(encrypted);
    let (sender, connection) = match handshake.await {
        Ok(pair) => pair,
        Err(e) => return failed(e.to_string()),
    };

    let carrier = Http2Carrier {
        sender: sender.clone(),
        frost,
    };
    let link = state.open_link(peer, Carrier::Http2(carrier), end);
    let registration = rpc::Registrar::new(state.clone(), link.clone());
    tokio::task::spawn_local(control_stream(sender, registration));
    let why = match connection.await {
        _ if link.end.is_cancelled() => "ended by the edge".to_owned(),
        Ok(()) => "closed by cloudflared".to_owned(),
        Err(e) => describe(&e),
    };
    link.end.cancel();
    state.close_link(&link, why);
}

/// The one request cloudflared answers with Cap'n Proto RPC, in both bodies.
async fn control_stream(mut sender: http2::SendRequest<Body>, registrar: rpc::Registrar) {
    let (writer, outgoing) = tokio::io::simplex(64 << 10);
    let request = Request::post("https://h2.cftunnel.com/")
        .header(UPGRADE, "control-stream")
        .body(body_from(writer));
    let Ok(request) = request else { return };
    // cloudflared answers with its first RPC message; when it doesn't, the link has ended, which
    // is told there.
    if let Ok(response) = sender.send_request(request).await {
        drop(sender);
        let incoming = BodyStream::new(response.into_body())
            .try_filter_map(|frame| async move { Ok(frame.into_data().ok()) })
            .map_err(io::Error::other);
        rpc::serve(StreamReader::new(Box::pin(incoming)), outgoing, registrar).await;
    }
}

/// A body that gives what `reader` gives.
pub(crate) fn body_from(reader: impl AsyncRead + Send + 'static) -> Body {
    StreamBody::new(
        ReaderStream::with_capacity(reader, 64 << 10)
            .map_ok(Frame::data)
            .map_err(BodyError::from),
    )
    .boxed_unsync()
}

pub(crate) struct Http2Carrier {
    sender: http2::SendRequest<Body>,
    frost: Frost,
}

impl Http2Carrier {
    pub(crate) fn freeze(&self) {
        self.frost.freeze();
    }

    pub(crate) async fn carry(
        &self,
        mut request: Request<Body>,
        is_websocket: bool,
    ) -> Result<Response<Body>, CarryError> {
        if is_websocket {
            let headers = request.headers_mut();
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
        // HTTP/2 names the host in :authority, which cloudflared gives to the origin as Host.
        if let Some(host) = request.headers_mut().remove(hyper::header::HOST) {
            let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
            let uri = Uri::builder()
                .scheme("https")
                .authority(host.as_bytes())
                .path_and_query(path)
                .build();
            *request.uri_mut() = uri.map_err(|e| CarryError::Answer(e.to_string()))?;
        }
        let mut sender = self.sender.clone();
        sender
            .ready()
            .await
            .map_err(|e| CarryError::Lost(e.into()))?;
        let response = sender
            .send_request(request)
            .await
            .map_err(|e| CarryError::Lost(describe(&e).into()))?;

        let (mut head, body) = response.into_parts();
        if let Some(packed) = head.headers.get(USER_HEADERS) {
            head.headers = unpack(packed.as_bytes())
                .ok_or_else(|| CarryError::Answer(format!("{USER_HEADERS}: {packed:?}")))?;
        }
        // HTTP/2 has no status 101, so cloudflared says 200 (RFC 9113, 8.6).
        if is_websocket && head.headers.contains_key(hyper::header::UPGRADE) {
            head.status = StatusCode::SWITCHING_PROTOCOLS;
        }
        let body = body.map_err(BodyError::from).boxed_unsync();
        Ok(Response::from_parts(head, body))
    }
}

/// Headers as cloudflared packs them: base64 name, colon, base64 value, `;` between pairs.
fn unpack(packed: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for pair in packed.split(|b| *b == b';').filter(|pair| !pair.is_empty()) {
        let colon = pair.iter().position(|b| *b == b':')?;
        let name = STANDARD_NO_PAD.decode(&pair[..colon]).ok()?;
        let value = STANDARD_NO_PAD.decode(&pair[colon + 1..]).ok()?;
        headers.append(
            HeaderName::from_bytes(&name).ok()?,
            HeaderValue::from_bytes(&value).ok()?,
        );
    }
    Some(headers)
}

/// An error with its causes, which hyper keeps apart.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_headers_keep_their_repetitions() {
        // Set-Cookie: a=1, Set-Cookie: b=2
        let headers = unpack(b"U2V0LUNvb2tpZQ:YT0x;U2V0LUNvb2tpZQ:Yj0y").unwrap();
        let cookies: Vec<_> = headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
    }

    #[test]
    fn an_empty_value_is_a_header_too() {
        assert_eq!(unpack(b"WC1B:").unwrap()["x-a"], "");
    }

    #[test]
    fn a_pair_without_a_colon_is_refused() {
        assert!(unpack(b"WC1B").is_none());
    }
}
