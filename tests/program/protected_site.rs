//! A site on this computer is shared with a password: the built program with a real cloudflared at
//! the test edge.

use std::sync::{Arc, Mutex};

use crate::home::{Home, LIMIT};
use loopback_edge::{Edge, Options, namespace};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// The heads of all requests that a site has got, in lower case.
type Heads = Arc<Mutex<Vec<String>>>;

/// A site that answers "seen", or echoes what comes on a web socket. Returns its port.
async fn site(heads: Heads) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, heads.clone()));
        }
    });
    port
}

async fn answer(mut stream: TcpStream, heads: Heads) {
    let Some(head) = read_head(&mut stream).await else {
        return;
    };
    let head = head.to_ascii_lowercase();
    let is_socket = head.contains("\r\nupgrade: ");
    if !head.contains("(checks the shared site)") {
        heads.lock().unwrap().push(head);
    }
    let answer = if is_socket {
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    } else {
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncache-control: public\r\nconnection: close\r\n\r\nseen"
    };
    let _ = stream.write_all(answer.as_bytes()).await;
    let mut piece = [0; 1024];
    while is_socket && let Ok(n @ 1..) = stream.read(&mut piece).await {
        let _ = stream.write_all(&piece[..n]).await;
    }
}

/// The head of a message.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

/// A visitor's connection, and the head of the answer to this request. `fields` and the body follow
/// its first line and its host.
async fn ask(edge: &Edge, name: &str, line: &str, fields: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(edge.public_addr()).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nHost: {name}\r\n{fields}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = timeout(LIMIT, read_head(&mut stream)).await;
    (stream, head.expect("an answer").expect("a head"))
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[test]
fn a_site_with_a_password_sees_only_visitors_who_have_entered_it() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let heads = Heads::default();
        let port = site(heads.clone()).await.to_string();
        let mut command = home.command(&["share", &port, "--foreground", "--password=secret"]);
        let mut program = home.start(&mut command);
        let name = program.public_name().await;
        for (line, fields) in [
            ("GET /", "\r\n"),
            ("HEAD /a", "\r\n"),
            ("DELETE /a", "Authorization: Basic bWU6d3Jvbmc=\r\n\r\n"),
            ("POST /a", "Content-Length: 3\r\n\r\nabc"),
            (
                "PUT /a",
                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            ),
            ("GET /socket", &format!("{UPGRADE}\r\n")),
        ] {
            let (_, head) = ask(&edge, &name, line, fields).await;
            assert!(head.starts_with("HTTP/1.1 401 "), "{line}: {head}");
        }
        assert_eq!(heads.lock().unwrap()[..], [""; 0]);

        let form = "Content-Length: 15\r\n\r\npassword=secret";
        let (_, head) = ask(&edge, &name, "POST /a?unlock", form).await;
        assert!(head.starts_with("HTTP/1.1 303 "), "{head}");
        assert!(
            head.to_ascii_lowercase().contains("\r\nlocation: /a\r\n"),
            "{head}"
        );
        let cookie = head.split("__Host-share=").nth(1).expect("a cookie");
        let secret = cookie.split(';').next().unwrap();

        let cookies = format!("Cookie: a=b; __Host-share={secret}\r\n");
        let (mut stream, head) = ask(&edge, &name, "GET /a", &format!("{cookies}\r\n")).await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let head = head.to_ascii_lowercase();
        assert!(
            head.contains("\r\ncache-control: private, no-store\r\n"),
            "{head}"
        );
        let mut body = [0; 4];
        stream.read_exact(&mut body).await.unwrap();
        assert_eq!(&body, b"seen");
        let password = "Authorization: Basic bWU6c2VjcmV0\r\n\r\n";
        let (_, head) = ask(&edge, &name, "GET /b", password).await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");

        let (mut socket, head) = ask(
            &edge,
            &name,
            "GET /socket",
            &format!("{cookies}{UPGRADE}\r\n"),
        )
        .await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        socket.write_all(b"hot reload").await.unwrap();
        let mut echo = [0; 10];
        timeout(LIMIT, socket.read_exact(&mut echo))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&echo, b"hot reload");

        let heads = heads.lock().unwrap().clone();
        assert_eq!(heads.len(), 3, "{heads:?}");
        for head in &heads {
            let is_secret = head.contains("session=") || head.contains("authorization");
            assert!(!is_secret, "{head}");
        }
        assert!(heads[0].contains("\r\ncookie: a=b\r\n"), "{}", heads[0]);
    });
}
