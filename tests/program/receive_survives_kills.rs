//! What a visitor was told to be there is there, whenever the program is killed: the built program with a
//! real cloudflared at the test edge.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, ErrorKind},
    time::Duration,
};

use loopback_edge::namespace;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Child,
    time::{sleep, timeout},
};

use crate::{
    access::{Visitor, edge},
    home::{Home, LIMIT},
    receive::field,
    running::{listed, run, start},
};

/// How often the program is killed, unless this variable says otherwise.
const KILLS: &str = "SPOT_SERVE_TEST_KILLS";
const FEW: u32 = 12;

/// A file comes in so many requests of so many bytes.
const CHUNKS: u64 = 3;
const CHUNK: usize = 100_000;

/// What a visitor was told of one file.
#[derive(Debug, Default)]
struct Sent {
    location: Option<String>,
    acknowledged: u64,
}

/// A visitor who doesn't give up.
struct Sender {
    visitor: Visitor,
    next: u32,
    /// The file that is not complete.
    open: Option<(u32, Sent)>,
    /// Complete, as the visitor was told.
    complete: Vec<u32>,
}

/// The bytes of a file, which say which one it is.
fn content(file: u32) -> Vec<u8> {
    let line = format!("this is file {file:08}\n");
    line.bytes().cycle().take(CHUNK * CHUNKS as usize).collect()
}

/// The status and the head of the answer to a request.
async fn ask(visitor: &Visitor, head: &str, body: &[u8]) -> io::Result<(u16, String)> {
    let request = async {
        let mut stream = TcpStream::connect(&visitor.address).await?;
        let head = format!(
            "{head}Host: {}\r\nTus-Resumable: 1.0.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            visitor.name,
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or(ErrorKind::UnexpectedEof)?;
        Ok((status, answer))
    };
    timeout(LIMIT, request).await.expect("it is answered")
}

impl Sender {
    /// Sends files until the program doesn't answer.
    async fn send(&mut self) {
        while self.step().await.is_some() {}
    }

    /// One request; `None` if it was not answered by the program.
    async fn step(&mut self) -> Option<()> {
        let (file, sent) = self.open.get_or_insert_with(|| {
            self.next += 1;
            (self.next, Sent::default())
        });
        let Some(location) = &sent.location else {
            let head = format!(
                "POST /?upload HTTP/1.1\r\nUpload-Length: {}\r\nUpload-Metadata: filename YQ==\r\n",
                CHUNK as u64 * CHUNKS
            );
            let (status, answer) = ask(&self.visitor, &head, b"").await.ok()?;
            if status >= 500 {
                return None;
            }
            assert_eq!(status, 201, "{answer}");
            sent.location = field(&answer, "location").map(Into::into);
            return Some(());
        };
        let content = content(*file);
        let begin = sent.acknowledged as usize;
        let body = &content[begin..content.len().min(begin + CHUNK)];
        let head = format!(
            "PATCH {location} HTTP/1.1\r\nUpload-Offset: {begin}\r\nContent-Type: application/offset+octet-stream\r\n"
        );
        let (status, answer) = ask(&self.visitor, &head, body).await.ok()?;
        if status >= 500 {
            return None;
        }
        assert_eq!(status, 204, "{answer}");
        sent.acknowledged += body.len() as u64;
        self.end_if_complete();
        Some(())
    }

    /// After a restart: where the upload that was interrupted goes on.
    async fn look(&mut self) {
        let Some((file, sent)) = &mut self.open else {
            return;
        };
        let Some(location) = &sent.location else {
            // Nobody has said that it began.
            return;
        };
        let head = format!("HEAD {location} HTTP/1.1\r\n");
        let (status, answer) = ask(&self.visitor, &head, b"").await.unwrap();
        assert!(
            [200, 204].contains(&status),
            "file {file} is lost: {answer}"
        );
        let offset: u64 = field(&answer, "upload-offset").unwrap().parse().unwrap();
        assert!(
            offset >= sent.acknowledged,
            "file {file}: {offset} of {} bytes are there",
            sent.acknowledged
        );
        sent.acknowledged = offset;
        self.end_if_complete();
    }

    fn end_if_complete(&mut self) {
        let is_complete = |(_, sent): &mut (u32, Sent)| sent.acknowledged == CHUNK as u64 * CHUNKS;
        if let Some((file, _)) = self.open.take_if(is_complete) {
            self.complete.push(file);
        }
    }
}

/// The files in the folder, each of which is whole, and how often each is there.
fn received(home: &Home) -> BTreeMap<u32, u32> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(home.path("Homework")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            continue;
        }
        let bytes = fs::read(entry.path()).unwrap();
        let number = bytes
            .get(13..21)
            .and_then(|number| str::from_utf8(number).ok());
        let number = number.unwrap_or_else(|| panic!("{entry:?} is not whole"));
        let number: u32 = number.parse().unwrap();
        assert!(bytes == content(number), "{entry:?} is not whole");
        *found.entry(number).or_default() += 1;
    }
    found
}

/// The share at its address on this computer, where it is served before its link works again.
async fn resumed(home: &Home) -> Visitor {
    let served = timeout(LIMIT, async {
        loop {
            if let [share] = &listed(home).await[..]
                && let Some(link) = share["local_link"].as_str()
            {
                let address = link.trim_start_matches("http://").trim_end_matches('/');
                break address.to_owned();
            }
        }
    });
    let address = served.await.expect("it is resumed");
    Visitor {
        name: address.clone(),
        address,
    }
}

/// Lets a visitor send for a while that is different each time, and kills the program.
async fn send_until_killed(sender: &mut Sender, program: &mut Child, round: u32) {
    let moment = Duration::from_micros(u64::from(round) * 7919 % 150_000);
    let killed = async {
        sleep(moment).await;
        program.kill().await.unwrap();
    };
    tokio::join!(sender.send(), killed);
}

#[test]
fn nothing_that_was_acknowledged_is_lost_and_no_file_is_there_in_part() {
    let kills = env::var(KILLS).map_or(FEW, |kills| kills.parse().unwrap());
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[app]\nresume = true\n");
        let mut program = start(&home).await;
        let shared = run(&home, &["receive", "Homework"]).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        let mut sender = Sender {
            visitor: Visitor::of(&edge, &shared.out),
            next: 0,
            open: None,
            complete: Vec::new(),
        };
        for round in 1..=kills {
            send_until_killed(&mut sender, &mut program, round).await;
            program = start(&home).await;
            sender.visitor = resumed(&home).await;
            sender.look().await;
        }
        while sender.open.is_some() {
            sender.step().await.expect("it is answered");
        }
        // Whoever stops the share gets everything that is complete, and nothing else.
        assert_eq!(run(&home, &["stop"]).await.code, 0);
        let received = received(&home);
        for file in &sender.complete {
            assert_eq!(received.get(file), Some(&1), "file {file}");
        }
        assert!(!sender.complete.is_empty());
    });
}
