//! What visitors do.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::data::{Dice, SMALL_FILES};

/// One kind of request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A random file of 1 to 16 KiB.
    Small,
    /// The same with the tag that is right: 304.
    NotModified,
    /// 64 KiB anywhere in the large file.
    Range,
}

/// Where visitors come in, and the name they ask for.
#[derive(Clone)]
pub struct Door {
    pub port: u16,
    pub host: String,
}

impl Door {
    /// That of a server on this computer.
    pub fn of(port: u16) -> Door {
        Door {
            port,
            host: format!("127.0.0.1:{port}"),
        }
    }
}

/// Requests a second over a number of connections that are kept.
pub fn requests_per_second(door: &Door, kind: Kind, connections: usize, time: Duration) -> f64 {
    let tags = match kind {
        Kind::NotModified => tags(door),
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
                door.clone(),
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
    door: Door,
    kind: Kind,
    seed: u64,
    until: Instant,
    tags: std::rc::Rc<Vec<String>>,
) -> u64 {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", door.port))
        .await
        .expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let mut dice = Dice(seed * 0x9e37_79b9_7f4a_7c15);
    let mut buffer = vec![0; 128 * 1024];
    let mut answered = 0;
    while Instant::now() < until {
        let request = request(&door.host, kind, &mut dice, &tags);
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
    let number = dice.below(SMALL_FILES);
    let head = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n");
    match kind {
        Kind::Small => head(&format!("/small/{number}.bin")) + "\r\n",
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

/// The tags of the first hundred small files.
fn tags(door: &Door) -> Vec<String> {
    (0..100)
        .map(|number| {
            let (_, head) = open(door, &format!("/small/{number}.bin"));
            let lower = head.to_lowercase();
            let start = lower.find("etag: ").expect("a tag") + 6;
            head[start..].lines().next().unwrap_or_default().to_owned()
        })
        .collect()
}

/// Opens a connection, asks, and reads up to the end of the head.
pub fn open(door: &Door, path: &str) -> (TcpStream, String) {
    ask(door, path, "Connection: close")
}

fn ask(door: &Door, path: &str, header: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", door.port)).expect("a connection");
    let host = &door.host;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert!(stream.read(&mut byte).expect("a head") > 0, "no head");
        head.push(byte[0]);
    }
    (stream, String::from_utf8_lossy(&head).into_owned())
}

/// Downloads a path over each of some connections; gives bytes a second.
pub fn download(door: &Door, path: &str, connections: usize) -> f64 {
    let begun = Instant::now();
    let bytes: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| drain(&mut open(door, path).0)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    bytes as f64 / begun.elapsed().as_secs_f64()
}

/// Downloads the first bytes of a file; gives bytes a second.
pub fn download_start(door: &Door, path: &str, bytes: u64) -> f64 {
    let begun = Instant::now();
    let range = format!("Range: bytes=0-{}\r\nConnection: close", bytes - 1);
    let (mut stream, head) = ask(door, path, &range);
    let read = drain(&mut stream);
    assert_eq!(read, bytes, "the download is whole: {}: {head}", door.host);
    bytes as f64 / begun.elapsed().as_secs_f64()
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
