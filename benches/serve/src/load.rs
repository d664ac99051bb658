//! Simulated visitors.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::data::{Dice, HOT_FILES, SMALL_FILES};

/// One kind of request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A random file of 1 to 16 KiB, of 10,000.
    Small,
    /// One of 500, as of a website that is being visited.
    Hot,
    /// The same with a matching `If-None-Match`: 304.
    NotModified,
    /// A range of 64 KiB in the large file.
    Range,
}

/// Where visitors connect, and the `Host` they send.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    pub host: String,
}

impl Target {
    /// A server on this computer.
    pub fn of(port: u16) -> Target {
        Target::at((Ipv4Addr::LOCALHOST, port).into())
    }

    /// A server anywhere.
    pub fn at(address: SocketAddr) -> Target {
        Target {
            address,
            host: address.to_string(),
        }
    }
}

/// Requests per second over a number of persistent connections.
pub fn requests_per_second(target: &Target, kind: Kind, connections: usize, time: Duration) -> f64 {
    let tags = match kind {
        Kind::NotModified => tags(target),
        _ => Vec::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let tags = std::rc::Rc::new(tags);
    let tasks = tokio::task::LocalSet::new();
    let begun = Instant::now();
    let until = begun + time;
    let handles: Vec<_> = (0..connections)
        .map(|number| {
            tasks.spawn_local(visit(
                target.clone(),
                kind,
                number as u64 + 1,
                until,
                tags.clone(),
            ))
        })
        .collect();
    let answered: u64 = tasks.block_on(&runtime, async {
        let mut answered = 0;
        for handle in handles {
            answered += handle.await.expect("no panic");
        }
        answered
    });
    answered as f64 / begun.elapsed().as_secs_f64()
}

async fn visit(
    target: Target,
    kind: Kind,
    seed: u64,
    until: Instant,
    tags: std::rc::Rc<Vec<String>>,
) -> u64 {
    let mut stream = tokio::net::TcpStream::connect(target.address)
        .await
        .expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let mut dice = Dice(seed * 0x9e37_79b9_7f4a_7c15);
    let mut buffer = vec![0; 128 * 1024];
    let mut answered = 0;
    while Instant::now() < until {
        let request = request(&target.host, kind, &mut dice, &tags);
        stream
            .write_all(request.as_bytes())
            .await
            .expect("a request");
        let mut filled = 0;
        let total = loop {
            let read = stream
                .read(&mut buffer[filled..])
                .await
                .expect("a response");
            assert!(read > 0, "the connection was closed");
            filled += read;
            if let Some(end) = find(&buffer[..filled], b"\r\n\r\n") {
                break end + 4 + body_length(&buffer[..end]);
            }
        };
        while filled < total {
            let read = stream.read(&mut buffer).await.expect("a body");
            assert!(read > 0, "the connection was closed");
            filled += read;
        }
        answered += 1;
    }
    answered
}

fn request(host: &str, kind: Kind, dice: &mut Dice, tags: &[String]) -> String {
    let number = dice.below(match kind {
        Kind::Hot => HOT_FILES,
        _ => SMALL_FILES,
    });
    let head = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
    match kind {
        Kind::Small | Kind::Hot => head(&format!("/small/{number}.bin")) + "\r\n",
        Kind::NotModified => {
            let number = number % tags.len();
            head(&format!("/small/{number}.bin"))
                + &format!("If-None-Match: {}\r\n\r\n", tags[number])
        }
        Kind::Range => {
            let start = dice.below((1 << 30) / 65_536) * 65_536;
            head("/large.bin") + &format!("Range: bytes={start}-{}\r\n\r\n", start + 65_535)
        }
    }
}

/// The ETags of the first hundred small files.
fn tags(target: &Target) -> Vec<String> {
    (0..100)
        .map(|number| {
            let (_, head) = open(target, &format!("/small/{number}.bin"));
            let lower = head.to_lowercase();
            let start = lower.find("etag: ").expect("a tag") + 6;
            head[start..].lines().next().unwrap_or_default().to_owned()
        })
        .collect()
}

/// Opens a connection, sends a request, and reads the head of the response.
pub fn open(target: &Target, path: &str) -> (TcpStream, String) {
    ask(target, "GET", path, "Connection: close")
}

fn ask(target: &Target, method: &str, path: &str, headers: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(target.address).expect("a connection");
    let host = &target.host;
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert!(stream.read(&mut byte).expect("a head") > 0, "no head");
        head.push(byte[0]);
    }
    (stream, String::from_utf8_lossy(&head).into_owned())
}

/// Downloads a path over several connections at once. Returns bytes per second.
pub fn download(target: &Target, path: &str, connections: usize) -> f64 {
    let begun = Instant::now();
    let bytes: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| drain(&mut open(target, path).0)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    bytes as f64 / begun.elapsed().as_secs_f64()
}

/// Downloads the first bytes of a file. Returns bytes per second.
pub fn download_start(target: &Target, path: &str, bytes: u64) -> f64 {
    let begun = Instant::now();
    let range = format!("Range: bytes=0-{}\r\nConnection: close", bytes - 1);
    let (mut stream, head) = ask(target, "GET", path, &range);
    let read = drain(&mut stream);
    assert_eq!(
        read, bytes,
        "the download is whole: {}: {head}",
        target.host
    );
    bytes as f64 / begun.elapsed().as_secs_f64()
}

/// Asks a drive for everything that is in its root. Returns the answer.
pub fn list_drive(target: &Target) -> Vec<u8> {
    let headers = "Depth: 1\r\nConnection: close";
    let (mut stream, head) = ask(target, "PROPFIND", "/", headers);
    assert!(head.starts_with("HTTP/1.1 207 "), "{head}");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("a body");
    answer
}

fn drain(stream: &mut TcpStream) -> u64 {
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        match stream.read(&mut buffer).expect("a body") {
            0 => return bytes,
            read => bytes += read as u64,
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn body_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    assert!(!head.starts_with("HTTP/1.1 4"), "{head}");
    if head.starts_with("HTTP/1.1 304") {
        return 0;
    }
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.parse().expect("a length"))
        .next();
    length.expect("a content-length")
}
