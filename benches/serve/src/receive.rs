//! Files that visitors hand in: ours side by side with dufs, copyparty and miniserve.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::load::Target;
use crate::peers::Peer;
use crate::process::{cpu, memory_mb};
use crate::table::{median, names, ratio};
use crate::tunnel::{Edge, Tunnel};

const LARGE_BYTES: u64 = 2 << 30;
const SMALL_FILES: u64 = 10_000;
const SMALL_BYTES: u64 = 10 << 10;
/// Connections that send the small files.
const CONNECTIONS: u64 = 8;
/// What the page sends at a time.
const CHUNK_BYTES: u64 = 16 << 20;
/// How much goes through a tunnel.
const THROUGH_BYTES: u64 = 256 << 20;

/// A disk takes no longer for any of this.
const WRITTEN_WITHIN: Duration = Duration::from_secs(300);

const BOUNDARY: &str = "bench-serve-boundary";

/// How a server takes a file.
#[derive(Clone, Copy)]
enum Way {
    /// `PUT /NAME`.
    Put,
    /// A form, as miniserve's page sends it.
    Form,
}

/// A server that takes files, and the folder that they go to.
struct Taker {
    peer: Peer,
    way: Way,
    folder: PathBuf,
}

impl Taker {
    /// Starts all servers: ours first.
    fn start_all(tools: &Path) -> Vec<Self> {
        let taker = |name: &'static str, command: &dyn Fn(&Path) -> Command, port, way| {
            let folder = empty_folder(&tools.join("received").join(name));
            let peer = Peer::start(name, command(&folder), port);
            Self { peer, way, folder }
        };
        vec![
            taker("spot-serve", &|folder| ours(folder, 18091), 18091, Way::Put),
            taker(
                "dufs",
                &|folder| {
                    let mut dufs = Command::new(tools.join("bin/dufs"));
                    dufs.args(["-b", "127.0.0.1", "-p", "18092", "--log-format", "", "-A"]);
                    dufs.arg(folder);
                    dufs
                },
                18092,
                Way::Put,
            ),
            taker(
                "copyparty",
                &|folder| {
                    let mut copyparty = Command::new(tools.join("copyparty/bin/python"));
                    copyparty.args(["-m", "copyparty", "-q", "-i", "127.0.0.1", "-p", "18093"]);
                    // No database, and no index of what it has: only the files.
                    copyparty.args(["--no-thumb", "-v"]);
                    copyparty.arg(format!("{}::rw", folder.display()));
                    copyparty.env("HOME", folder.parent().expect("a parent"));
                    copyparty
                },
                18093,
                Way::Put,
            ),
            taker(
                "miniserve",
                &|folder| {
                    let mut miniserve = Command::new(tools.join("bin/miniserve"));
                    miniserve.args(["-i", "127.0.0.1", "-p", "18094", "-u", "--"]);
                    miniserve.arg(folder);
                    miniserve
                },
                18094,
                Way::Form,
            ),
        ]
    }

    fn target(&self) -> Target {
        Target::of(self.peer.port)
    }

    /// Removes a large file that it has received, and moves small ones to the folder `aside`. Hidden files
    /// are its own.
    ///
    /// For minutes after many files were removed, ext4 spends most of its time on finding an inode that
    /// was not used by one of them. Whoever comes next would be measured with that.
    fn empty(&self, aside: &Path) {
        fs::create_dir_all(aside).expect("a folder");
        for entry in fs::read_dir(&self.folder).expect("the folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.metadata().expect("a file").len() > SMALL_BYTES {
                fs::remove_file(entry.path()).expect("a file");
            } else {
                fs::rename(entry.path(), aside.join(name)).expect("a file");
            }
        }
    }

    /// Waits until so many files of this size are there. Ours answers when a file is safe, and puts it
    /// in its place once it is written to the disk; the others don't wait for the disk.
    fn wait_for(&self, count: u64, bytes: u64) {
        let begun = Instant::now();
        while self.count(bytes) != count {
            assert!(begun.elapsed() < WRITTEN_WITHIN, "{}", self.peer.name);
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// How many files of this size are there.
    fn count(&self, bytes: u64) -> u64 {
        let entries = fs::read_dir(&self.folder).expect("the folder");
        let sizes = entries.map(|entry| entry.and_then(|entry| entry.metadata()).expect("a file"));
        sizes
            .filter(|file| file.is_file() && file.len() == bytes)
            .count() as u64
    }
}

/// The command for our server as an inbox.
fn ours(folder: &Path, port: u16) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("receive").arg(folder).arg(port.to_string());
    command
}

