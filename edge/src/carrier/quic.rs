//! Requests over QUIC: each one is a stream that the edge opens.

use std::{net::SocketAddr, sync::Arc};

use futures_util::TryFutureExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::{
    Request, Response, StatusCode,
    body::Frame,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio_util::compat::TokioAsyncReadCompatExt;

use super::error::CarryError;
use crate::{
    body::{Body, BodyError, empty_body},
    tunnel_capnp::{ConnectionType, connect_request, connect_response},
    udp_socket::FaultySocket,
};

/// The start of a data stream in either direction: cloudflared's signature and version 01.
const PREAMBLE: [u8; 8] = [0x0A, 0x36, 0xCD, 0x12, 0xA1, 0x3E, b'0', b'1'];
/// Metadata keys of an HTTP request or response on a stream.
const METHOD: &str = "HttpMethod";
const HOST: &str = "HttpHost";
const HEADER: &str = "HttpHeader:";
const STATUS: &str = "HttpStatus";

/// The most that is read of a body at once.
const CHUNK_BYTES: usize = 64 << 10;

pub(crate) struct QuicCarrier {
    connection: Connection,
    socket: Arc<FaultySocket>,
    peer: SocketAddr,
}

impl QuicCarrier {
    /// `socket` is the one that `connection` runs on.
    pub(crate) fn new(connection: Connection, socket: Arc<FaultySocket>) -> Self {
        let peer = connection.remote_address();
        Self {
            connection,
            socket,
            peer,
        }
    }

    pub(super) fn freeze(&self) {
        self.socket.freeze(self.peer);
    }

    pub(super) fn times_full(&self) -> u64 {
        self.connection.stats().frame_rx.data_blocked
    }

    pub(super) async fn carry(
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
            return Err(CarryError::InvalidResponse(format!(
                "preamble {preamble:02X?}"
            )));
        }
        let message = capnp_futures::serialize::read_message(
            (&mut receiver).compat(),
            capnp::message::ReaderOptions::default(),
        );
        let message = message.await.map_err(|e| lost(e.into()))?;
        let mut response =
            decode(&message).map_err(|e| CarryError::InvalidResponse(e.to_string()))?;
        *response.body_mut() = receive_body(receiver);
        Ok(response)
    }
}

fn is_bodiless(body: &Body) -> bool {
    hyper::body::Body::is_end_stream(body)
}

/// The preamble and the ConnectRequest.
fn encode(head: &hyper::http::request::Parts, is_websocket: bool, has_body: bool) -> Vec<u8> {
    let host = head.headers.get(header::HOST);
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
    // Without this header cloudflared ignores a body of unknown length.
    if has_body && !is_websocket && !head.headers.contains_key(header::CONTENT_LENGTH) {
        metadata.push((
            format!("{HEADER}{}", header::TRANSFER_ENCODING),
            "chunked".to_owned(),
        ));
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
    let reply = message.get_root::<connect_response::Reader>()?;
    let error = reply.get_error()?.to_string()?;
    let mut status = if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_GATEWAY
    };
    let mut headers = HeaderMap::new();
    for entry in reply.get_metadata()? {
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
    let mut response = Response::new(empty_body());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// Sends a request's body. Resets the stream if the visitor leaves before the end.
async fn send_body(mut body: Body, mut sender: SendStream) {
    loop {
        // Stop waiting for the visitor once cloudflared stops reading.
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
            // The protocol has no trailers.
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

/// The rest of a stream as a body. Dropping it tells cloudflared to stop sending.
fn receive_body(receiver: RecvStream) -> Body {
    let chunks = futures_util::stream::try_unfold(receiver, |mut receiver| async move {
        let chunk = receiver.read_chunk(CHUNK_BYTES, true).await;
        Ok(chunk
            .map_err(BodyError::from)?
            .map(|chunk| (Frame::data(chunk.bytes), receiver)))
    });
    StreamBody::new(chunks).boxed_unsync()
}
