//! What stands between a tunnel and a local site: it passes bytes on, and says in words that
//! nothing answers when nothing does. The tunnel outlives restarts of the site by that.

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

/// Connections at a time.
const MOST_CONNECTIONS: usize = 512;
/// A site on this computer that takes longer to take a connection does not answer.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How often it is looked whether the site answers, while it is shared.
const PACE: Duration = Duration::from_secs(2);
/// A visitor who meets no site has this long to say what was wanted.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// A running relay; it ends when this is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    task: AbortHandle,
}

impl Relay {
    /// Starts to pass on what comes to a loopback port of its own. `answers` is told whether the
    /// site answers: at the start, and when that changes.
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
    // Neither ends; a site that hangs holds up no visitor's connection to us.
    tokio::join!(take_visitors(listener, port), look(port, answers));
}

/// Tells whether the site answers, now and when that changes.
async fn look(port: u16, answers: impl Fn(bool)) {
    let mut looks = interval(PACE);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut did_answer = None;
    loop {
        looks.tick().await;
        let now = connect(port).await.is_ok();
        if did_answer.replace(now) != Some(now) {
            answers(now);
        }
    }
}

async fn take_visitors(listener: TcpListener, port: u16) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    // With the set all its connections end.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((visitor, _)) => {
                    let room = Arc::clone(&room);
                    connections.spawn(async move {
                        // One too many: the closed connection says so.
                        if let Ok(_place) = room.try_acquire() {
                            pass_on(visitor, port).await;
                        }
                    });
                }
                // Out of file descriptors, and the like: it passes.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// A development server often listens on one of the two families only.
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
            // How it ends is between the two.
            let _ = copy_bidirectional(&mut visitor, &mut site).await;
        }
        Err(_) => {
            let _ = timeout(REQUEST_LIMIT, apologise(&mut visitor)).await;
        }
    }
}

/// Takes the request, so that the answer is not lost in a reset, and answers in words.
async fn apologise(visitor: &mut TcpStream) -> io::Result<()> {
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

/// Lets the page's own style pass its policy.
fn style_hash(page: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or("", |(style, _)| style);
    BASE64_STANDARD.encode(Sha256::digest(style))
}
