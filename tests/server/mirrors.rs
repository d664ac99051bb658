//! Programs that copy a whole folder, and a list that is complete for them.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fixture::tree::{Tree, files, url};
use crate::fixture::{Response, Share};
use loopback_edge::needs;

const BROWSER: (&str, &str) = (
    "User-Agent",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
);

/// More than a page, and more than the folders whose entries are all examined for a page.
const COUNTS: [usize; 2] = [501, 2_100];

/// Names that programs get wrong if the list does.
const NAMES: [&str; 12] = [
    "-dash",
    "a\"b.txt",
    "quote's.txt",
    "with space.txt",
    "percent%41.txt",
    "#hash.txt",
    "question?.txt",
    "new\nline.txt",
    "ünïcödé.txt",
    "&amp;.txt",
    "<b>.txt",
    "sub/inner file.txt",
];

/// A folder of so many files.
fn many(count: usize) -> Tree {
    let tree = Tree::empty();
    for number in 0..count {
        fs::write(tree.root.join(format!("file {number}")), "content").unwrap();
    }
    tree
}

/// How many rows a page has.
fn rows(response: &Response) -> usize {
    response.text().matches("<li class=\"e ").count()
}

#[test]
fn programs_and_whoever_asks_for_it_get_the_whole_list() {
    for count in COUNTS {
        let tree = many(count);
        let share = Share::folder(&tree.root);
        let mut client = share.client();
        for headers in [
            &[][..],
            &[("User-Agent", "rclone/v1.60.1")],
            &[("User-Agent", "lftp/4.9.2"), ("Accept", "text/html")],
        ] {
            let list = client.get("/", headers);
            assert_eq!(rows(&list), count, "{headers:?}");
            // Each link once: programs look at all of them.
            assert_eq!(list.text().matches("href=\"./file%20").count(), count);
        }
        let modern = ("Sec-Fetch-Mode", "navigate");
        for headers in [&[BROWSER][..], &[modern], &[BROWSER, modern]] {
            let page = client.get("/", headers);
            assert_eq!(rows(&page), 500, "{headers:?}");
            // Without JavaScript, the whole list is a click away.
            assert!(page.text().contains("href=\"./?all\""));
            let all = client.get("/?all", headers);
            assert_eq!(rows(&all), count, "{headers:?}");
            assert!(!all.text().contains("id=\"pages\""));
        }
        // In order, and each once.
        let all = client.get("/?all&sort=-size", &[BROWSER]).text();
        let mut last = 0;
        for number in 0..count {
            let place = all[last..].find(&format!("href=\"./file%20{number}\" title"));
            last += place.unwrap_or_else(|| panic!("file {number} comes in order"));
        }
        // A program that asks for a page gets it.
        assert_eq!(rows(&client.get("/?page=2", &[])), (count - 500).min(500));
        assert_eq!(rows(&client.get("/?sort=-size", &[])), 500);
    }
}

#[test]
fn the_whole_list_is_compressed_and_has_a_head() {
    let tree = many(COUNTS[0]);
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    let list = client.get("/?all", &[]);
    assert!(list.is_complete);
    let packed = client.get("/?all", &[("Accept-Encoding", "gzip")]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() * 5 < list.body.len());
    for headers in [&[][..], &[("Accept-Encoding", "gzip")]] {
        let head = client.request("HEAD", "/?all", headers);
        let list = client.get("/?all", headers);
        assert_eq!(head.sorted_headers(), list.sorted_headers());
        let varies: Vec<_> = list
            .headers
            .iter()
            .filter(|(name, _)| name == "vary")
            .collect();
        let varies = format!("{varies:?}");
        for name in ["Accept-Encoding", "User-Agent", "Sec-Fetch-Mode"] {
            assert!(varies.contains(name), "{varies}");
        }
    }
}

/// What a slow visitor holds of a list that is not sent yet is little.
#[cfg(target_os = "linux")]
#[test]
fn slow_visitors_of_whole_lists_share_the_names() {
    use crate::fixture::{Client, as_the_program, process};

    const VISITORS: usize = 10;

    as_the_program(|| {
        let tree = many(5_000);
        let share = Share::folder(&tree.root);
        // With what a first visitor leaves in the allocator.
        assert_eq!(rows(&share.get("/?all")), 5_000);
        let before = process::memory();
        process::reset_peak();
        let mut slow: Vec<Client> = (0..VISITORS).map(|_| share.client()).collect();
        for client in &mut slow {
            client.ask("GET", "/?all", &[]);
            let _ = client.read_head();
        }
        // The page of each is several megabytes.
        let more = process::peak_memory().saturating_sub(before);
        assert!(more < VISITORS as u64 * 1_000_000, "{more}");
        // They can still have it all.
        let mut client = slow.pop().unwrap();
        let mut rest = client.take_rest();
        while !client.is_closed() {
            let part = client.take_rest();
            rest.extend_from_slice(&part);
            if rest.ends_with(b"\r\n0\r\n\r\n") {
                break;
            }
        }
        let rows = String::from_utf8_lossy(&rest)
            .matches("<li class=\"e ")
            .count();
        // The border between two chunks may be in a row.
        assert!(rows > 4_900, "{rows}");
    });
}

