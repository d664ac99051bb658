//! The history: the built program with a real cloudflared at the test edge.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    process::Stdio,
};

use crate::{
    access::{PASSWORD, Visitor, edge, share_with_password},
    home::{Home, LIMIT, get},
    running::{listed, run, start},
};
use loopback_edge::{namespace, needs};
use serde_json::Value;
use tokio::{process::Command, time::timeout};

fn file(home: &Home) -> PathBuf {
    home.path("state/spot-serve/history.jsonl")
}

/// The entries that programs get.
async fn activity(home: &Home) -> Vec<Value> {
    let done = run(home, &["activity", "--json"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    let lines = done.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The entries, once there are some of this kind.
async fn with_kind(home: &Home, kind: &str) -> Vec<Value> {
    let found = timeout(LIMIT, async {
        loop {
            let entries = activity(home).await;
            if entries.iter().any(|entry| entry["kind"] == kind) {
                break entries;
            }
        }
    });
    found.await.unwrap_or_else(|_| panic!("there is a {kind}"))
}

fn of<'a>(entries: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let entries = entries.iter();
    entries.filter(|entry| entry["kind"] == kind).collect()
}

/// Hands in a file under this name, as this sender.
async fn send(visitor: &Visitor, file: &str, name: &str, sender: &str) {
    let url = format!("http://{}/", visitor.address);
    let host = format!("Host: {}", visitor.name);
    let form = [
        format!("sender={sender}"),
        format!("file=@{file};filename=\"{name}\""),
    ];
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-f", "-o", "/dev/null", "-H", &host])
        .args(["--form-string", &form[0], "-F", &form[1], &url])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, curl.output()).await.expect("it ends");
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn who_sent_what_is_known_after_a_crash() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let mut program = start(&home).await;
        let nothing = run(&home, &["activity"]).await;
        assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
        assert!(
            nothing.err.contains("Nothing has happened yet."),
            "{nothing:?}"
        );
        let shared = run(&home, &["receive", "Homework"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let essay = home.path("Photos/a.txt");
        send(&visitor, essay.to_str().unwrap(), "essay.txt", "Anna").await;
        let entries = with_kind(&home, "delivery").await;
        let received = of(&entries, "file-received");
        assert_eq!(received.len(), 1, "{entries:?}");
        assert_eq!(received[0]["sender"], "Anna");
        assert_eq!(received[0]["file"], "essay.txt");
        assert_eq!(received[0]["bytes"], 5);
        assert_eq!(received[0]["name"], "Homework");
        let mode = fs::metadata(file(&home)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
        let text = fs::read_to_string(file(&home)).unwrap();
        assert!(!text.contains(&visitor.name), "no link is in it");

        program.kill().await.unwrap();
        let torn = text.clone() + r#"{"id":1,"time":"#;
        fs::write(file(&home), torn).unwrap();
        assert_eq!(activity(&home).await, entries, "without the program");
        let _program = start(&home).await;
        let again = run(&home, &["receive", "Homework"]).await;
        let visitor = Visitor::of(&edge, &again.out);
        send(&visitor, essay.to_str().unwrap(), "b.txt", "Ben").await;
        let all = timeout(LIMIT, async {
            loop {
                let all = activity(&home).await;
                if of(&all, "delivery").len() == 2 {
                    break all;
                }
            }
        });
        let all = all.await.expect("it goes on");
        assert_eq!(all[..entries.len()], entries[..], "nothing is lost");
        let starts = of(&all, "share-started").len();
        assert_eq!(starts, 2, "nor what comes after a torn line: {all:?}");
        let shares: Vec<&Value> = all.iter().map(|entry| &entry["share"]).collect();
        assert!(shares.iter().all(|share| *share == shares[0]), "{shares:?}");
        let shown = run(&home, &["activity"]).await;
        let is_line = |line: &&str| {
            line.contains("  Homework  Ben (") && line.ends_with("sent b.txt (5 bytes)")
        };
        assert!(shown.out.lines().any(|line| is_line(&line)), "{shown:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        let ended = activity(&home).await;
        assert_eq!(of(&ended, "share-ended").len(), 1, "{ended:?}");

        let cleared = run(&home, &["activity", "--clear"]).await;
        assert_eq!(cleared.code, 0, "{cleared:?}");
        assert_eq!(fs::read(file(&home)).unwrap(), b"");
        assert_eq!(activity(&home).await, [Value::Null; 0]);
    });
}

#[test]
fn visits_downloads_and_refused_passwords_are_told_as_they_happen() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let mut follow = home.start(&mut home.command(&["activity", "--follow"]));
        let shared = share_with_password(&home, &[]).await;
        follow.out.line("Photos  started").await;
        let visitor = Visitor::of(&edge, &shared.out);
        assert_eq!(visitor.status_with("wrong").await, 401);
        follow.out.line("entered a wrong password").await;
        for _ in 0..50 {
            assert_ne!(visitor.status_with("wrong").await, 200);
        }
        assert_eq!(visitor.status_with(PASSWORD).await, 200);
        follow.out.line("downloaded a.txt (5 bytes)").await;
        follow.out.line("visited").await;
        // Shortened, as when it is full.
        let text = fs::read_to_string(file(&home)).unwrap();
        let other = home.path("other");
        fs::write(&other, text.split_inclusive('\n').next_back().unwrap()).unwrap();
        fs::rename(other, file(&home)).unwrap();
        assert_eq!(run(&home, &["stop"]).await.code, 0);
        follow.out.line("Photos  ended").await;
        let told = follow.out.so_far();
        assert_eq!(told.matches("Photos  started").count(), 1, "{told}");
        assert_eq!(told.matches("visited").count(), 1, "{told}");
        let refused = told.lines().filter(|line| line.contains("wrong password"));
        assert!(refused.count() <= 3, "{told}");
        let text = fs::read_to_string(file(&home)).unwrap();
        assert!(!told.contains(PASSWORD) && !text.contains(PASSWORD));
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn names_of_strangers_do_no_harm_to_a_terminal() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["receive", "Homework"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let sent = home.path("Photos/a.txt");
        let sent = sent.to_str().unwrap();
        send(
            &visitor,
            sent,
            "\u{202e}gpj.exe\u{1b}[2J",
            "\u{1b}]0;x\u{7}\r\n2026-01-01 Homework\u{202e}",
        )
        .await;
        with_kind(&home, "delivery").await;
        for arguments in [&["activity"][..], &["activity", "--json"]] {
            let shown = run(&home, arguments).await;
            let is_harmless = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
            assert!(shown.out.chars().all(is_harmless), "{shown:?}");
        }
        let shown = run(&home, &["activity"]).await;
        let count = activity(&home).await.len();
        assert_eq!(shown.out.lines().count(), count, "a line each: {shown:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn nothing_is_written_while_it_is_off() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[app]\nhistory = false\n");
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        assert_eq!(visitor.get("/a.txt").await.body, b"hello");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        assert!(!file(&home).exists());
        let shown = run(&home, &["activity"]).await;
        assert!(shown.err.contains("The history is off"), "{shown:?}");
        assert_eq!(shown.out, "");
    });
}

#[test]
fn a_terminal_and_the_tray_app_write_the_same_history() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let mut terminal = home.share("Photos");
        let local = terminal.local().await;
        assert_eq!(get(&local, &local, "/a.txt").await.body, b"hello");
        let shared = run(&home, &["share", "Photos"]).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        terminal.signal(rustix::process::Signal::INT);
        terminal.ended().await;
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        let entries = activity(&home).await;
        for (kind, count) in [
            ("share-started", 2),
            ("visit", 1),
            ("download", 1),
            ("share-ended", 2),
        ] {
            assert_eq!(of(&entries, kind).len(), count, "{kind}: {entries:?}");
        }
        let shown = run(&home, &["activity"]).await;
        assert!(
            shown.out.contains("Photos  this computer visited"),
            "{shown:?}"
        );
    });
}

#[test]
fn a_disk_that_takes_nothing_stops_nothing() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        fs::create_dir_all(home.path("state/spot-serve")).unwrap();
        symlink("/dev/full", file(&home)).unwrap();
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        for _ in 0..20 {
            assert_eq!(visitor.get("/a.txt").await.body, b"hello");
        }
        assert_eq!(listed(&home).await[0]["state"], "online");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
        assert_eq!(log.matches("can't write the history").count(), 1, "{log}");
    });
}
