//! WebSockets through the edge and a real cloudflared.

use crate::fixtures::{NAME, online, visitor};
use http_body_util::Empty;
use hyper::Request;
use hyper::header::{CONNECTION, UPGRADE};
use hyper_util::rt::TokioIo;
use loopback_edge::{Edge, Protocol, namespace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn a_websocket_echoes_over_quic() {
    namespace::run(async { echoes(Protocol::Quic).await });
}

#[test]
fn a_websocket_echoes_over_http2() {
    namespace::run(async { echoes(Protocol::Http2).await });
}

async fn echoes(over: Protocol) {
    let (edge, _origin, _cloudflared) = online(over).await;
    let mut websocket = open(&edge).await;
    // Longer than any buffer along the way, and a second message after the reply to the first.
    for len in [300_000, 5] {
        let message = crate::fixtures::origin::pattern(0, len);
        let (mut reader, mut writer) = tokio::io::split(&mut websocket);
        let mut answer = vec![0; len];
        let (sent, received) =
            tokio::join!(writer.write_all(&message), reader.read_exact(&mut answer));
        sent.unwrap();
        received.unwrap();
        assert!(answer == message[..], "{len} bytes came back changed");
    }
    assert_eq!(edge.stats().tunnels[0].links[0].in_flight, 1);

    // When the visitor closes its side, so does the origin, and the visitor sees that.
    websocket.shutdown().await.unwrap();
    assert_eq!(websocket.read(&mut [0; 8]).await.unwrap(), 0);
}

async fn open(edge: &Edge) -> TokioIo<hyper::upgrade::Upgraded> {
    let request = Request::get("/websocket")
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let response = visitor::ask(edge, NAME, request, Empty::new()).await;
    assert_eq!(response.status(), 101);
    let accept = &response.headers()["sec-websocket-accept"];
    assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    TokioIo::new(hyper::upgrade::on(response).await.unwrap())
}
