//! Standard input as a share: the built program with a real cloudflared at the test edge.

use std::{fs, io, path::PathBuf, process::Stdio};

use crate::{
    access::{Visitor, edge},
    home::{Home, LIMIT},
    running::{Done, listed, run, start},
};
use loopback_edge::namespace;
use rustix::process::Signal;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// Runs the program with this standard input.
async fn run_with(command: &mut Command, input: &[u8]) -> Done {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may end without reading.
    let _ = stdin.write_all(input).await;
    drop(stdin);
    let output = timeout(LIMIT, child.wait_with_output()).await;
    let output = output.expect("it ends").unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What is in the spool.
fn spooled(home: &Home) -> Vec<PathBuf> {
    let entries = match fs::read_dir(home.path("state/spot-serve/spool")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => panic!("{error}"),
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

async fn is_empty(home: &Home) {
    let empty = async {
        while !spooled(home).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, empty).await.expect("nothing is kept");
}

#[test]
fn standard_input_is_shared_as_a_file_and_kept_as_long() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let program = start(&home).await;
        // More than a pipe holds.
        let content = "a line\n".repeat(20_000);
        let mut share = home.command(&["share", "-", "--name", "lines.bin"]);
        let shared = run_with(&mut share, content.as_bytes()).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        let visitor = Visitor::of(&edge, &shared.out);
        let answer = visitor.get("/lines.bin").await;
        assert_eq!(answer.status(), 200);
        assert!(answer.body == content.as_bytes(), "all of it arrives");
        let one = listed(&home).await;
        assert_eq!(one[0]["name"], "lines.bin");

        // Another one, without a name.
        let mut share = home.command(&["share", "-"]);
        let other = run_with(&mut share, b"\x1f\x8b\x08 a tar").await;
        assert_eq!(other.code, 0, "{other:?}");
        let visitor = Visitor::of(&edge, &other.out);
        assert_eq!(visitor.get("/stdin.gz").await.body, b"\x1f\x8b\x08 a tar");
        assert_eq!(spooled(&home).len(), 2);
        assert_eq!(run(&home, &["stop", "stdin.gz"]).await.code, 0);
        timeout(LIMIT, async {
            while spooled(&home).len() > 1 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("it is removed with its share");

        // A program that is killed leaves it, and the next one removes it.
        crate::home::send(program.id().unwrap(), Signal::KILL);
        crate::home::gone(program.id().unwrap()).await;
        drop(program);
        assert_eq!(spooled(&home).len(), 1);
        let _program = start(&home).await;
        is_empty(&home).await;
        assert_eq!(listed(&home).await, Vec::<Value>::new());
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_share_in_a_terminal_keeps_standard_input_until_its_end() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let mut command = home.command(&["share", "--foreground", "-"]);
        fs::write(home.path("input"), "hello").unwrap();
        command.stdin(fs::File::open(home.path("input")).unwrap());
        let mut share = home.start(&mut command);
        let name = share.public_name().await;
        let visitor = Visitor::of(&edge, &name);
        assert_eq!(visitor.get("/stdin.txt").await.body, b"hello");
        share.signal(Signal::INT);
        assert_eq!(share.ended().await.code(), Some(0));
        assert_eq!(spooled(&home), Vec::<PathBuf>::new());

        // A text has a page of its own.
        let mut command = home.command(&["share", "--foreground", "-", "--text"]);
        command.stdin(fs::File::open(home.path("input")).unwrap());
        let mut share = home.start(&mut command);
        let name = share.public_name().await;
        let visitor = Visitor::of(&edge, &name);
        assert_eq!(visitor.get("/?raw").await.body, b"hello");
        let page = visitor.get("/").await.body;
        assert!(String::from_utf8_lossy(&page).contains("A text for you"));
        share.signal(Signal::TERM);
        assert_eq!(share.ended().await.code(), Some(0));
    });
}

#[test]
fn what_can_not_be_shared_from_standard_input_is_explained() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        for (arguments, input, code, words) in [
            (&["share", "-"][..], "", 1, "Standard input is empty"),
            (&["share", "-", "Photos"], "x", 2, "is shared on its own"),
            (
                &["share", "-", "--name=a/b"],
                "x",
                1,
                "it has a slash in it",
            ),
            (
                &["share", "Photos", "--name=x"],
                "x",
                2,
                "--name and --text are for",
            ),
            (
                &["share", "-", "--password"],
                "x",
                2,
                "can't be the password and",
            ),
            (
                &["share", "-", "--password-file=-"],
                "x",
                2,
                "can't be the password and",
            ),
            (
                &["share", "-", "--uploads"],
                "x",
                2,
                "to a shared folder only",
            ),
            (
                &["share", "--clipboard"],
                "",
                1,
                "Couldn't read the clipboard",
            ),
        ] {
            let refused = run_with(&mut home.command(arguments), input.as_bytes()).await;
            assert_eq!(refused.code, code, "{refused:?}");
            assert!(refused.err.contains(words), "{refused:?}");
            assert_eq!(spooled(&home), Vec::<PathBuf>::new(), "{arguments:?}");
        }
        // Ctrl-C while it is read.
        let mut command = home.command(&["share", "-"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"some of it").await.unwrap();
        let is_read = || {
            let file = spooled(&home).pop().map(|folder| folder.join("stdin"));
            file.is_some_and(|file| fs::read(file).is_ok_and(|read| !read.is_empty()))
        };
        timeout(LIMIT, async {
            while !is_read() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("it is being read");
        crate::home::send(child.id().unwrap(), Signal::INT);
        let ended = timeout(LIMIT, child.wait_with_output()).await;
        let ended = ended.expect("it ends").unwrap();
        let words = String::from_utf8(ended.stderr).unwrap();
        assert!(words.contains("Cancelled. Nothing is shared."), "{words}");
        assert_eq!(ended.status.code(), Some(1));
        is_empty(&home).await;
    });
}

#[test]
fn whoever_waits_for_the_link_is_not_held() {
    namespace::run(async {
        let edge = edge().await;
        let nowhere = ["--edge".to_owned(), "127.0.0.1:1".to_owned()];
        let home = Home::with_tunnel(&namespace::cloudflared(), &edge.api_url(), &nowhere, "");
        let program = start(&home).await;
        let mut command = home.command(&["share", "-"]);
        fs::write(home.path("input"), "hello").unwrap();
        command.stdin(fs::File::open(home.path("input")).unwrap());
        let mut share = home.start(&mut command);
        share.err.line("connecting").await;
        share.signal(Signal::INT);
        assert_eq!(share.ended().await.code(), Some(1));
        share.err.line("goes on sharing it").await;
        assert_eq!(listed(&home).await.len(), 1);
        drop(program);
    });
}