/// A folder of so many files and those with unusual names, all of which are old.
fn old(count: usize) -> Tree {
    let tree = many(count - NAMES.len());
    for name in NAMES {
        tree.write(name, name.as_bytes());
    }
    let then = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for name in files(&tree.root).keys() {
        let file = fs::File::options().write(true).open(tree.root.join(name));
        file.unwrap().set_modified(then).unwrap();
    }
    crate::fixture::dated::rest();
    tree
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env("RCLONE_CONFIG", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    output
}

#[test]
fn rclone_gets_everything_once_and_nothing_again() {
    if !needs::met(&["rclone"]) {
        return;
    }
    for count in [501, 1_700] {
        let tree = old(count);
        let share = Share::folder(&tree.root);
        let got = tempfile::tempdir().unwrap();
        let source = format!(":http,url='http://127.0.0.1:{}/':", share.port);
        let sync = || {
            let arguments = [
                "sync",
                "--checkers=4",
                "--stats-log-level=NOTICE",
                &source,
                "got",
            ];
            let output = run("rclone", &arguments, got.path());
            String::from_utf8_lossy(&output.stderr).into_owned()
        };
        let said = sync();
        assert!(said.contains(&format!("{count} / {count}, 100%")), "{said}");
        let copied = got.path().join("got");
        assert!(files(&copied) == files(&tree.root));
        let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let name = Path::new("new\nline.txt");
        assert_eq!(
            modified(&copied.join(name)),
            modified(&tree.root.join(name))
        );
        assert!(modified(&copied.join(name)) < SystemTime::now() - Duration::from_secs(60));
        // rclone 1.60 takes a name with a line break for another one, and copies that file again.
        fs::remove_file(tree.root.join(name)).unwrap();
        fs::remove_file(copied.join(name)).unwrap();
        let said = sync();
        assert!(
            said.contains("0 B / 0 B") && !said.contains("Deleted"),
            "{said}"
        );
        // One more file, and one that is gone.
        fs::write(tree.root.join("zz"), "new").unwrap();
        fs::remove_file(tree.root.join("file 7")).unwrap();
        sync();
        assert!(files(&copied) == files(&tree.root));
    }
}

#[test]
fn lftp_and_wget_get_everything() {
    if !needs::met(&["lftp", "wget"]) {
        return;
    }
    let tree = old(COUNTS[0]);
    let share = Share::folder(&tree.root);
    let address = format!("http://127.0.0.1:{}/", share.port);
    let got = tempfile::tempdir().unwrap();
    let commands = format!("open {address}; mirror --parallel=4 . by-lftp");
    run("lftp", &["--norc", "-c", &commands], got.path());
    let there = files(&got.path().join("by-lftp"));
    assert!(there == files(&tree.root), "{:?}", missing(&there, &tree));
    let arguments = [
        "--recursive",
        "--no-parent",
        "--no-host-directories",
        "--quiet",
        "--tries=1",
        "--restrict-file-names=nocontrol",
        "--directory-prefix=by-wget",
        "-e",
        "robots=off",
        &address,
    ];
    run("wget", &arguments, got.path());
    let mut there = files(&got.path().join("by-wget"));
    there.retain(|name, _| !name.as_os_str().as_bytes().ends_with(b"index.html"));
    // wget decodes the name of a file twice when it saves it.
    if let Some(content) = there.remove(Path::new("percentA.txt")) {
        there.insert("percent%41.txt".into(), content);
    }
    assert!(there == files(&tree.root), "{:?}", missing(&there, &tree));
}

/// Names that are only on one side.
fn missing(there: &BTreeMap<PathBuf, Vec<u8>>, tree: &Tree) -> Vec<String> {
    let all = files(&tree.root);
    let only = |a: &BTreeMap<PathBuf, Vec<u8>>, b: &BTreeMap<PathBuf, Vec<u8>>| {
        let names = a.keys().filter(|name| !b.contains_key(*name));
        names
            .map(|name| url(name.as_os_str().as_bytes()))
            .collect::<Vec<_>>()
    };
    [only(&all, there), only(there, &all)].concat()
}
