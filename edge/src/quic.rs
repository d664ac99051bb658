//! The QUIC edge: each visitor's request is a stream that the edge opens.

use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::TryFutureExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use hyper::{Request, Response, StatusCode};
use quinn::{Connection, Endpoint, RecvStream, SendStream, VarInt};
use tokio_util::compat::TokioAsyncReadCompatExt;
use tokio_util::sync::CancellationToken;

use crate::events::EventKind;
use crate::link::{Body, BodyError, Carrier, CarryError, Protocol};
use crate::rpc;
use crate::state::State;
use crate::tunnel_capnp::{ConnectionType, connect_request, connect_response};
use crate::udp::UdpGate;

/// Begins a data stream, in both directions: cloudflared's signature and the version, 01.
const PREAMBLE: [u8; 8] = [0x0A, 0x36, 0xCD, 0x12, 0xA1, 0x3E, b'0', b'1'];
/// Keys of the metadata that makes a stream an HTTP request or its answer.
const METHOD: &str = "HttpMethod";
const HOST: &str = "HttpHost";
const HEADER: &str = "HttpHeader:";
const STATUS: &str = "HttpStatus";

/// Largest piece of a body that is read at once.
const CHUNK: usize = 64 << 10;

/// A QUIC server on this socket, accepting from now on.
pub(crate) fn listen(
    gate: Arc<UdpGate>,
    config: quinn::ServerConfig,
    state: Arc<State>,
) -> std::io::Result<Endpoint> {
    let endpoint = Endpoint::new_with_abstract_socket(
        quinn::EndpointConfig::default(),
        Some(config),
        gate.clone(),
        Arc::new(quinn::TokioRuntime),
    )?;
    let accepting = endpoint.clone();
    tokio::task::spawn_local(async move {
        while let Some(incoming) = accepting.accept().await {
            tokio::task::spawn_local(serve(incoming, gate.clone(), state.clone()));
        }
    });
    Ok(endpoint)
}

/// The transport settings that matter to cloudflared: datagrams on, windows like the real ones.
pub(crate) fn server_config(tls: quinn::crypto::rustls::QuicServerConfig) -> quinn::ServerConfig {
    let mut transport = quinn::TransportConfig::default();
    transport
        .stream_receive_window(VarInt::from_u32(1 << 20))
        .receive_window(VarInt::from_u32(8 << 20))
        .send_window(8 << 20);
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(tls));
    config.transport_config(Arc::new(transport));
    config
}

async fn serve(incoming: quinn::Incoming, gate: Arc<UdpGate>, state: Arc<State>) {
    let connection = match incoming.await {
        Ok(connection) => connection,
        Err(e) => {
            return state.events.push(EventKind::HandshakeFailed {
                protocol: Protocol::Quic,
                why: e.to_string(),
            });
        }
    };
    let peer = connection.remote_address();
    let end = CancellationToken::new();
    let carrier = QuicCarrier {
        connection: connection.clone(),
        gate,
        peer,
    };
    let link = state.open_link(peer, Carrier::Quic(carrier), end);
    let registrar = rpc::Registrar::new(state.clone(), link.clone());
    let control = connection.clone();
    // The first stream cloudflared opens is the control stream, and it opens no other.
    tokio::task::spawn_local(async move {
        if let Ok((sender, receiver)) = control.accept_bi().await {
            rpc::serve(receiver, sender, registrar).await;
        }
    });
    let why = tokio::select! {
        why = connection.closed() => why.to_string(),
        () = link.end.cancelled() => {
            connection.close(VarInt::from_u32(0), b"");
            "ended by the edge".to_owned()
        }
    };
    link.end.cancel();
    state.close_link(&link, why);
}

pub(crate) struct QuicCarrier {
    connection: Connection,
    gate: Arc<UdpGate>,
    peer: SocketAddr,
}

impl QuicCarrier {
    pub(crate) fn freeze(&self) {
        self.gate.freeze(self.peer);
    }

