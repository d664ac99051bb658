//! Shares with a password: the built program with a real cloudflared at the test edge.

use std::{
    fs,
    path::Path,
    process::{Output, Stdio},
};

use crate::{
    home::{Answer, Home, LIMIT, get},
    running::{Done, listed, run, start},
};
use loopback_edge::{Edge, Options, namespace, needs};
use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

/// EXIF data that says 52 degrees north and 13 degrees east.
const PHOTO_WITH_PLACE: &[u8] = b"II*\0\x08\0\0\0\
    \x01\0\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0\
    \x02\0\x02\0\x05\0\x01\0\0\0\x38\0\0\0\x04\0\x05\0\x01\0\0\0\x40\0\0\0\0\0\0\0\
    \x34\0\0\0\x01\0\0\0\x0d\0\0\0\x01\0\0\0";

pub const PASSWORD: &str = "the password";

pub async fn edge() -> Edge {
    Edge::start(Options::default()).await.unwrap()
}

/// A visitor of a public name.
pub struct Visitor {
    pub address: String,
    pub name: String,
}

impl Visitor {
    pub fn of(edge: &Edge, link: &str) -> Self {
        Self {
            address: edge.public_addr().to_string(),
            name: link.trim_end().trim_start_matches("https://").to_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        get(&self.address, &self.name, path).await
    }

    /// The status of an answer to somebody with this password.
    pub async fn status_with(&self, password: &str) -> u16 {
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
pub async fn share_with_password(home: &Home, more: &[&str]) -> Done {
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
        assert_eq!(changed.code, 0, "{changed:?}");
        assert_eq!(visitor.status_with(PASSWORD).await, 401);
        assert_eq!(visitor.status_with("another one").await, 200);

        let shown = run(&home, &["set", "Photos"]).await;
        assert!(shown.out.contains("password    another one"), "{shown:?}");
        let removed = run(&home, &["set", "Photos", "--no-password"]).await;
        assert!(removed.out.contains("password    none"), "{removed:?}");
        assert_eq!(visitor.get("/a.txt").await.body, b"hello");
        let link = listed(&home).await[0]["link"].clone();
        assert_eq!(link, json!(shared.out.trim_end()), "the link stays");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn scripts_of_other_websites_are_let_in_under_the_same_link() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        for (option, may_read) in [("--cors", true), ("--no-cors", false)] {
            let set = run(&home, &["set", option]).await;
            assert_eq!(set.code, 0, "{set:?}");
            assert_eq!(set.out.contains("scripts of other websites"), may_read);
            let answer = visitor.get("/a.txt").await;
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed, may_read.then_some("*"), "{option}");
            assert_eq!(listed(&home).await[0]["cors"], json!(may_read));
        }
        let inbox = run(&home, &["receive", "Inbox", "--yes"]).await;
        assert_eq!(inbox.code, 0, "{inbox:?}");
        let refused = run(&home, &["set", "Inbox", "--cors"]).await;
        assert!(refused.code != 0 && refused.err.contains("only to folders"));
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn the_owner_is_told_of_photos_that_say_where_they_were_taken_and_can_show_it() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        fs::write(home.path("Photos/beach.jpg"), PHOTO_WITH_PLACE).unwrap();
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let warning = "Photos in it say where they were taken";
        assert!(shared.err.contains(warning), "{shared:?}");
        let visitor = Visitor::of(&edge, &shared.out);
        for (option, is_shown) in [("--show-places", true), ("--no-show-places", false)] {
            assert_eq!(run(&home, &["set", option]).await.code, 0);
            let about = visitor.get("/beach.jpg?about").await.body;
            let about: Value = serde_json::from_slice(&about).unwrap();
            assert_eq!(about["latitude"] == json!(52.0), is_shown, "{about}");
            assert_eq!(listed(&home).await[0]["show_places"], json!(is_shown));
        }
        assert_eq!(run(&home, &["stop", "Photos"]).await.code, 0);
        // Who wants that needs no warning.
        let shared = run(&home, &["share", "Photos", "--show-places"]).await;
        assert!(!shared.err.contains(warning), "{shared:?}");
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
        home.add_settings("[share]\npassword = true\n");
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
            ("--downloads=0", 2, "1 or more, or unlimited"),
            ("--password=", 1, "The password is empty."),
            ("--password-file=empty", 1, "The password is empty."),
            ("--password-file=none", 1, "none: there is no such file."),
        ] {
            let refused = run(&home, &["share", "Photos", option]).await;
            assert_eq!(refused.code, code, "{refused:?}");
            assert!(refused.err.contains(hint), "{option}: {refused:?}");
        }
    });
}
