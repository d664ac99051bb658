//! A large file that comes in over a tunnel whose connection is cut again and again: the built
//! program with a real cloudflared at the test edge.

use std::{fs, io, time::Duration};

use crate::{
    access::{Visitor, edge},
    home::{Home, LIMIT},
    running::{run, start},
};
use loopback_edge::{Edge, Fault, faults::Which, namespace};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

const CHUNK: usize = 4 << 20;
const LENGTH: usize = 6 * CHUNK - 12_345;
const CUTS: usize = 5;

/// Long enough for everything to be connected again, for each cut.
const PATIENCE: Duration = LIMIT.saturating_mul(3);

#[test]
fn an_upload_arrives_whole_although_the_connection_is_cut_over_quic() {
    namespace::run(async { arrives_whole_over("quic").await });
}

#[test]
fn an_upload_arrives_whole_although_the_connection_is_cut_over_http2() {
    namespace::run(async { arrives_whole_over("http2").await });
}

async fn arrives_whole_over(protocol: &str) {
    let edge = edge().await;
    // The file is longer than one request may be.
    let limit = Fault::MaxBodyBytes(2 * CHUNK as u64);
    edge.fault(limit).await.unwrap();
    let home = Home::with_tunnel(
        &namespace::cloudflared(),
        &edge.api_url(),
        &edge.edge_args(),
        &format!("protocol = {protocol:?}"),
    );
    let _program = start(&home).await;
    let shared = run(&home, &["receive", "Homework"]).await;
    let visitor = Visitor::of(&edge, &shared.out);
    let mut random = Random::seeded();
    let file: Vec<u8> = (0..LENGTH).map(|_| random.below(256) as u8).collect();
    let whole = send(&visitor, "PUT", "/film.mp4", &[], &file).await;
    assert_eq!(whole.unwrap().status, 413, "it takes a client that resumes");

    let mut cuts: Vec<usize> = (0..CUTS).map(|_| random.below(LENGTH)).collect();
    cuts.sort_unstable();
    println!("cuts after {cuts:?} bytes");
    let location = created(&visitor).await;
    let arrives = upload(&visitor, &edge, &location, &file, cuts);
    timeout(PATIENCE, arrives).await.expect("it arrives");
    let arrived = home.path("Homework/film.mp4");
    let placed = timeout(LIMIT, async {
        while !arrived.exists() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    placed.await.expect("it is put in its place");
    assert!(fs::read(&arrived).unwrap() == file, "it is what was sent");
    let files = fs::read_dir(home.path("Homework")).unwrap();
    let names = files.map(|file| file.unwrap().file_name());
    let visible = names.filter(|name| !name.to_string_lossy().starts_with('.'));
    assert_eq!(visible.count(), 1, "there is nothing else");
    assert_eq!(run(&home, &["quit"]).await.code, 0);
}

/// Sends a file as a client of the protocol tus does. Cuts the tunnel after so many of its bytes.
async fn upload(visitor: &Visitor, edge: &Edge, location: &str, file: &[u8], mut cuts: Vec<usize>) {
    let mut acknowledged = 0;
    let mut offset = 0;
    while offset < file.len() {
        let end = (offset + CHUNK).min(file.len());
        let cut = (cuts.first().copied()).filter(|cut| (offset..end).contains(cut));
        let field = offset.to_string();
        let fields = [
            ("Upload-Offset", field.as_str()),
            ("Content-Type", "application/offset+octet-stream"),
        ];
        let chunk = &file[offset..end];
        let answer = match cut {
            None => send(visitor, "PATCH", location, &fields, chunk).await,
            Some(cut) => {
                cuts.remove(0);
                let (before, after) = chunk.split_at(cut - offset);
                let sending = async {
                    let mut request = Request::begin(visitor, "PATCH", location, &fields, chunk);
                    request.send(before).await?;
                    edge.fault(Fault::Cut(Which::All)).await.unwrap();
                    request.send(after).await?;
                    request.answer().await
                };
                sending.await
            }
        };
        match answer {
            Ok(answer) if answer.status == 204 => {
                acknowledged = answer.offset.expect("a part that was taken has an end");
                offset = acknowledged;
            }
            // Whatever it was, the share knows how much has arrived.
            _ => {
                offset = known(visitor, location).await;
                assert!(offset >= acknowledged, "nothing that was taken is lost");
            }
        }
    }
    assert!(cuts.is_empty(), "{cuts:?}");
}

/// Begins an upload, and returns where it goes on.
async fn created(visitor: &Visitor) -> String {
    let length = LENGTH.to_string();
    // film.mp4
    let fields = [
        ("Upload-Length", length.as_str()),
        ("Upload-Metadata", "filename ZmlsbS5tcDQ="),
    ];
    let answer = send(visitor, "POST", "/?upload", &fields, b"").await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.head);
    answer
        .field("location")
        .expect("a place to go on")
        .to_owned()
}

/// How much of an upload is here, as soon as the share can be reached and no other request writes.
async fn known(visitor: &Visitor, location: &str) -> usize {
    loop {
        match send(visitor, "HEAD", location, &[], b"").await {
            Ok(Answer {
                offset: Some(offset),
                ..
            }) => return offset,
            Ok(answer) => assert_ne!(answer.status, 404, "it is still known"),
            Err(_) => {}
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// A request on a connection of its own.
struct Request<'a> {
    visitor: &'a Visitor,
    head: String,
    stream: Option<TcpStream>,
}

struct Answer {
    status: u16,
    head: String,
    offset: Option<usize>,
}

impl<'a> Request<'a> {
    fn begin(
        visitor: &'a Visitor,
        method: &str,
        target: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Self {
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Tus-Resumable: 1.0.0\r\nContent-Length: {}\r\n{}\r\n",
            visitor.name,
            body.len(),
            fields.collect::<String>(),
        );
        Self {
            visitor,
            head,
            stream: None,
        }
    }

    /// Sends the next bytes of the body.
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.stream.is_none() {
            let mut stream = TcpStream::connect(&self.visitor.address).await?;
            stream.write_all(self.head.as_bytes()).await?;
            self.stream = Some(stream);
        }
        if let Some(stream) = &mut self.stream {
            stream.write_all(bytes).await?;
        }
        Ok(())
    }

    async fn answer(self) -> io::Result<Answer> {
        let mut stream = self.stream.ok_or(io::ErrorKind::NotConnected)?;
        let mut all = Vec::new();
        let end = loop {
            if let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if stream.read_buf(&mut all).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let mut answer = Answer {
            status: status.unwrap_or_default(),
            head,
            offset: None,
        };
        let offset = answer.field("upload-offset").map(str::parse);
        answer.offset = offset.transpose().map_err(io::Error::other)?;
        Ok(answer)
    }
}

impl Answer {
    fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (other, value) = line.split_once(':')?;
            other.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Sends a whole request. An answer counts even if the rest of the body was not wanted.
async fn send(
    visitor: &Visitor,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut request = Request::begin(visitor, method, target, fields, body);
    let sent = request.send(body).await;
    request.answer().await.or_else(|error| sent.and(Err(error)))
}

/// Numbers that are different each time.
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).unwrap();
        println!("seed {seed:?}");
        Self(u64::from_le_bytes(seed) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }
}
