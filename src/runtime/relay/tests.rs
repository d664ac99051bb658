//! The relay in front of real servers, which speak what sites speak.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use super::Relay;
use crate::{app::SiteState, server::Activity};

/// Only bounds a test that fails.
const LIMIT: Duration = Duration::from_secs(60);
/// More than what is on the way at a time, in bytes.
const LONG: usize = 8_000_000;
/// Enough for several looks at an idle site.
const IDLE: Duration = Duration::from_secs(4);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaks {
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
struct Site {
    port: u16,
    /// The first byte of each connection, with 0 for none.
    connections: Arc<Mutex<Vec<u8>>>,
    came: Arc<Notify>,
    release: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Site {
    async fn start(speaks: Speaks) -> Self {
        Self::at(("127.0.0.1", 0), speaks).await
    }

    async fn at(address: (&str, u16), speaks: Speaks) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (came, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let acceptor = acceptor();
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

    fn connections(&self) -> Vec<u8> {
        self.connections.lock().unwrap().clone()
    }

    /// Stops it; its port is free now.
    async fn stop(self) -> u16 {
        self.task.abort();
        let _ = self.task.await;
        self.port
    }
}

fn acceptor() -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["somewhere.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
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

/// A relay, and what it has reported.
struct Rig {
    relay: Relay,
    reports: mpsc::UnboundedReceiver<SiteState>,
    seen: VecDeque<SiteState>,
}

impl Rig {
    async fn to(port: u16) -> Self {
        let (sender, reports) = mpsc::unbounded_channel();
        let report = move |state| {
            // Fails once the test is over.
            let _ = sender.send(state);
        };
        Self {
            relay: Relay::start(port, Activity::default(), report)
                .await
                .unwrap(),
            reports,
            seen: VecDeque::new(),
        }
    }

    async fn reports(&mut self, wanted: SiteState) {
        let found = timeout(LIMIT, async {
            while let Some(state) = self.reports.recv().await {
                self.seen.push_back(state);
                if state == wanted {
                    return;
                }
            }
        });
        let found = found.await;
        assert!(found.is_ok(), "no {wanted:?} in {:?}", self.seen);
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.relay.address()).await.unwrap()
    }

    /// What a visitor with this body is answered.
    async fn visit(&self, body: &[u8]) -> String {
        let mut stream = self.connect().await;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut text = String::new();
        let read = timeout(LIMIT, stream.read_to_string(&mut text)).await;
        read.expect("an answer").unwrap();
        text
    }
}

async fn is_left_alone(host: &str) {
    let Ok(_) = TcpListener::bind((host, 0)).await else {
        // This computer has no IPv6.
        assert!(host.contains(':'), "{host}");
        return;
    };
    let site = Site::at((host, 0), Speaks::Http).await;
    let mut rig = Rig::to(site.port).await;
    rig.reports(SiteState::Http).await;
    site.came.notified().await;
    let another = timeout(IDLE, site.came.notified()).await;
    assert!(another.is_err(), "{host}: nobody connects");
    assert_eq!(site.connections(), [b'H'], "{host}: it was asked once");

    let port = site.stop().await;
    rig.reports(SiteState::Down).await;
    assert!(rig.visit(b"").await.contains("running right now"));
    let site = Site::at((host, port), Speaks::Http).await;
    rig.reports(SiteState::Http).await;
    assert!(
        rig.visit(b"")
            .await
            .ends_with("plain, localhost:1, 0 bytes")
    );
    drop(site);
}

#[tokio::test]
async fn an_idle_site_is_left_alone_and_what_it_does_is_known() {
    tokio::join!(
        is_left_alone("127.0.0.1"),
        is_left_alone("::1"),
        is_left_alone("0.0.0.0"),
        is_left_alone("::"),
    );
}

#[tokio::test]
async fn a_site_with_https_is_shown_to_visitors() {
    for speaks in [Speaks::Https, Speaks::HttpsInWords] {
        let site = Site::start(speaks).await;
        let mut rig = Rig::to(site.port).await;
        rig.reports(SiteState::Https).await;
        for body in [&b""[..], b"a body"] {
            let answer = rig.visit(body).await;
            let wanted = format!("TLS for localhost, localhost:1, {} bytes", body.len());
            assert!(answer.ends_with(&wanted), "{speaks:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_the_connection_arrives_whole() {
    let site = Site::start(Speaks::HttpsThatHangsUp).await;
    let rig = Rig::to(site.port).await;
    let answer = rig.visit(b"").await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), LONG);
}

#[tokio::test]
async fn a_site_may_change_between_http_and_https() {
    for with_tls in [Speaks::Https, Speaks::HttpsInWords] {
        let mut speaks = Speaks::Http;
        let mut site = Site::start(speaks).await;
        let rig = Rig::to(site.port).await;
        // Nobody waits until the change is noticed.
        for _ in 0..4 {
            let answer = rig.visit(&[b'x'; 100_000]).await;
            let how = if speaks == Speaks::Http {
                "plain"
            } else {
                "TLS for localhost"
            };
            let wanted = format!("{how}, localhost:1, 100000 bytes");
            assert!(answer.ends_with(&wanted), "{with_tls:?}: {answer}");
            speaks = if speaks == Speaks::Http {
                with_tls
            } else {
                Speaks::Http
            };
            let port = site.stop().await;
            site = Site::at(("127.0.0.1", port), speaks).await;
        }
    }
}

#[tokio::test]
async fn a_web_socket_stays_open_with_tls_and_without() {
    for speaks in [Speaks::Http, Speaks::Https] {
        let site = Site::start(speaks).await;
        let rig = Rig::to(site.port).await;
        let mut stream = rig.connect().await;
        let request = b"GET / HTTP/1.1\r\nHost: localhost:1\r\nUpgrade: websocket\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{speaks:?}");
        for message in [*b"first", *b"again"] {
            stream.write_all(&message).await.unwrap();
            let mut echo = [0; 5];
            let read = timeout(LIMIT, stream.read_exact(&mut echo)).await;
            read.expect("an echo").unwrap();
            assert_eq!(echo, message, "{speaks:?}");
        }
    }
}

#[tokio::test]
async fn a_slow_site_is_not_taken_for_another_kind() {
    let site = Site::start(Speaks::SlowHttp).await;
    let mut rig = Rig::to(site.port).await;
    // It has not said a word.
    rig.reports(SiteState::Http).await;
    let answer = async {
        site.came.notified().await;
        // This one and the one that asks what the site is.
        while site.connections().len() < 2 {
            site.came.notified().await;
        }
        site.release.notify_waiters();
    };
    let (text, ()) = tokio::join!(rig.visit(b"hello"), answer);
    assert!(text.ends_with("plain, localhost:1, 5 bytes"), "{text}");
    let connections = site.connections();
    assert!(!connections.contains(&0x16), "no TLS: {connections:?}");
    assert_eq!(rig.seen, [SiteState::Http]);
}

#[tokio::test]
async fn what_is_no_site_is_told_apart_in_words() {
    for (speaks, state, words) in [
        (Speaks::Ssh, SiteState::NotHttp, "lead to a website"),
        (Speaks::SecureMail, SiteState::NotHttp, "lead to a website"),
        (Speaks::Nothing, SiteState::Silent, "closed the connection"),
    ] {
        let site = Site::start(speaks).await;
        let mut rig = Rig::to(site.port).await;
        rig.reports(state).await;
        let page = rig.visit(b"").await;
        assert!(page.starts_with("HTTP/1.1 503 "), "{speaks:?}: {page}");
        assert!(page.contains(words), "{speaks:?}: {page}");
        // A website in its place is shown under the same link.
        let port = site.stop().await;
        let _site = Site::at(("127.0.0.1", port), Speaks::Http).await;
        rig.reports(SiteState::Http).await;
        assert!(rig.visit(b"").await.ends_with("0 bytes"), "{speaks:?}");
    }
}

#[tokio::test]
async fn a_site_whose_https_can_not_be_used_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // A fatal alert: it supports no version that we do.
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"\x15\x03\x01\0\x02\x02\x46").await;
        }
    });
    let mut rig = Rig::to(port).await;
    rig.reports(SiteState::TlsFails).await;
    let page = rig.visit(b"").await;
    assert!(page.contains("the secure connection"), "{page}");
    server.abort();
}
