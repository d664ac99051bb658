//! Who may see a share, and for how long: the built program with a real cloudflared at the test edge.

use std::{
    fs,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use crate::{
    home::{Answer, Home, LIMIT, get, open},
    running::{Done, listed, run, start},
};
use loopback_edge::{Edge, Options, namespace, needs};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::{sleep, timeout},
};

const PASSWORD: &str = "the password";

async fn edge() -> Edge {
    Edge::start(Options::default()).await.unwrap()
}

/// A visitor of a public name.
struct Visitor {
    address: String,
    name: String,
}

impl Visitor {
    fn of(edge: &Edge, link: &str) -> Self {
        Self {
            address: edge.public_addr().to_string(),
            name: link.trim_end().trim_start_matches("https://").to_owned(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        get(&self.address, &self.name, path).await
    }

    /// The status of an answer to somebody with this password.
    async fn status_with(&self, password: &str) -> u16 {
        let url = format!("http://{}/a.txt", self.address);
        let (host, user) = (format!("Host: {}", self.name), format!("anyone:{password}"));
        let written = ["-s", "-o", "/dev/null", "-w", "%{http_code}"];
        let arguments = [&written[..], &["-H", &host, "-u", &user, &url]].concat();
        let answer = program(Path::new("/"), "curl", &arguments).await;
        let status = String::from_utf8(answer.stdout).unwrap();
        status.parse().unwrap()
    }
}

/// Runs another program to its end.
async fn program(folder: &Path, name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(name);
    command
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.expect("it ends");
    output.unwrap()
}

/// Writes the password to a file, and shares the folder with it.
async fn share_with_password(home: &Home, more: &[&str]) -> Done {
    fs::write(home.path("password"), format!("{PASSWORD}\n")).unwrap();
    let mut arguments = vec!["share", "Photos", "--password-file", "password"];
    arguments.extend(more);
    let shared = run(home, &arguments).await;
    assert_eq!(shared.code, 0, "{shared:?}");
    shared
}

#[test]
fn a_password_is_set_changed_and_removed_under_the_same_link() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = share_with_password(&home, &[]).await;
        assert!(
            !shared.err.contains(PASSWORD),
            "the user knows it: {shared:?}"
        );
        let visitor = Visitor::of(&edge, &shared.out);
        let closed = visitor.get("/a.txt").await;
        assert_eq!(closed.status(), 401);
        assert!(!String::from_utf8_lossy(&closed.body).contains("a.txt"));
        assert_eq!(visitor.status_with("wrong").await, 401);
        assert_eq!(visitor.status_with(PASSWORD).await, 200);

        let changed = run(&home, &["set", "--password=another one"]).await;
        assert!(
            changed.out.contains("password   another one"),
            "{changed:?}"
        );
        assert_eq!(visitor.status_with(PASSWORD).await, 401);
        assert_eq!(visitor.status_with("another one").await, 200);

        let shown = run(&home, &["set", "Photos"]).await;
        assert_eq!(shown.out, changed.out);
        let removed = run(&home, &["set", "Photos", "--no-password"]).await;
        assert!(removed.out.contains("password   none"), "{removed:?}");
        assert_eq!(visitor.get("/a.txt").await.body, b"hello");
        let link = listed(&home).await[0]["link"].clone();
        assert_eq!(link, json!(shared.out.trim_end()), "the link stays");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_generated_password_is_told_to_the_user() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let settings = home.path("config/spot-serve/config.toml");
        let before = fs::read_to_string(&settings).unwrap();
        fs::write(&settings, before + "[share]\npassword = true\n").unwrap();
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let told = shared
            .err
            .lines()
            .find_map(|line| line.strip_prefix("password: "));
        let password = told.unwrap_or_else(|| panic!("{shared:?}"));
        assert_eq!(password.split('-').count(), 4, "{shared:?}");
        let visitor = Visitor::of(&edge, &shared.out);
        assert_eq!(visitor.get("/").await.status(), 401);
        assert_eq!(visitor.status_with(password).await, 200);
        // As somebody says it on the phone.
        let said = password.replace('-', " ").to_uppercase();
        assert_eq!(visitor.status_with(&said).await, 200);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn programs_download_with_a_password() {
    if !needs::met(&["curl", "wget", "aria2c", "rclone"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(home.path("Photos/big.bin"), &content).unwrap();
        let mut share = home.start(&mut home.command(&[
            "share",
            "--foreground",
            "Photos",
            "--password=secret",
        ]));
        let name = share.public_name().await;
        let (public, local) = (edge.public_addr(), share.local().await);
        let header = format!("Host: {name}");
        // With a user and without, before they are asked and after.
        for (tool, arguments) in [
            ("curl", vec!["-sfO", "-u", "me:secret"]),
            ("curl", vec!["-sfO", "--anyauth", "-u", ":secret"]),
            ("wget", vec!["-q", "--user=me", "--password=secret"]),
            (
                "aria2c",
                vec![
                    "-q",
                    "-x4",
                    "-k1M",
                    "--http-user=me",
                    "--http-passwd=secret",
                ],
            ),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("http://{public}/big.bin");
            let flag = if tool == "curl" { "-H" } else { "--header" };
            let header = if tool == "curl" {
                vec![flag.to_owned(), header.clone()]
            } else {
                vec![format!("{flag}={header}")]
            };
            let mut all: Vec<&str> = arguments.clone();
            all.extend(header.iter().map(String::as_str));
            all.push(&url);
            let done = program(folder.path(), tool, &all).await;
            assert!(done.status.success(), "{tool} {arguments:?}: {done:?}");
            let got = fs::read(folder.path().join("big.bin")).unwrap();
            assert!(got == content, "{tool} {arguments:?}");
        }
        // rclone can't name another host, so it comes from this computer.
        let folder = tempfile::tempdir().unwrap();
        let remote = format!(":http,url='http://me:secret@{local}/':");
        let done = program(folder.path(), "rclone", &["copy", &remote, "copy"]).await;
        assert!(done.status.success(), "{done:?}");
        assert!(fs::read(folder.path().join("copy/big.bin")).unwrap() == content);
        assert_eq!(
            fs::read(folder.path().join("copy/a.txt")).unwrap(),
            b"hello"
        );
    });
}

/// A terminal that runs a program, waits for the prompt with the echo switched off, and types.
const TERMINAL: &str = r#"
import os, pty, sys, termios, time
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
typed = False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
    if b"Password for visitors" in said and not typed:
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            time.sleep(0.01)
        os.write(terminal, b"typed by hand\n")
        typed = True
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

#[test]
fn a_password_is_asked_for_without_showing_it() {
    if !needs::met(&["python3", "curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let mut home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let which = ["-c", "import sys; print(sys.executable)"];
        let python = program(Path::new("/"), "python3", &which).await;
        let python = String::from_utf8(python.stdout).unwrap();
        home.before = vec![python.trim_end().into(), "-c".into(), TERMINAL.into()];
        let shared = run(&home, &["share", "Photos", "--password"]).await;
        home.before.clear();
        assert_eq!(shared.code, 0, "{shared:?}");
        assert!(shared.out.contains("Password for visitors"), "{shared:?}");
        assert!(!shared.out.contains("typed by hand"), "{shared:?}");
        let link = listed(&home).await[0]["link"].clone();
        let visitor = Visitor::of(&edge, link.as_str().unwrap());
        assert_eq!(visitor.status_with("typed by hand").await, 200);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn options_that_make_no_sense_are_refused_with_a_hint() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        fs::write(home.path("empty"), "\n").unwrap();
        for (option, code, hint) in [
            ("--for=90", 2, "such as 90m"),
            ("--downloads=0", 2, "from 1 on, or unlimited"),
            ("--password=", 1, "The password is empty."),
            ("--password-file=empty", 1, "The password is empty."),
            ("--password-file=none", 1, "none: No such file"),
        ] {
            let refused = run(&home, &["share", "Photos", option]).await;
            assert_eq!(refused.code, code, "{refused:?}");
            assert!(refused.err.contains(hint), "{option}: {refused:?}");
        }
    });
}

async fn the_last_download_arrives_over(protocol: &str) {
    let edge = edge().await;
    let home = Home::with_tunnel(
        &namespace::cloudflared(),
        &edge.api_url(),
        &edge.edge_args(),
        &format!("protocol = {protocol:?}"),
    );
    // More than what fits into the buffers on the way.
    let content: Vec<u8> = (0..8_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(home.path("Photos/big.bin"), &content).unwrap();
    let arguments = ["share", "--foreground", "--downloads=1", "Photos"];
    let mut share = home.start(&mut home.command(&arguments));
    let name = share.public_name().await;
    let public = edge.public_addr().to_string();
    // What is not a whole file doesn't count.
    let head = get(&public, &name, "/?json").await;
    assert_eq!(head.status(), 200);
    let mut slow = open(&public, &name, "/big.bin").await;
    let mut all = Vec::new();
    let mut part = vec![0; 1 << 20];
    // The server has sent everything long before this visitor has it.
    while !share.err.so_far().contains("ending") {
        let count = timeout(LIMIT, slow.read(&mut part)).await.unwrap().unwrap();
        assert!(count > 0, "cut off before the end");
        all.extend_from_slice(&part[..count]);
        sleep(Duration::from_millis(1)).await;
    }
    let late = get(&public, &name, "/a.txt").await;
    assert_eq!(late.status(), 410, "nothing new is served");
    let rest = timeout(LIMIT, slow.read_to_end(&mut all)).await;
    rest.unwrap().unwrap();
    let start = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(Sha256::digest(&all[start..]), Sha256::digest(&content));
    assert_eq!(share.ended().await.code(), Some(0));
    share.err.line("It was downloaded once.").await;
}

#[test]
fn the_last_download_arrives_whole_over_quic() {
    namespace::run(async { the_last_download_arrives_over("quic").await });
}

#[test]
fn the_last_download_arrives_whole_over_http2() {
    namespace::run(async { the_last_download_arrives_over("http2").await });
}

/// The saved shares, once they are as wanted.
async fn saved(home: &Home, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let file = home.path("state/spot-serve/resume.json");
    timeout(LIMIT, async {
        loop {
            let text = fs::read_to_string(&file).unwrap_or_default();
            match serde_json::from_str(&text) {
                Ok(saved) if is_wanted(&saved) => return saved,
                _ => sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
    .expect("it is saved")
}

#[test]
fn settings_are_resumed_with_their_share_until_its_time_is_over() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let settings = home.path("config/spot-serve/config.toml");
        let before = fs::read_to_string(&settings).unwrap();
        fs::write(&settings, before + "[app]\nresume = true\n").unwrap();
        let mut program = start(&home).await;
        let shared = share_with_password(&home, &["--for=2h", "--downloads=7"]).await;
        let is_whole = |saved: &Value| {
            saved.to_string().contains("password-hash") && saved.to_string().contains("hostname")
        };
        let mut first = saved(&home, is_whole).await;
        assert!(!first.to_string().contains(PASSWORD));
        program.kill().await.unwrap();

        // As if most of the two hours had passed meanwhile.
        let share = first.as_object_mut().unwrap().values_mut().next().unwrap();
        share["settings"]["time"]["left-s"] = json!(10);
        fs::write(home.path("state/spot-serve/resume.json"), first.to_string()).unwrap();
        let _program = start(&home).await;
        let again = timeout(LIMIT, async {
            loop {
                match &listed(&home).await[..] {
                    [share] if share["state"] == "online" => break share.clone(),
                    _ => {}
                }
            }
        });
        let again = again.await.expect("it is resumed");
        assert_eq!(again["link"], json!(shared.out.trim_end()));
        assert_eq!(
            (&again["protected"], &again["downloads_left"]),
            (&json!(true), &json!(7))
        );
        assert!(again["ends_in_s"].as_u64().unwrap() <= 10, "{again}");
        let visitor = Visitor::of(&edge, &shared.out);
        assert_eq!(visitor.get("/a.txt").await.status(), 401);
        assert_eq!(visitor.status_with(PASSWORD).await, 200);
        timeout(LIMIT, async { while !listed(&home).await.is_empty() {} })
            .await
            .expect("it ends by itself");
        assert_eq!(
            saved(&home, |_| true).await,
            json!({}),
            "nothing is resumed"
        );
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_download_over_several_connections_counts_once_it_is_whole() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos", "--downloads=2"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let left = async || listed(&home).await[0]["downloads_left"].clone();
        let part = async |range: &str| {
            let mut stream = tokio::net::TcpStream::connect(&visitor.address)
                .await
                .unwrap();
            let request = format!(
                "GET /a.txt HTTP/1.1\r\nHost: {}\r\nRange: bytes={range}\r\nConnection: close\r\n\r\n",
                visitor.name
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut all = String::new();
            stream.read_to_string(&mut all).await.unwrap();
            assert!(all.starts_with("HTTP/1.1 206"), "{all}");
        };
        part("0-2").await;
        part("0-2").await;
        assert_eq!(left().await, 2);
        part("3-4").await;
        timeout(LIMIT, async { while left().await != 1 {} })
            .await
            .expect("it is counted");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn more_visitors_than_a_quick_tunnel_carries_are_asked_to_come_back() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        // Nobody has all of it for as long as nobody reads.
        let big = fs::File::create(home.path("Photos/big.bin")).unwrap();
        big.set_len(64 << 20).unwrap();
        let mut share = home.share("Photos");
        let name = share.public_name().await;
        let public = edge.public_addr().to_string();
        let mut downloads = Vec::new();
        for _ in 0..180 {
            let mut download = open(&public, &name, "/big.bin").await;
            let mut start = [0; 15];
            let read = timeout(LIMIT, download.read_exact(&mut start)).await;
            read.unwrap().unwrap();
            assert_eq!(&start, b"HTTP/1.1 200 OK");
            downloads.push(download);
        }
        let busy = get(&public, &name, "/a.txt").await;
        assert_eq!(busy.status(), 503, "{}", busy.head);
        assert!(
            busy.head.to_lowercase().contains("retry-after: "),
            "{}",
            busy.head
        );
        let local = share.local().await;
        assert_eq!(get(&local, &local, "/a.txt").await.status(), 200);
        // As soon as somebody has left, there is room.
        downloads.pop();
        timeout(LIMIT, async {
            while get(&public, &name, "/a.txt").await.status() != 200 {}
        })
        .await
        .expect("there is room again");
    });
}
