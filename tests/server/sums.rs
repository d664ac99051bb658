//! The SHA-256 sum of a file, as `sha256sum` writes and checks it.

#![cfg(unix)]

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::fixture::dated::rest;
use crate::fixture::http::PATIENCE;
use crate::fixture::tree::{Tree, url};
use crate::fixture::{Client, Share, alone};
use loopback_edge::needs;

/// Of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn a_file_has_a_sum() {
    let tree = Tree::empty();
    tree.write("sub/a b.txt", b"hello");
    rest();
    let share = Share::folder(&tree.root);
    let target = "/sub/a%20b.txt?sha256";
    // Nobody reads a file for HEAD.
    assert_eq!(share.head_with(target, &[]).header("content-length"), None);
    let sum = share.get(target);
    assert_eq!(sum.text(), format!("{HELLO}  a b.txt\n"));
    assert_eq!(
        sum.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let head = share.head_with(target, &[]);
    assert_eq!(head.sorted_headers(), sum.sorted_headers());
    let etag = sum.header("etag").unwrap();
    assert_eq!(
        share.get_with(target, &[("If-None-Match", etag)]).status,
        304
    );
    // It is that of the file as it is now.
    tree.write("sub/a b.txt", b"hallo");
    let changed = share.get_with(target, &[("If-None-Match", etag)]);
    assert!(changed.status == 200 && !changed.text().contains(HELLO));
    for missing in ["/sub/?sha256", "/nothing?sha256", "/.hidden?sha256"] {
        assert!(!share.get(missing).text().contains(HELLO), "{missing}");
    }
}

#[test]
fn sha256sum_checks_every_name() {
    if !needs::met(&["sha256sum"]) {
        return;
    }
    let tree = Tree::empty();
    let mut sums = Vec::new();
    let names = [
        "-dash",
        "new\nline",
        "back\\slash",
        "carriage\rreturn",
        "ünïcödé",
        "#hash",
        " space",
        "empty",
    ];
    for name in names {
        let content = if name == "empty" { "" } else { name };
        tree.write(name, content.as_bytes());
    }
    let share = Share::folder(&tree.root);
    for name in names {
        sums.extend(share.get(&format!("/{}?sha256", url(name.as_bytes()))).body);
    }
    fs::write(tree.outside("sums"), &sums).unwrap();
    let check = Command::new("sha256sum")
        .args(["--check", "--strict", "../sums"])
        .current_dir(&tree.root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{check:?}");
    assert_eq!(said.matches(": OK").count(), names.len(), "{said}");
}

/// Reads until so many lines have come, and returns them.
fn lines(client: &mut Client, count: usize) -> String {
    let mut got = Vec::new();
    let end = Instant::now() + PATIENCE;
    while got.iter().filter(|byte| **byte == b'#').count() < count && Instant::now() < end {
        assert!(!client.is_closed());
        got.extend(client.take_rest());
    }
    String::from_utf8(got).unwrap()
}

#[test]
fn one_file_is_read_at_a_time_and_only_while_somebody_waits() {
    // The turn is that of the whole process.
    alone(|| {
        let tree = Tree::empty();
        // No computer reads it within the time of this test.
        let huge = File::create(tree.root.join("huge.img")).unwrap();
        huge.set_len(8 << 40).unwrap();
        tree.write("hello.txt", b"hello");
        let share = Share::folder(&tree.root);
        let other = Share::folder(&tree.root);
        let mut reading = share.client();
        reading.ask("GET", "/huge.img?sha256", &[]);
        // Whoever waits hears of it in time, and it is not the other file's turn, in any share.
        assert_eq!(reading.read_head().unwrap().status, 200);
        assert!(lines(&mut reading, 1).contains("# 0% of the file has been read."));
        let mut waiting = other.client();
        waiting.ask("GET", "/hello.txt?sha256", &[]);
        let head = waiting.read_head().unwrap();
        assert_eq!((head.status, head.header("content-length")), (200, None));
        assert!(lines(&mut waiting, 1).contains("# Waiting for another file to be read."));
        // When nobody wants the large one any more, the other is read.
        drop(reading);
        let begun = Instant::now();
        let mut got = Vec::new();
        while !got.ends_with(b"\r\n0\r\n\r\n") {
            assert!(!waiting.is_closed());
            got.extend(waiting.take_rest());
        }
        let got = String::from_utf8(got).unwrap();
        assert!(got.contains(&format!("{HELLO}  hello.txt\n")), "{got}");
        assert!(begun.elapsed() < PATIENCE.min(Duration::from_secs(30)));
    });
}
