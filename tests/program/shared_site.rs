//! A site on this computer is shared, with HTTPS or without: the built program with a real
//! cloudflared at the test edge.

use crate::home::{Answer, Home, LIMIT, get};
use loopback_edge::{Edge, Options, namespace};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

/// A site on `port` that says how it was asked, and echoes what comes on a web socket.
async fn site(port: u16, has_tls: bool) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = loopback_edge::self_signed("nobody.example").unwrap();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if !has_tls {
                    answer(stream, "HTTP").await;
                } else if let Ok(tls) = acceptor.accept(stream).await {
                    answer(tls, "HTTPS").await;
                }
            });
        }
    });
    (port, task)
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, how: &str) {
    let Some(head) = read_head(&mut stream).await else {
        return;
    };
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    if field("upgrade: ").is_some() {
        let switch =
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
        let _ = stream.write_all(switch.as_bytes()).await;
        let _ = stream.flush().await;
        let mut piece = [0; 1024];
        while let Ok(n @ 1..) = stream.read(&mut piece).await {
            let _ = stream.write_all(&piece[..n]).await;
            let _ = stream.flush().await;
        }
        return;
    }
    let text = format!("{how} for {}", field("host: ").unwrap_or("nobody"));
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    let _ = stream.write_all((head + &text).as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// The head of a message, in lower case.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap().to_ascii_lowercase())
}

async fn visit(edge: &Edge, name: &str) -> (u16, String) {
    let answer: Answer = get(&edge.public_addr().to_string(), name, "/").await;
    let status = answer.status();
    (status, String::from_utf8(answer.body).unwrap())
}

async fn echo(edge: &Edge, name: &str) {
    let mut stream = TcpStream::connect(edge.public_addr()).await.unwrap();
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {name}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let echoed = timeout(LIMIT, async {
        let head = read_head(&mut stream).await.unwrap();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        stream.write_all(b"hot reload").await.unwrap();
        let mut echo = [0; 10];
        stream.read_exact(&mut echo).await.unwrap();
        assert_eq!(&echo, b"hot reload");
    });
    echoed.await.expect("an echo");
}

#[test]
fn a_site_with_https_is_shared_and_may_change_to_http_under_the_same_link() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let (port, mut running) = site(0, true).await;
        let mut program = home.share(&format!("https://localhost:{port}"));
        let name = program.public_name().await;
        let local = format!("local: https://localhost:{port}");
        program.err.line(&local).await;
        for has_tls in [true, false, true] {
            let how = if has_tls { "HTTPS" } else { "HTTP" };
            let wanted = (200, format!("{how} for localhost:{port}"));
            assert_eq!(visit(&edge, &name).await, wanted);
            echo(&edge, &name).await;
            running.abort();
            let _ = running.await;
            (_, running) = site(port, !has_tls).await;
        }
        running.abort();
        let _ = running.await;
        let down = format!("localhost:{port}: nothing answers on port {port}");
        program.err.line(&down).await;
        let (status, page) = visit(&edge, &name).await;
        assert_eq!(status, 503);
        assert!(page.contains("running right now"), "{page}");
        assert_eq!(edge.stats().api_requests, 1, "one link");
    });
}