    pub(crate) async fn carry(
        &self,
        request: Request<Body>,
        is_websocket: bool,
    ) -> Result<Response<Body>, CarryError> {
        let lost = |e: BodyError| CarryError::Lost(e);
        let (mut sender, mut receiver) = self
            .connection
            .open_bi()
            .await
            .map_err(|e| lost(e.into()))?;
        let (head, body) = request.into_parts();
        let opening = encode(&head, is_websocket, !is_bodiless(&body));
        sender
            .write_all(&opening)
            .map_err(|e| lost(e.into()))
            .await?;
        tokio::spawn(send_body(body, sender));

        let mut preamble = [0; PREAMBLE.len()];
        receiver
            .read_exact(&mut preamble)
            .map_err(|e| lost(e.into()))
            .await?;
        if preamble != PREAMBLE {
            return Err(CarryError::Answer(format!("preamble {preamble:02X?}")));
        }
        let answer = capnp_futures::serialize::read_message(
            (&mut receiver).compat(),
            capnp::message::ReaderOptions::default(),
        );
        let answer = answer.await.map_err(|e| lost(e.into()))?;
        let mut response = decode(&answer).map_err(|e| CarryError::Answer(e.to_string()))?;
        *response.body_mut() = receive_body(receiver);
        Ok(response)
    }
}

fn is_bodiless(body: &Body) -> bool {
    hyper::body::Body::is_end_stream(body)
}

/// The preamble and the ConnectRequest.
fn encode(head: &hyper::http::request::Parts, is_websocket: bool, has_body: bool) -> Vec<u8> {
    let host = head.headers.get(hyper::header::HOST);
    let host = String::from_utf8_lossy(host.map_or(b"", HeaderValue::as_bytes)).into_owned();
    let path = head.uri.path_and_query().map_or("/", |p| p.as_str());
    let mut metadata = vec![
        (METHOD.to_owned(), head.method.as_str().to_owned()),
        (HOST.to_owned(), host.clone()),
    ];
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        metadata.push((format!("{HEADER}{name}"), value));
    }
    // cloudflared takes a body of unknown length only when it is told that there is one.
    if has_body && !is_websocket && !head.headers.contains_key(hyper::header::CONTENT_LENGTH) {
        metadata.push((format!("{HEADER}{TRANSFER_ENCODING}"), "chunked".to_owned()));
    }

    let mut message = capnp::message::Builder::new_default();
    let mut request = message.init_root::<connect_request::Builder>();
    request.set_dest(format!("https://{host}{path}"));
    request.set_type(if is_websocket {
        ConnectionType::Websocket
    } else {
        ConnectionType::Http
    });
    let mut list = request.init_metadata(metadata.len() as u32);
    for (i, (key, value)) in metadata.iter().enumerate() {
        let mut entry = list.reborrow().get(i as u32);
        entry.set_key(key);
        entry.set_val(value);
    }
    let mut bytes = PREAMBLE.to_vec();
    bytes.extend(capnp::serialize::write_message_to_words(&message));
    bytes
}

fn decode(
    message: &capnp::message::Reader<capnp::serialize::OwnedSegments>,
) -> Result<Response<Body>, BodyError> {
    let answer = message.get_root::<connect_response::Reader>()?;
    let error = answer.get_error()?.to_string()?;
    let mut status = if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_GATEWAY
    };
    let mut headers = HeaderMap::new();
    for entry in answer.get_metadata()? {
        let (key, value) = (entry.get_key()?.to_str()?, entry.get_val()?);
        if let Some(name) = key.strip_prefix(HEADER) {
            headers.append(
                HeaderName::from_bytes(name.as_bytes())?,
                HeaderValue::from_bytes(value.as_bytes())?,
            );
        } else if key == STATUS {
            status = StatusCode::from_bytes(value.as_bytes())?;
        }
    }
    let empty = http_body_util::Empty::new().map_err(|never| match never {});
    let mut response = Response::new(empty.boxed_unsync());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Sends a request's body; resets the stream when the visitor goes before its end.
async fn send_body(mut body: Body, mut sender: SendStream) {
    loop {
        // Waits for the visitor, but not longer than cloudflared reads.
        let frame = tokio::select! {
            frame = body.frame() => frame,
            _ = sender.stopped() => return,
        };
        match frame.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => {
                if sender.write_chunk(data).await.is_err() {
                    return;
                }
            }
            // Trailers have no place on this stream.
            Some(Ok(Err(_))) => {}
            Some(Err(_)) => {
                let _ = sender.reset(VarInt::from_u32(0));
                return;
            }
            None => {
                let _ = sender.finish();
                return;
            }
        }
    }
}

/// The rest of a stream as a body; dropping it tells cloudflared to stop.
fn receive_body(receiver: RecvStream) -> Body {
    let chunks = futures_util::stream::try_unfold(receiver, |mut receiver| async move {
        let chunk = receiver.read_chunk(CHUNK, true).await;
        Ok(chunk
            .map_err(BodyError::from)?
            .map(|chunk| (Frame::data(chunk.bytes), receiver)))
    });
    StreamBody::new(chunks).boxed_unsync()
}
