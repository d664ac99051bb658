//! An archive of a folder that changes while it is sent is either correct or ends early.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use crate::fixture::dated::rest;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Response, Share};
use loopback_edge::needs;

/// Asserts that an archive is valid.
fn assert_is_sound(archive: &[u8]) {
    let mut file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    file.write_all(archive).unwrap();
    if !needs::met_for_one_check("python3") {
        return;
    }
    let status = Command::new("python3")
        .args(["-m", "zipfile", "-t"])
        .arg(file.path())
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
}

/// A folder of two files. The first is so large that the second has not been read when a download
/// has just begun.
fn two_large_files() -> Tree {
    let tree = Tree::empty();
    tree.write("a", &vec![1; 30_000_000]);
    tree.write("b", &vec![2; 30_000_000]);
    tree
}

/// Begins a download.
fn begin(share: &Share) -> (Client, Response) {
    let mut client = share.client();
    client.ask("GET", "/?archive=zip", &[]);
    let head = client.read_head().unwrap();
    assert_eq!(head.status, 200);
    (client, head)
}

/// Reads the rest of a download; none if it ends before its promised end.
fn finish(mut client: Client, head: &Response) -> Option<Vec<u8>> {
    let promised: usize = head.header("content-length").unwrap().parse().unwrap();
    let mut body = client.take_rest();
    let mut left = vec![0; promised - body.len()];
    client.stream().read_exact(&mut left).ok()?;
    body.append(&mut left);
    Some(body)
}

fn resize(path: &Path, bytes: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(bytes).unwrap();
}

#[test]
fn resuming_after_the_folder_changed_starts_over() {
    let tree = Tree::empty();
    tree.write("folder/file", &[7; 100_000]);
    rest();
    let share = Share::folder(&tree.root);
    let etag = share.head_with("/?archive=zip", &[]);
    let etag = etag.header("etag").unwrap();
    let going_on = [("Range", "bytes=100-"), ("If-Range", etag)];
    assert_eq!(share.get_with("/?archive=zip", &going_on).status, 206);
    assert_eq!(
        share
            .get_with("/?archive=zip", &[("If-None-Match", etag)])
            .status,
        304
    );
    tree.write("new file", b"new");
    let response = share.get_with("/?archive=zip", &going_on);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-range"), None);
}

#[test]
fn a_file_that_shrinks_while_the_archive_is_sent_ends_the_connection() {
    let tree = two_large_files();
    let share = Share::folder(&tree.root);
    let (client, head) = begin(&share);
    resize(&tree.root.join("b"), 10);
    assert!(finish(client, &head).is_none());
}

#[test]
fn a_file_that_vanishes_while_the_archive_is_sent_ends_the_connection() {
    let tree = two_large_files();
    let share = Share::folder(&tree.root);
    let (client, head) = begin(&share);
    fs::remove_file(tree.root.join("b")).unwrap();
    assert!(finish(client, &head).is_none());
}

#[test]
fn a_file_replaced_by_a_longer_one_is_not_sent_in_part() {
    let tree = two_large_files();
    let share = Share::folder(&tree.root);
    let (client, head) = begin(&share);
    let new = tree.write("new", &vec![3; 40_000_000]);
    fs::rename(new, tree.root.join("b")).unwrap();
    assert!(finish(client, &head).is_none());
}

#[test]
fn a_file_replaced_by_one_of_equal_length_is_sent_with_the_right_checksum() {
    let tree = two_large_files();
    let share = Share::folder(&tree.root);
    // So that the old checksum is known.
    assert!(share.get("/?archive=zip").is_complete);
    let (client, head) = begin(&share);
    let new = tree.write("new", &vec![3; 30_000_000]);
    fs::rename(new, tree.root.join("b")).unwrap();
    let archive = finish(client, &head).unwrap();
    assert!(archive.contains(&3) && archive.ends_with(&[0, 0]));
    assert_is_sound(&archive);
}

#[test]
fn a_file_that_grows_while_the_archive_is_sent_keeps_its_announced_length() {
    let tree = two_large_files();
    let share = Share::folder(&tree.root);
    let (client, head) = begin(&share);
    resize(&tree.root.join("b"), 30_000_004);
    assert_is_sound(&finish(client, &head).unwrap());
}

#[test]
fn a_complete_archive_is_valid_whatever_changes() {
    let tree = Tree::empty();
    let write = |number: usize, round: usize| {
        let content = vec![round as u8; 1_000 + 37_000 * ((number + round) % 4)];
        tree.write(format!("folder {}/file {number}", number % 5), &content);
    };
    (0..60).for_each(|number| write(number, 0));
    let share = Share::folder(&tree.root);
    let (rounds, changes) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in changes {
                let number = round * 7 % 60;
                let path = tree
                    .root
                    .join(format!("folder {}/file {number}", number % 5));
                match round % 4 {
                    0 => drop(fs::remove_file(&path)),
                    1 => resize_if_there(&path, 100),
                    2 => resize_if_there(&path, 150_000),
                    _ => write(number, round),
                }
            }
        });
        let mut whole = 0;
        for round in 0..60 {
            // Somewhere before, during or after this download.
            rounds.send(2 * round).unwrap();
            rounds.send(2 * round + 1).unwrap();
            let response = share.get("/?archive=zip");
            if response.status == 200 && response.is_complete {
                assert_is_sound(&response.body);
                whole += 1;
            }
        }
        drop(rounds);
        assert!(whole > 0, "some arrive whole");
    });
}

fn resize_if_there(path: &Path, bytes: u64) {
    if let Ok(file) = File::options().write(true).open(path) {
        file.set_len(bytes).unwrap();
    }
}
