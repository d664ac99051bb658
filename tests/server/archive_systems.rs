//! An archive that is unpacked on other systems than the one it was made on.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fixture::dated::rest;
use crate::fixture::tree::{Tree, content_of, files, names, os};
use crate::fixture::{Share, dated, in_time_zone};
use loopback_edge::needs;

/// Tokyo.
const ZONE: &str = "JST-9";

const UNPACKERS: [&[&str]; 4] = [
    &["unzip", "-qq", "ZIP", "-d", "FOLDER"],
    &["7z", "x", "-bso0", "-bsp0", "-oFOLDER", "ZIP"],
    &["bsdtar", "-xf", "ZIP", "-C", "FOLDER"],
    &["python3", "-m", "zipfile", "-e", "ZIP", "FOLDER"],
];

/// Unpacks an archive with every program that is installed.
fn unpack(archive: &[u8], mut check: impl FnMut(&str, &Path)) {
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("a.zip");
    fs::write(&zip, archive).unwrap();
    for unpacker in UNPACKERS {
        let program = unpacker[0];
        if !needs::met_for_one_check(program) {
            continue;
        }
        let folder = dir.path().join(program);
        fs::create_dir(&folder).unwrap();
        let arguments = unpacker[1..].iter().map(|argument| {
            let argument = argument.replace("ZIP", zip.to_str().unwrap());
            argument.replace("FOLDER", folder.to_str().unwrap())
        });
        let output = Command::new(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
        check(program, &folder.join("shared"));
    }
}

/// Whether Windows can have a file with this name.
fn fits_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap().to_uppercase();
    !name.contains(|c: char| c < ' ' || "<>:\"/\\|?*".contains(c))
        && !name.ends_with(['.', ' '])
        && !["CON", "PRN", "AUX", "NUL", "COM1", "LPT1"].contains(&stem.trim_end())
}

#[test]
fn every_name_can_be_unpacked_on_every_system() {
    let tree = Tree::empty();
    let mut all = names();
    for name in [
        "2026-11-28 12:30:00.png",
        "2026-11-28 12_30_00.png",
        "what?*<>|\"",
        "ends with dots...",
        "ends with a space ",
        "aux.h",
        "COM1.txt",
        "com1.TXT",
        "lpt1",
        "Makefile",
        "makefile",
        "MAKEFILE",
        "makefile (2)",
        "ÄRGER.txt",
        "ärger.txt",
    ] {
        all.push(name.as_bytes().to_vec());
    }
    for name in &all {
        tree.write(os(name), &content_of(name));
    }
    tree.write("folder:/inside", b"inside");
    tree.write("folder_/inside", b"inside another");
    tree.write("Folder_/inside", b"inside a third");
    let expected: BTreeSet<Vec<u8>> = files(&tree.root).into_values().collect();
    let archive = Share::folder(&tree.root).get("/?archive=zip").body;
    unpack(&archive, |program, folder| {
        let files = files(folder);
        let mut seen = BTreeSet::new();
        for path in files.keys() {
            for name in path {
                let name = name.to_str().unwrap();
                assert!(fits_windows(name), "{program}: {name:?}");
            }
            let path = path.to_str().unwrap();
            assert!(seen.insert(path.to_lowercase()), "{program}: {path} twice");
        }
        assert_eq!(files.len(), all.len() + 3, "{program}");
        let contents: BTreeSet<Vec<u8>> = files.into_values().collect();
        assert_eq!(contents, expected, "{program}");
    });
}

#[test]
fn times_are_right_for_every_reader() {
    in_time_zone(ZONE, || {
        const THEN: u64 = dated::THEN_S;
        // 2045-06-01.
        const FUTURE: u64 = 2_379_801_600;
        let tree = Tree::empty();
        let long_ago = UNIX_EPOCH - Duration::from_secs(157_766_400);
        for (name, time) in [
            ("1965", long_ago),
            ("1994", UNIX_EPOCH + Duration::from_secs(THEN)),
            ("2045", UNIX_EPOCH + Duration::from_secs(FUTURE)),
        ] {
            dated::set_time(&tree.write(name, b"content"), time);
        }
        let archive = Share::folder(&tree.root).get("/?archive=zip").body;
        let earliest = UNIX_EPOCH + Duration::from_secs(315_532_800 - 9 * 3600);
        unpack(&archive, |program, folder| {
            let modified = |name: &str| {
                let file = File::open(folder.join(name)).unwrap();
                file.metadata().unwrap().modified().unwrap()
            };
            if program == "python3" {
                return;
            }
            let seconds = |name| {
                let modified: SystemTime = modified(name);
                modified.duration_since(UNIX_EPOCH).unwrap().as_secs()
            };
            assert_eq!(seconds("1994") / 2, THEN / 2, "{program}");
            assert_eq!(seconds("2045"), FUTURE, "{program}");
            // The other programs know no time before 1980.
            let first = if program == "7z" { long_ago } else { earliest };
            assert_eq!(modified("1965"), first, "{program}");
        });
        // Python reads what Windows reads: the local time, whatever zone the reader is in.
        let dir = tempfile::tempdir().unwrap();
        let zip = dir.path().join("a.zip");
        fs::write(&zip, archive).unwrap();
        if needs::met_for_one_check("python3") {
            let script = "import sys, zipfile\n\
                for i in zipfile.ZipFile(sys.argv[1]).infolist()[1:]: print(*i.date_time)";
            let output = Command::new("python3")
                .args(["-c", script])
                .arg(zip)
                .output();
            assert_eq!(
                String::from_utf8(output.unwrap().stdout).unwrap(),
                "1980 1 1 0 0 0\n1994 11 6 17 49 36\n2045 5 31 9 0 0\n"
            );
        }
    });
}

#[test]
fn an_archive_from_another_time_zone_is_another_archive() {
    const PRINTED: &str = "tag of the archive: ";
    // Started again below, to print the tag.
    if let Some(folder) = env::var_os("FOLDER_TO_TAG") {
        let response = Share::folder(Path::new(&folder)).get("/?archive=zip");
        println!("{PRINTED}{}", response.header("etag").unwrap());
        return;
    }
    let tree = Tree::empty();
    tree.write("a", b"content");
    rest();
    let tag = |zone: &str| {
        let name = "archive_systems::an_archive_from_another_time_zone_is_another_archive";
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("TZ", zone)
            .env("FOLDER_TO_TAG", &tree.root)
            .output();
        let out = String::from_utf8(output.unwrap().stdout).unwrap();
        let (_, tag) = out.split_once(PRINTED).expect("a tag");
        tag.lines().next().unwrap().to_owned()
    };
    assert_eq!(tag(ZONE), tag(ZONE));
    assert_ne!(tag(ZONE), tag("UTC0"));
}
