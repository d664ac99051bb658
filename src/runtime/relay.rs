//! The relay between a tunnel and a local site. It passes bytes on, and shows visitors a page while
//! the site is down. So the tunnel survives restarts of the site.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};

/// The most connections at a time.
const MAX_CONNECTIONS: usize = 512;
/// A local site that takes longer to accept a connection counts as down.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How often to check whether the shared site answers.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// While the site is down, visitors have this long to send their request.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// A running relay. It stops when it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    task: AbortHandle,
}

impl Relay {
    /// Starts a relay from a new loopback port to `port`. Calls `answers` with whether the site
    /// answers, at the start and whenever that changes.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(port: u16, answers: impl Fn(bool) + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(relay(listener, port, answers)).abort_handle();
        Ok(Self { address, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(listener: TcpListener, port: u16, answers: impl Fn(bool)) {
    // Neither ends. They run side by side, so that a site that hangs doesn't block visitors.
    tokio::join!(accept_visitors(listener, port), check(port, answers));
}

/// Reports whether the site answers, now and whenever that changes.
async fn check(port: u16, answers: impl Fn(bool)) {
    let mut checks = interval(CHECK_INTERVAL);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut did_answer = None;
    loop {
        checks.tick().await;
        let now = connect(port).await.is_ok();
        if did_answer.replace(now) != Some(now) {
            answers(now);
        }
    }
}

async fn accept_visitors(listener: TcpListener, port: u16) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Dropping the set ends all its connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((visitor, _)) => {
                    let permits = Arc::clone(&permits);
                    connections.spawn(async move {
                        // Without a permit, the connection is closed.
                        if let Ok(_permit) = permits.try_acquire() {
                            pass_on(visitor, port).await;
                        }
                    });
                }
                // A passing problem, such as too many open files.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// Tries both address families, because development servers often listen on only one.
async fn connect(port: u16) -> io::Result<TcpStream> {
    let both = async {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
            Ok(stream) => Ok(stream),
            Err(_) => TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await,
        }
    };
    timeout(CONNECT_LIMIT, both).await?
}

async fn pass_on(mut visitor: TcpStream, port: u16) {
    match connect(port).await {
        Ok(mut site) => {
            let _ = visitor.set_nodelay(true);
            let _ = site.set_nodelay(true);
            // How the connection ends doesn't concern the relay.
            let _ = copy_bidirectional(&mut visitor, &mut site).await;
        }
        Err(_) => {
            let _ = timeout(REQUEST_LIMIT, answer_unavailable(&mut visitor)).await;
        }
    }
}

/// Reads the request, so that the response isn't lost in a reset, and answers with a page.
async fn answer_unavailable(visitor: &mut TcpStream) -> io::Result<()> {
    let mut seen = Vec::new();
    let mut piece = [0; 2048];
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") && seen.len() < 64 * 1024 {
        match visitor.read(&mut piece).await? {
            0 => return Ok(()),
            n => seen.extend_from_slice(&piece[..n]),
        }
    }
    let page = include_str!("nothing-answers.html");
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\nretry-after: 5\r\nx-robots-tag: noindex\r\ncontent-security-policy: default-src 'none'; style-src 'sha256-{}'\r\nconnection: close\r\n\r\n",
        page.len(),
        style_hash(page),
    );
    visitor.write_all(head.as_bytes()).await?;
    visitor.write_all(page.as_bytes()).await?;
    visitor.shutdown().await
}

/// The hash that allows the page's own style in its Content-Security-Policy.
fn style_hash(page: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or("", |(style, _)| style);
    BASE64_STANDARD.encode(Sha256::digest(style))
}
