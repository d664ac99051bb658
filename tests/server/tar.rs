//! A folder as one tar: GNU tar and bsdtar take it, and it can be resumed anywhere.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use crate::fixture::dated::{rest, set_time};
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Response, Share};
use loopback_edge::needs;

const UNPACKERS: [&str; 2] = ["tar", "bsdtar"];

/// What there is at a path: nothing else of a folder than that it is one.
#[derive(Debug, PartialEq)]
struct Unpacked {
    content: Option<Vec<u8>>,
    modified_s: i64,
    mode: u32,
}

/// Everything in and below a folder.
fn unpacked(folder: &Path) -> BTreeMap<PathBuf, Unpacked> {
    let mut found = BTreeMap::new();
    let mut unread = vec![folder.to_owned()];
    while let Some(path) = unread.pop() {
        let metadata = fs::metadata(&path).unwrap();
        let modified = metadata.modified().unwrap();
        let modified_s = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_secs().cast_signed(),
            Err(before) => -before.duration().as_secs().cast_signed(),
        };
        if metadata.is_dir() {
            unread.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
        let entry = Unpacked {
            content: metadata.is_file().then(|| fs::read(&path).unwrap()),
            modified_s,
            mode: metadata.permissions().mode() & 0o7777,
        };
        found.insert(path.strip_prefix(folder).unwrap().to_owned(), entry);
    }
    found
}

/// Unpacks an archive with every program that is installed.
fn unpack(archive: &[u8], mut check: impl FnMut(&str, &Path)) {
    let dir = tempfile::tempdir().unwrap();
    for program in UNPACKERS {
        if !needs::met_for_one_check(program) {
            continue;
        }
        let folder = dir.path().join(program);
        fs::create_dir(&folder).unwrap();
        let mut unpacker = Command::new(program)
            .args(["-xpf", "-", "--no-same-owner"])
            .current_dir(&folder)
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        unpacker.stdin.take().unwrap().write_all(archive).unwrap();
        assert!(unpacker.wait().unwrap().success(), "{program}");
        check(program, &folder.join("shared"));
    }
}

/// A folder with all that a plain header has no room for, and with what it has.
fn various() -> Tree {
    let tree = Tree::empty();
    let long = "long ".repeat(40);
    for (name, size) in [
        ("empty", 0),
        ("one", 1),
        ("block", 512),
        ("more", 513),
        ("small", 65_536),
        ("large", 200_000),
        ("ünïcödé/日本語.txt", 5),
        ("with space/quote's", 6),
        ("-dash", 7),
    ] {
        let content: Vec<u8> = (0..size).map(|byte: u32| (byte % 251) as u8).collect();
        tree.write(name, &content);
    }
    tree.write(format!("{long}1/{long}2/{long}3.txt"), b"deep");
    tree.write(format!("{}/{}", "d".repeat(120), "n".repeat(90)), b"split");
    tree.mkdir("nothing/inside");
    tree.write(".hidden", b"secret");
    std::os::unix::fs::symlink("one", tree.root.join("link")).unwrap();
    fs::create_dir(tree.outside("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", tree.root.join("out")).unwrap();
    set_time(
        &tree.root.join("one"),
        UNIX_EPOCH - Duration::from_secs(1000),
    );
    set_time(
        &tree.root.join("more"),
        UNIX_EPOCH + Duration::from_secs(1 << 33),
    );
    set_time(
        &tree.root.join("block"),
        UNIX_EPOCH + Duration::from_secs(1 << 30),
    );
    fs::set_permissions(tree.root.join("small"), PermissionsExt::from_mode(0o777)).unwrap();
    tree
}

#[test]
fn gnu_tar_and_bsdtar_unpack_what_is_shared() {
    let tree = various();
    let share = Share::folder(&tree.root);
    let archive = share.get("/?archive=tar");
    assert_eq!(archive.header("content-type"), Some("application/x-tar"));
    let disposition = archive.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=\"shared.tar\""));
    assert_eq!(archive.header("accept-ranges"), Some("bytes"));
    let mut expected = unpacked(&tree.root);
    expected.retain(|path, _| path != Path::new(".hidden") && !path.starts_with("out"));
    for entry in expected.values_mut() {
        entry.mode = if entry.content.is_some() {
            0o644
        } else {
            0o755
        };
    }
    unpack(&archive.body, |program, folder| {
        let found = unpacked(folder);
        for (path, entry) in &expected {
            assert_eq!(
                found.get(path),
                Some(entry),
                "{program}: {}",
                path.display()
            );
        }
        assert_eq!(found.len(), expected.len(), "{program}");
    });
    // A folder below, and several things chosen together.
    let below = share.get("/%C3%BCn%C3%AFc%C3%B6d%C3%A9/?archive=tar");
    assert!(below.body.len() < 5_000 && below.body.ends_with(&[0; 1024]));
}

#[test]
fn a_tar_has_the_files_and_the_order_of_the_zip() {
    if !needs::met(&["bsdtar"]) {
        return;
    }
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let names = |form: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let body = share.get(&format!("/?archive={form}")).body;
        file.write_all(&body).unwrap();
        let listed = Command::new("bsdtar").arg("-tf").arg(file.path()).output();
        let listed = listed.unwrap();
        assert!(listed.status.success(), "{listed:?}");
        String::from_utf8(listed.stdout).unwrap()
    };
    let zip = names("zip");
    assert!(zip.lines().count() > 30);
    assert_eq!(names("tar"), zip);
}

fn part(share: &Share, start: u64, end: u64) -> Response {
    let range = format!("bytes={start}-{}", end - 1);
    share.get_with("/?archive=tar", &[("Range", &range)])
}

