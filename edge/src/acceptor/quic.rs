//! Accepts cloudflared over QUIC.

use std::sync::Arc;

use quinn::{Endpoint, VarInt};
use tokio_util::sync::CancellationToken;

use crate::{
    carrier::{Carrier, quic::QuicCarrier},
    events::EventKind,
    protocol::Protocol,
    rpc::{self, Registrar},
    state::State,
    udp_socket::FaultySocket,
    window::FlowWindows,
};

/// Starts a QUIC server on this socket.
///
/// # Errors
/// When quinn can't use the socket.
pub(crate) fn listen(
    socket: Arc<FaultySocket>,
    config: quinn::ServerConfig,
    state: Arc<State>,
) -> std::io::Result<Endpoint> {
    let endpoint = Endpoint::new_with_abstract_socket(
        quinn::EndpointConfig::default(),
        Some(config),
        socket.clone(),
        Arc::new(quinn::TokioRuntime),
    )?;
    let accepting = endpoint.clone();
    tokio::task::spawn_local(async move {
        while let Some(incoming) = accepting.accept().await {
            tokio::task::spawn_local(serve(incoming, socket.clone(), state.clone()));
        }
    });
    Ok(endpoint)
}

/// The transport settings: the window sizes, and datagrams, which cloudflared depends on and quinn
/// has by default.
pub(crate) fn server_config(
    tls: quinn::crypto::rustls::QuicServerConfig,
    windows: FlowWindows,
) -> quinn::ServerConfig {
    let mut transport = quinn::TransportConfig::default();
    transport
        .stream_receive_window(VarInt::from_u32(windows.stream))
        .receive_window(VarInt::from_u32(windows.link))
        .send_window(8 << 20);
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(tls));
    config.transport_config(Arc::new(transport));
    config
}

async fn serve(incoming: quinn::Incoming, socket: Arc<FaultySocket>, state: Arc<State>) {
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
    let carrier = QuicCarrier::new(connection.clone(), socket);
    let link = state.open_link(peer, Carrier::Quic(carrier), end);
    let registrar = Registrar::new(state.clone(), link.clone());
    let control = connection.clone();
    // cloudflared opens a single stream, the control stream.
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
