//! Servers that speak what sites speak.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// More than what is on the way at a time, in bytes.
pub const LONG: usize = 8_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Http,
    /// Answers as late as the test wants.
    SlowHttp,
    /// Closes the connection of a visitor without TLS.
    Https,
    /// Tells a visitor without TLS to use it.
    HttpsInWords,
    /// Ends a long answer by closing the connection, without a word in TLS.
    HttpsThatHangsUp,
    /// Speaks first.
    Ssh,
    /// TLS with something else than HTTP in it.
    SecureMail,
    /// Closes every connection.
    Nothing,
}

/// A server, until it is stopped.
pub struct Site {
    pub port: u16,
    /// The first byte of each connection, with 0 for none.
    connections: Arc<Mutex<Vec<u8>>>,
    pub came: Arc<Notify>,
    pub release: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Site {
    pub async fn start(speaks: Speaks) -> Self {
        Self::at(("127.0.0.1", 0), speaks).await
    }

    pub async fn at(address: (&str, u16), speaks: Speaks) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (came, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let acceptor = loopback_edge::self_signed("somewhere.example").unwrap();
        let (all, comes, released) = (connections.clone(), came.clone(), release.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (all, comes, released) = (all.clone(), comes.clone(), released.clone());
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if speaks != Speaks::Ssh {
                        let mut first = [0];
                        let _ = stream.peek(&mut first).await;
                        all.lock().unwrap().push(first[0]);
                        comes.notify_one();
                    }
                    serve(stream, speaks, &acceptor, &released).await;
                });
            }
        });
        Self {
            port,
            connections,
            came,
            release,
            task,
        }
    }

    pub fn connections(&self) -> Vec<u8> {
        self.connections.lock().unwrap().clone()
    }

    /// Stops it; its port is free now.
    pub async fn stop(self) -> u16 {
        self.task.abort();
        let _ = self.task.await;
        self.port
    }
}

async fn serve(mut stream: TcpStream, speaks: Speaks, acceptor: &TlsAcceptor, release: &Notify) {
    let mut first = [0];
    match speaks {
        Speaks::Http => answer(stream, "plain").await,
        Speaks::SlowHttp => {
            release.notified().await;
            answer(stream, "plain").await;
        }
        Speaks::HttpsInWords if stream.peek(&mut first).await.is_ok() && first[0] != 0x16 => {
            let _ = read_request(&mut stream).await;
            let words =
                "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
            let _ = stream.write_all(words.as_bytes()).await;
        }
        Speaks::Https | Speaks::HttpsInWords => {
            if let Ok(tls) = acceptor.accept(stream).await {
                let name = tls.get_ref().1.server_name().unwrap_or_default().to_owned();
                answer(tls, &format!("TLS for {name}")).await;
            }
        }
        Speaks::HttpsThatHangsUp => {
            if let Ok(mut tls) = acceptor.accept(stream).await {
                let _ = read_request(&mut tls).await;
                let answer = [b"HTTP/1.0 200 OK\r\n\r\n".to_vec(), vec![b'x'; LONG]].concat();
                let _ = tls.write_all(&answer).await;
                let _ = tls.flush().await;
                let _ = tls.get_mut().0.shutdown().await;
            }
        }
        Speaks::Ssh => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Speaks::SecureMail => {
            if let Ok(mut tls) = acceptor.accept(stream).await {
                let _ = tls.write_all(b"* OK IMAP4 ready\r\n").await;
                let _ = tls.flush().await;
                let _ = tls.read_to_end(&mut Vec::new()).await;
            }
        }
        Speaks::Nothing => drop(stream),
    }
}

/// Answers a request with how it came, its host and its body; or echoes what comes on a web socket.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, how: &str) {
    let Some((head, body)) = read_request(&mut stream).await else {
        return;
    };
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    if field("upgrade: ").is_some() {
        let _ = stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            .await;
        let _ = stream.flush().await;
        let mut piece = [0; 1024];
        while let Ok(n @ 1..) = stream.read(&mut piece).await {
            let _ = stream.write_all(&piece[..n]).await;
            let _ = stream.flush().await;
        }
        return;
    }
    let text = format!("{how}, {}, {} bytes", field("host: ").unwrap(), body.len());
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", text.len());
    let _ = stream.write_all((head + &text).as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Head in lower case, and body, of a request.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, body))
}
