//! Accepts cloudflared over HTTP/2: TLS over TCP. The edge is the HTTP *client* on the connection it
//! accepts.

use std::{io, net::SocketAddr, sync::Arc};

use futures_util::TryStreamExt;
use http_body_util::BodyStream;
use hyper::{Request, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{io::StreamReader, sync::CancellationToken};

use crate::{
    body::{Body, reader_body},
    carrier::{
        Carrier,
        http2::{Http2Carrier, UPGRADE, with_causes},
    },
    events::EventKind,
    faults::Port,
    protocol::Protocol,
    rpc::{self, Registrar},
    state::State,
    tcp_stream::{FreezableStream, FreezeHandle},
};

/// Handles a connection to the edge's TCP port as the current fault demands.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: TlsAcceptor,
    state: Arc<State>,
) {
    let switch = state.switches.borrow().tcp;
    match switch {
        // A closed port has no listener; this connection was accepted just before it closed.
        Port::Closed => {}
        Port::BlackHole => ignore(stream).await,
        Port::Rejected => reject(stream).await,
        Port::Open => link(stream, peer, tls, state).await,
    }
}

/// Reads and ignores everything until the peer disconnects.
async fn ignore(mut stream: TcpStream) {
    let mut sink = [0; 4096];
    while matches!(stream.read(&mut sink).await, Ok(1..)) {}
}

/// Ends the handshake with a fatal alert.
async fn reject(mut stream: TcpStream) {
    /// Alert record, TLS 1.2 on the wire, two bytes: fatal, handshake failure (RFC 8446, 6).
    const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];
    let mut hello = [0; 4096];
    // The client may be gone already.
    if matches!(stream.read(&mut hello).await, Ok(1..)) && stream.write_all(&ALERT).await.is_ok() {
        let _ = stream.shutdown().await;
        ignore(stream).await;
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
    let (freeze, end) = (FreezeHandle::default(), CancellationToken::new());
    let stream = FreezableStream::new(stream, freeze.clone(), end.clone());
    let encrypted = match tls.accept(stream).await {
        Ok(stream) => TokioIo::new(stream),
        Err(e) => return failed(e.to_string()),
    };
    let handshake = http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(state.windows.stream)
        .initial_connection_window_size(state.windows.link)
        // cloudflared may write to a stream that has ended. By default hyper drops the connection
        // after about a thousand such errors; the real edge does not.
        .max_local_error_reset_streams(None)
        .handshake(encrypted);
    let (sender, connection) = match handshake.await {
        Ok(pair) => pair,
        Err(e) => return failed(e.to_string()),
    };

    let carrier = Http2Carrier::new(sender.clone(), freeze);
    let link = state.open_link(peer, Carrier::Http2(carrier), end);
    let registrar = Registrar::new(state.clone(), link.clone());
    tokio::task::spawn_local(control_stream(sender, registrar));
    let why = match connection.await {
        _ if link.end.is_cancelled() => "ended by the edge".to_owned(),
        Ok(()) => "closed by cloudflared".to_owned(),
        Err(e) => with_causes(&e),
    };
    link.end.cancel();
    state.close_link(&link, why);
}

/// Opens the control stream: a request whose two bodies carry Cap'n Proto RPC.
async fn control_stream(mut sender: http2::SendRequest<Body>, registrar: Registrar) {
    let (writer, outgoing) = tokio::io::simplex(64 << 10);
    let request = Request::post("https://h2.cftunnel.com/")
        .header(UPGRADE, "control-stream")
        .body(reader_body(writer));
    let Ok(request) = request else { return };
    // cloudflared responds together with its first RPC message. An error means that the link has
    // ended, which `link` reports.
    if let Ok(response) = sender.send_request(request).await {
        drop(sender);
        let incoming = BodyStream::new(response.into_body())
            .try_filter_map(|frame| async move { Ok(frame.into_data().ok()) })
            .map_err(io::Error::other);
        rpc::serve(StreamReader::new(Box::pin(incoming)), outgoing, registrar).await;
    }
}