#[test]
fn a_tar_has_an_exact_length_and_can_be_resumed_anywhere() {
    let tree = various();
    rest();
    let share = Share::folder(&tree.root);
    let whole = share.get("/?archive=tar");
    let length = whole.body.len() as u64;
    assert_eq!(length % 512, 0);
    let head = share.head_with("/?archive=tar", &[]);
    assert_eq!(head.sorted_headers(), whole.sorted_headers());
    assert_eq!(
        head.header("content-length"),
        Some(length.to_string().as_str())
    );
    // Around every border of a block, and at some others.
    let starts = (0..length)
        .step_by(512)
        .flat_map(|at| [at, at + 1, at + 511]);
    let mut client = share.client();
    for start in starts
        .filter(|start| start % 7 < 2 && *start < length)
        .chain([length - 1])
    {
        let end = (start + 3_000).min(length);
        let range = format!("bytes={start}-{}", end - 1);
        let part = client.get("/?archive=tar", &[("Range", &range)]);
        assert_eq!(part.status, 206);
        assert!(
            part.body == whole.body[start as usize..end as usize],
            "{start}"
        );
    }
    for start in [1, 100_000, 250_000] {
        let rest = share.get_with("/?archive=tar", &[("Range", &format!("bytes={start}-"))]);
        assert!(rest.body == whole.body[start..], "{start}");
    }
    let beyond = share.get_with("/?archive=tar", &[("Range", &format!("bytes={length}-"))]);
    assert_eq!(beyond.status, 416);
    // It goes on only with the same files, and is another thing than the zip.
    let etag = whole.header("etag").unwrap();
    let again = [("Range", "bytes=100-"), ("If-Range", etag)];
    assert_eq!(share.get_with("/?archive=tar", &again).status, 206);
    assert_eq!(share.get_with("/?archive=zip", &again).status, 200);
    let known = [("If-None-Match", etag)];
    assert_eq!(share.get_with("/?archive=tar", &known).status, 304);
    tree.write("one", b"2");
    assert_eq!(share.get_with("/?archive=tar", &again).status, 200);
}

#[test]
fn a_file_of_many_gigabytes_has_its_size_in_a_tar() {
    const SIZE: u64 = (8 << 30) + 5;
    let tree = Tree::empty();
    let large = File::create(tree.root.join("large.img")).unwrap();
    large.set_len(SIZE).unwrap();
    tree.write("zz behind it", b"behind");
    let share = Share::folder(&tree.root);
    let head = share.head_with("/?archive=tar", &[]);
    let length: u64 = head.header("content-length").unwrap().parse().unwrap();
    // Without the zeros between its start and its end.
    let mut archive = tempfile::tempfile().unwrap();
    for (start, end) in [(0, 10_000), (length - 5_000, length)] {
        archive.seek(SeekFrom::Start(start)).unwrap();
        archive.write_all(&part(&share, start, end).body).unwrap();
    }
    for program in UNPACKERS {
        if !needs::met_for_one_check(program) {
            continue;
        }
        archive.rewind().unwrap();
        let listed = Command::new(program)
            .arg("-tvf-")
            .stdin(archive.try_clone().unwrap())
            .output()
            .unwrap();
        let text = String::from_utf8(listed.stdout).unwrap();
        assert!(listed.status.success(), "{program}: {text}");
        assert!(text.contains(&SIZE.to_string()), "{program}: {text}");
        assert!(text.contains("zz behind it"), "{program}: {text}");
    }
}

/// Begins a download.
fn begin(share: &Share) -> (Client, usize) {
    let mut client = share.client();
    client.ask("GET", "/?archive=tar", &[]);
    let head = client.read_head().unwrap();
    (
        client,
        head.header("content-length").unwrap().parse().unwrap(),
    )
}

/// Reads the rest of a download; none if it ends before its promised end.
fn finish((mut client, length): (Client, usize)) -> Option<Vec<u8>> {
    let mut body = client.take_rest();
    let mut left = vec![0; length - body.len()];
    client.stream().read_exact(&mut left).ok()?;
    body.append(&mut left);
    Some(body)
}

#[test]
fn a_folder_that_changes_while_it_is_sent_gives_a_sound_tar_or_none() {
    let tree = Tree::empty();
    // So large that the second has not been read when a download has just begun.
    tree.write("a", &vec![1; 30_000_000]);
    let second = tree.write("b", &vec![2; 3_000_000]);
    let share = Share::folder(&tree.root);
    let begun = begin(&share);
    let new = tree.write("new", &vec![3; 3_000_000]);
    fs::rename(&new, &second).unwrap();
    let archive = finish(begun).expect("another file of the same length is a whole file, too");
    unpack(&archive, |program, folder| {
        assert!(
            fs::read(folder.join("b")).unwrap() == vec![3; 3_000_000],
            "{program}"
        );
    });
    let begun = begin(&share);
    let longer = File::options().append(true).open(&second);
    longer.unwrap().write_all(b"more").unwrap();
    let archive = finish(begun).expect("a file that grows is sent as far as it was planned");
    unpack(&archive, |program, folder| {
        assert_eq!(
            fs::metadata(folder.join("b")).unwrap().len(),
            3_000_000,
            "{program}"
        );
    });
    let begun = begin(&share);
    let shorter = File::options().write(true).open(&second);
    shorter.unwrap().set_len(10).unwrap();
    assert!(finish(begun).is_none(), "it has become shorter");
    let begun = begin(&share);
    fs::remove_file(&second).unwrap();
    assert!(finish(begun).is_none(), "it is gone");
}