/// One large file and many small ones: all servers alternately.
pub fn receive(tools: &Path, rounds: usize) {
    let aside = empty_folder(&tools.join("received/aside"));
    let takers = Taker::start_all(tools);
    let peers: Vec<&Peer> = takers.iter().map(|taker| &taker.peer).collect();
    println!(
        "| receiving | {} | vs fastest other | goal |",
        names(&peers)
    );
    println!("|---|{}---|---|", "---|".repeat(takers.len()));
    let (speeds, costs) = alternately(&takers, &aside, rounds, LARGE_BYTES, |taker| {
        let mut sender = Sender::new(&taker.target(), taker.way);
        let begun = Instant::now();
        sender.send("large.bin", LARGE_BYTES);
        let speed = (LARGE_BYTES >> 30) as f64 / begun.elapsed().as_secs_f64();
        taker.wait_for(1, LARGE_BYTES);
        speed
    });
    print_row("2 GiB file, GiB/s (CPU s/GiB)", &speeds, &costs, 1);
    let (speeds, costs) = alternately(&takers, &aside, rounds, SMALL_FILES << 30, |taker| {
        let begun = Instant::now();
        send_many(&taker.target(), taker.way);
        let speed = SMALL_FILES as f64 / begun.elapsed().as_secs_f64();
        taker.wait_for(SMALL_FILES, SMALL_BYTES);
        speed
    });
    print_row(
        "10,000 files of 10 KiB, files/s (CPU s)",
        &speeds,
        &costs,
        0,
    );
    let (speeds, costs) = alternately(
        &takers,
        &aside.join("synced"),
        rounds,
        SMALL_FILES << 30,
        |taker| {
            sync(&taker.folder);
            let begun = Instant::now();
            send_many(&taker.target(), taker.way);
            taker.wait_for(SMALL_FILES, SMALL_BYTES);
            sync(&taker.folder);
            SMALL_FILES as f64 / begun.elapsed().as_secs_f64()
        },
    );
    print_row(
        "the same, until they are on the disk, files/s (CPU s)",
        &speeds,
        &costs,
        0,
    );
    println!();
    drop(takers);
    fs::remove_dir_all(aside).expect("a folder");

    println!("| receiving, alone | memory peak, MB | goal |");
    println!("|---|---|---|");
    let folder = empty_folder(&tools.join("received/spot-serve"));
    let peer = Peer::start("spot-serve", ours(&folder, 18091), 18091);
    let target = Target::of(peer.port);
    let under_way: Vec<_> = (0..50)
        .map(|number| {
            let mut sender = Sender::new(&target, Way::Put);
            sender.begin(&format!("{number}.bin"), 64 << 20);
            sender
        })
        .collect();
    thread::scope(|scope| {
        for mut sender in under_way {
            scope.spawn(move || {
                sender.send_bytes(64 << 20);
                sender.end();
            });
        }
    });
    println!(
        "| 50 uploads of 64 MiB at once | {:.1} | 20 MB |\n",
        memory_mb(peer.pid(), "VmHWM")
    );
    drop(peer);
    empty_folder(&folder);
}

