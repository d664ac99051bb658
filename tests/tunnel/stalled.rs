//! Visitors who take nothing of their downloads shut nobody else out of a share.

use std::{
    fs::{self, File},
    io,
    net::SocketAddr,
    time::Duration,
};

use loopback_edge::{Edge, FlowWindows, Options, namespace};
use rustix::process::{Resource, getrlimit, setrlimit};
use spot_serve::{
    config,
    server::{Content, Server, Settings},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::rig::{LIMIT, Rig};

/// More than a share serves at a time.
const CROWD: usize = 520;
/// Nearly as many as it does.
const MANY: usize = 400;

const STALLS: [u8; 4] = [127, 0, 0, 1];
const COMES_LATER: [u8; 4] = [127, 0, 0, 2];

#[test]
fn downloads_that_nobody_takes_keep_nobody_out_over_quic() {
    namespace::run(async { keep_nobody_out(config::Protocol::Quic).await });
}

#[test]
fn downloads_that_nobody_takes_keep_nobody_out_over_http2() {
    namespace::run(async { keep_nobody_out(config::Protocol::Http2).await });
}

async fn keep_nobody_out(protocol: config::Protocol) {
    let windows = FlowWindows {
        stream: 64 << 10,
        ..FlowWindows::default()
    };
    let mut stage = Stage::open(windows, |settings| settings.protocol = protocol).await;
    let mut crowd = stage.crowd(CROWD).await;
    let mut served = 0;
    for stream in &mut crowd {
        let head = timeout(LIMIT, status(stream)).await;
        served += usize::from(head.expect("everybody is answered").unwrap() == 200);
    }
    assert!(served >= MANY, "{served} downloads began");
    stage.stands_still().await;
    stage.a_visitor_is_served().await;
    drop(crowd);
    stage.rig.stop().await;
}

#[test]
fn a_link_that_is_full_of_downloads_that_nobody_takes_works_again() {
    namespace::run(async {
        let windows = FlowWindows {
            stream: 64 << 10,
            link: 1 << 20,
        };
        let mut stage = Stage::open(windows, |settings| {
            settings.protocol = config::Protocol::Quic;
            // Otherwise it takes two minutes.
            let timeout = ["--write-stream-timeout", "5s"].map(str::to_owned);
            settings.args.extend(timeout);
        })
        .await;
        let crowd = stage.crowd(40).await;
        stage.link_is_full().await;
        stage.a_visitor_is_served().await;
        drop(crowd);
        stage.rig.stop().await;
    });
}

/// A share with a small and a large file, behind a tunnel.
struct Stage {
    rig: Rig,
    host: String,
    _server: Server,
    _files: tempfile::TempDir,
}

impl Stage {
    async fn open(windows: FlowWindows, change: impl FnOnce(&mut config::TunnelConfig)) -> Self {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit).unwrap();

        let files = tempfile::tempdir().unwrap();
        fs::write(files.path().join("small.txt"), "small").unwrap();
        let large = File::create(files.path().join("large.bin")).unwrap();
        large.set_len(64 << 20).unwrap();
        let content = Content::Folder(files.path().to_owned());
        let server = Server::start(&content, &Settings::default()).unwrap();
        let options = Options {
            windows,
            ..Options::default()
        };
        let edge = Edge::start(options).await.unwrap();
        let mut rig = Rig::start_serving(edge, server.address(), change).await;
        let (_, link) = rig.online().await;
        let host = link.strip_prefix("https://").unwrap().to_owned();
        server.names().set(Some(host.clone()));
        Self {
            rig,
            host,
            _server: server,
            _files: files,
        }
    }

    /// So many begin to download the large file.
    async fn crowd(&self, size: usize) -> Vec<TcpStream> {
        let mut crowd = Vec::new();
        for _ in 0..size {
            crowd.push(self.ask(STALLS, "/large.bin").await.unwrap());
        }
        crowd
    }

    async fn ask(&self, visitor: [u8; 4], path: &str) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        // What the system takes for those who take nothing.
        socket.set_recv_buffer_size(64 << 10)?;
        socket.bind(SocketAddr::from((visitor, 0)))?;
        let mut stream = socket.connect(self.rig.edge.public_addr()).await?;
        let ask = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.host
        );
        stream.write_all(ask.as_bytes()).await?;
        Ok(stream)
    }

    /// Waits until nothing moves any more, because all buffers are full.
    async fn stands_still(&self) {
        let settled = async {
            let (mut last, mut same) = (0, 0);
            while same < 3 {
                sleep(Duration::from_millis(500)).await;
                let now = queued();
                same = if now == last { same + 1 } else { 0 };
                last = now;
            }
        };
        let settled = timeout(LIMIT, settled).await;
        assert!(settled.is_ok(), "downloads that nobody takes go on");
    }

    /// Waits until cloudflared can send nothing on the link, because the downloads fill it.
    async fn link_is_full(&self) {
        let is_full = || {
            let stats = self.rig.edge.stats();
            let mut links = stats.tunnels.iter().flat_map(|tunnel| &tunnel.links);
            links.any(|link| link.times_full > 0)
        };
        let full = async {
            while !is_full() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let full = timeout(LIMIT, full).await;
        assert!(full.is_ok(), "the link is never full");
    }

    /// A visitor from another address gets the small file, if need be after some attempts.
    async fn a_visitor_is_served(&self) {
        let served = async {
            while self.get().await.ok() != Some((200, "small".to_owned())) {
                sleep(Duration::from_millis(100)).await;
            }
        };
        let served = timeout(LIMIT, served).await;
        assert!(served.is_ok(), "a visitor gets the file within {LIMIT:?}");
    }

    /// The status and the body that a visitor gets.
    async fn get(&self) -> io::Result<(u16, String)> {
        let mut stream = self.ask(COMES_LATER, "/small.txt").await?;
        let status = status(&mut stream).await?;
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await?;
        let body = rest.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        Ok((status, body.unwrap_or_default()))
    }
}

async fn status(stream: &mut TcpStream) -> io::Result<u16> {
    let mut line = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut line).await?;
    let line = String::from_utf8_lossy(&line);
    let status = line.rsplit(' ').next().and_then(|word| word.parse().ok());
    status.ok_or_else(|| io::Error::other(line.into_owned()))
}

/// How many bytes are in the system's buffers of this network namespace.
fn queued() -> u64 {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let queues = table
        .lines()
        .skip(1)
        .filter_map(|row| row.split_whitespace().nth(4)?.split_once(':'));
    let bytes = |hex| u64::from_str_radix(hex, 16).unwrap();
    queues.map(|(sent, read)| bytes(sent) + bytes(read)).sum()
}