/// Chunks of a resumable upload through a real cloudflared, beside files of the same size.
pub fn receive_through_tunnel(tools: &Path, cloudflared: &Path, edge: &Path, rounds: usize) {
    println!("| receiving through cloudflared, MiB/s | resumable | plain PUT | ratio | goal |");
    println!("|---|---|---|---|---|");
    let folder = empty_folder(&tools.join("received/spot-serve"));
    let peer = Peer::start("spot-serve", ours(&folder, 18091), 18091);
    for protocol in ["quic", "http2"] {
        let edge = Edge::start(edge);
        let tunnel = Tunnel::start(cloudflared, &edge, protocol, peer.port);
        let target = &tunnel.target;
        let mib = (THROUGH_BYTES >> 20) as f64;
        let (mut resumable, mut plain) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            for turn in 0..2 {
                let begun = Instant::now();
                if (round + turn) % 2 == 0 {
                    send_resumable(target);
                    resumable.push(mib / begun.elapsed().as_secs_f64());
                } else {
                    let mut sender = Sender::new(target, Way::Put);
                    for number in 0..THROUGH_BYTES / CHUNK_BYTES {
                        sender.send(&format!("{round}-{number}.bin"), CHUNK_BYTES);
                    }
                    plain.push(mib / begun.elapsed().as_secs_f64());
                }
            }
            remove_files(&folder);
        }
        println!(
            "| {protocol}, chunks of 16 MiB | {:.0} | {:.0} | {:.2} | 1.0 |",
            median(&resumable),
            median(&plain),
            ratio(&resumable, &plain)
        );
    }
    println!();
}

/// Speeds and processor seconds of each server. `bytes` is what the CPU time is for, in GiB. `aside` is a
/// folder for small files that were received.
fn alternately(
    takers: &[Taker],
    aside: &Path,
    rounds: usize,
    bytes: u64,
    run: impl Fn(&Taker) -> f64,
) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut speeds = vec![Vec::new(); takers.len()];
    let mut costs = vec![Vec::new(); takers.len()];
    let gib = if bytes == LARGE_BYTES { 2.0 } else { 1.0 };
    for round in 0..rounds {
        for turn in 0..takers.len() {
            let index = (round + turn) % takers.len();
            let taker = &takers[index];
            let before = cpu(taker.peer.pid());
            speeds[index].push(run(taker));
            let used = cpu(taker.peer.pid()) - before;
            costs[index].push(used.as_secs_f64() / gib);
            taker.empty(&aside.join(format!("{round}-{}", taker.peer.name)));
        }
    }
    (speeds, costs)
}

fn print_row(name: &str, speeds: &[Vec<f64>], costs: &[Vec<f64>], digits: usize) {
    let cells: Vec<String> = (speeds.iter().zip(costs))
        .map(|(speed, cost)| format!("{:.digits$} ({:.2})", median(speed), median(cost)))
        .collect();
    let others = speeds[1..].iter();
    let fastest = others.max_by(|one, other| median(one).total_cmp(&median(other)));
    println!(
        "| {name} | {} | {:.2} | 1.0 |",
        cells.join(" | "),
        ratio(&speeds[0], fastest.expect("others"))
    );
}

/// Sends the small files over several connections.
fn send_many(target: &Target, way: Way) {
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut sender = Sender::new(target, way);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= SMALL_FILES {
                        break;
                    }
                    sender.send(&format!("{number}.bin"), SMALL_BYTES);
                }
            });
        }
    });
}

/// Sends a file as the page does, chunk by chunk.
fn send_resumable(target: &Target) {
    let mut sender = Sender::new(target, Way::Put);
    let create = format!(
        "POST /?upload HTTP/1.1\r\nHost: {}\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Length: {THROUGH_BYTES}\r\nUpload-Metadata: filename bGFyZ2UuYmlu\r\n\
         Content-Length: 0\r\n\r\n",
        target.host
    );
    sender.write(create.as_bytes());
    let head = sender.end();
    let lower = head.to_lowercase();
    let start = lower.find("location: ").expect("a location") + 10;
    let upload = head[start..].lines().next().unwrap_or_default().to_owned();
    for chunk in 0..THROUGH_BYTES / CHUNK_BYTES {
        let patch = format!(
            "PATCH {upload} HTTP/1.1\r\nHost: {}\r\nTus-Resumable: 1.0.0\r\n\
             Upload-Offset: {}\r\nContent-Type: application/offset+octet-stream\r\n\
             Content-Length: {CHUNK_BYTES}\r\n\r\n",
            target.host,
            chunk * CHUNK_BYTES
        );
        sender.write(patch.as_bytes());
        sender.send_bytes(CHUNK_BYTES);
        sender.end();
    }
}

/// A visitor who hands in files over one connection.
struct Sender {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
    target: Target,
    way: Way,
    content: Vec<u8>,
}

impl Sender {
    fn new(target: &Target, way: Way) -> Self {
        let (stream, answers) = Self::connect(target);
        Self {
            stream,
            answers,
            target: target.clone(),
            way,
            content: vec![7; 256 << 10],
        }
    }

    fn connect(target: &Target) -> (TcpStream, BufReader<TcpStream>) {
        let stream = TcpStream::connect(target.address).expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let answers = BufReader::new(stream.try_clone().expect("a descriptor"));
        (stream, answers)
    }

    /// Sends a file and waits until it is there.
    fn send(&mut self, name: &str, bytes: u64) {
        self.begin(name, bytes);
        self.send_bytes(bytes);
        if let Way::Form = self.way {
            self.write(form_end().as_bytes());
        }
        self.end();
    }

    /// Sends everything before the content.
    fn begin(&mut self, name: &str, bytes: u64) {
        let host = self.target.host.clone();
        let head = match self.way {
            Way::Put => {
                format!("PUT /{name} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {bytes}\r\n\r\n")
            }
            Way::Form => {
                let part = format!(
                    "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"path\"; \
                     filename=\"{name}\"\r\n\r\n"
                );
                let length = part.len() as u64 + bytes + form_end().len() as u64;
                format!(
                    "POST /upload?path=/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: \
                     multipart/form-data; boundary={BOUNDARY}\r\n\
                     Content-Length: {length}\r\n\r\n{part}"
                )
            }
        };
        self.write(head.as_bytes());
    }

    fn send_bytes(&mut self, mut left: u64) {
        while left > 0 {
            let length = left.min(self.content.len() as u64);
            self.stream
                .write_all(&self.content[..length as usize])
                .expect("the server reads");
            left -= length;
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the server reads");
    }

    /// Reads the answer, and returns its head.
    fn end(&mut self) -> String {
        let (mut head, mut length, mut closes, mut is_chunked) = (String::new(), 0, false, false);
        loop {
            let mut line = String::new();
            let read = self.answers.read_line(&mut line).expect("an answer");
            assert!(read > 0, "no answer: {head}");
            let lower = line.to_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            closes |= lower.starts_with("connection: close");
            is_chunked |= lower.starts_with("transfer-encoding: chunked");
            head += &line;
            if line == "\r\n" {
                break;
            }
        }
        let is_done = ["HTTP/1.1 2", "HTTP/1.1 303"];
        assert!(
            is_done.iter().any(|start| head.starts_with(start)),
            "{head}"
        );
        if closes || is_chunked {
            (self.stream, self.answers) = Self::connect(&self.target);
        } else {
            let mut body = vec![0; length];
            self.answers.read_exact(&mut body).expect("a body");
        }
        head
    }
}

fn form_end() -> String {
    format!("\r\n--{BOUNDARY}--\r\n")
}

/// Waits until everything on the file system of a folder is on the disk.
fn sync(folder: &Path) {
    let status = Command::new("sync").arg("-f").arg(folder).status();
    assert!(status.expect("sync").success());
}

/// Removes the files that were received. The folder stays, because it is shared.
fn remove_files(folder: &Path) {
    for entry in fs::read_dir(folder).expect("the folder") {
        let entry = entry.expect("an entry");
        if entry.metadata().expect("a file").is_file() {
            fs::remove_file(entry.path()).expect("a file");
        }
    }
}

fn empty_folder(folder: &Path) -> PathBuf {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder");
    folder.to_owned()
}
