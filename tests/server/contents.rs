//! What is in archives that are shared, and one file of a zip.

use std::io::{Read, Seek, Write};
use std::process::Command;

use flate2::{Compression, Crc, write::DeflateEncoder, write::GzEncoder};
use loopback_edge::needs;
use serde_json::{Value, json};
use spot_serve::server::{Content, Settings};

use crate::fixture::{Response, Share, dated::rest, tree::Tree};

/// A zip with these files. Deflated ones are unpacked when they are taken out.
fn zip(files: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, content, is_deflated) in files {
        let mut crc = Crc::new();
        crc.update(content);
        let packed = if *is_deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        } else {
            content.to_vec()
        };
        let mut fields = Vec::new();
        fields.extend_from_slice(&20_u16.to_le_bytes());
        fields.extend_from_slice(&0x800_u16.to_le_bytes());
        fields.extend_from_slice(&(if *is_deflated { 8_u16 } else { 0 }).to_le_bytes());
        // 2024-02-29 12:30:02.
        fields.extend_from_slice(&(12_u16 << 11 | 30 << 5 | 1).to_le_bytes());
        fields.extend_from_slice(&(44_u16 << 9 | 2 << 5 | 29).to_le_bytes());
        fields.extend_from_slice(&crc.sum().to_le_bytes());
        fields.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        fields.extend_from_slice(&(content.len() as u32).to_le_bytes());
        fields.extend_from_slice(&(name.len() as u16).to_le_bytes());
        fields.extend_from_slice(&0_u16.to_le_bytes());
        let offset = zip.len() as u32;
        zip.extend_from_slice(b"PK\x03\x04");
        zip.extend_from_slice(&fields);
        zip.extend_from_slice(name.as_bytes());
        zip.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&fields);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (start, count) = (zip.len() as u32, files.len() as u16);
    zip.extend_from_slice(&directory);
    zip.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    zip.extend_from_slice(&count.to_le_bytes());
    zip.extend_from_slice(&count.to_le_bytes());
    zip.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    zip.extend_from_slice(&start.to_le_bytes());
    zip.extend_from_slice(b"\x07\0comment");
    zip
}

fn list(answer: &Response) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_str(&answer.text()).unwrap()
}

/// The names in a list.
fn names(list: &Value) -> Vec<&str> {
    let entries = list["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry[0].as_str().unwrap())
        .collect()
}

#[test]
fn a_zip_is_listed_and_its_files_taken_out() {
    let tree = Tree::empty();
    let large: Vec<u8> = (0..300_000_u32)
        .flat_map(|number| (number / 7).to_le_bytes())
        .collect();
    let archive = zip(&[
        ("folder/", b"", false),
        ("folder/large é.bin", &large, true),
        ("stored.html", b"<script>1</script>", false),
        ("../../etc/passwd", b"x", true),
        ("/abs\u{202e}olute", b"", false),
        ("C:\\x.txt", b"y", false),
    ]);
    tree.write("a b.zip", &archive);
    let share = Share::folder(&tree.root);
    let list = list(&share.get("/a%20b.zip?contents"));
    assert_eq!(list["cut"], false);
    assert_eq!(
        names(&list),
        [
            "folder/",
            "folder/large é.bin",
            "stored.html",
            "../../etc/passwd",
            "/abs\u{fffd}olute",
            "C:\\x.txt"
        ]
    );
    // 2024-02-29 12:30:02.
    assert_eq!(
        list["entries"][0],
        json!(["folder/", 0, null, 1_709_209_802, null])
    );
    assert_eq!(list["entries"][1][2], large.len());
    for (at, content) in [
        (1, &large[..]),
        (2, &b"<script>1</script>"[..]),
        (3, &b"x"[..]),
        (4, &b""[..]),
        (5, &b"y"[..]),
    ] {
        let member = list["entries"][at][4].as_str().unwrap();
        let target = format!("/a%20b.zip?member={member}");
        let taken = share.get(&target);
        assert_eq!(taken.status, 200, "{member}");
        assert!(taken.body == content, "{member}");
        assert_eq!(
            taken.header("content-type"),
            Some("application/octet-stream")
        );
        assert_eq!(taken.header("x-content-type-options"), Some("nosniff"));
        let disposition = taken.header("content-disposition").unwrap();
        assert!(
            disposition.starts_with("attachment; filename=\""),
            "{disposition}"
        );
        assert!(!disposition.contains(['/', '\\']), "{disposition}");
        let head = share.head_with(&target, &[]);
        assert_eq!(
            head.header("content-length"),
            taken.header("content-length")
        );
    }
    for missing in ["nothing", "folder/", "", "folder%2flarge"] {
        assert_eq!(
            share.get(&format!("/a%20b.zip?member={missing}")).status,
            404
        );
    }
    // Of anything else, there is nothing in it.
    tree.write("a.txt", b"text");
    assert_eq!(share.get("/a.txt?contents").text(), "text");
}

#[test]
fn a_download_of_a_stored_file_can_be_resumed() {
    let tree = Tree::empty();
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    tree.write(
        "a.zip",
        &zip(&[("s", &content, false), ("d", &content, true)]),
    );
    rest();
    let share = Share::folder(&tree.root);
    let whole = share.get("/a.zip?member=s");
    let tag = whole.header("etag").unwrap();
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    for (range, part) in [
        ("bytes=0-0", 0..1),
        ("bytes=70000-", 70_000..800_000),
        ("bytes=-5", 799_995..800_000),
        ("bytes=100000-299999", 100_000..300_000),
    ] {
        let headers = [("Range", range), ("If-Range", tag)];
        let sent = share.get_with("/a.zip?member=s", &headers);
        assert_eq!(sent.status, 206, "{range}");
        assert!(sent.body == content[part.clone()], "{range}");
        let said = format!("bytes {}-{}/800000", part.start, part.end - 1);
        assert_eq!(sent.header("content-range"), Some(said.as_str()));
    }
    let beyond = share.get_with("/a.zip?member=s", &[("Range", "bytes=800000-")]);
    assert_eq!(beyond.status, 416);
    let changed = [("Range", "bytes=5-"), ("If-Range", "\"other\"")];
    assert!(share.get_with("/a.zip?member=s", &changed).body == content);
    let known = share.get_with("/a.zip?member=s", &[("If-None-Match", tag)]);
    assert_eq!(known.status, 304);
    // What is before it would have to be unpacked.
    let packed = share.get_with("/a.zip?member=d", &[("Range", "bytes=70000-")]);
    assert_eq!(packed.status, 200);
    assert_eq!(packed.header("accept-ranges"), Some("none"));
    assert!(packed.body == content);
}

#[test]
fn what_is_in_front_of_a_zip_does_not_matter() {
    let tree = Tree::empty();
    let script = b"#!/bin/sh\nexec unzip \"$0\"\n";
    let archive = zip(&[("a.txt", b"stored", false), ("b.txt", b"deflated", true)]);
    tree.write("a.zip", &[&script[..], &archive].concat());
    let share = Share::folder(&tree.root);
    for (name, content) in [("a.txt", "stored"), ("b.txt", "deflated")] {
        let taken = share.get(&format!("/a.zip?member={name}"));
        assert_eq!((taken.status, taken.text().as_str()), (200, content));
    }
}

#[test]
fn a_damaged_file_is_not_taken_out_as_if_it_were_whole() {
    let tree = Tree::empty();
    let content = vec![b'x'; 200_000];
    let mut archive = zip(&[("x.txt", &content, false), ("y.txt", &content, true)]);
    archive[150_000] ^= 1;
    tree.write("a.zip", &archive);
    let mut bomb = zip(&[("z", &content, true)]);
    // Its directory says that it is shorter than it is.
    let at = bomb
        .windows(4)
        .rposition(|four| four == b"PK\x01\x02")
        .unwrap();
    bomb[at + 24..at + 28].copy_from_slice(&10_u32.to_le_bytes());
    tree.write("bomb.zip", &bomb);
    let share = Share::folder(&tree.root);
    for target in ["/a.zip?member=x.txt", "/bomb.zip?member=z"] {
        let mut client = share.client();
        client.ask("GET", target, &[]);
        let length: usize = match client.read_head() {
            Some(head) => head.header("content-length").unwrap().parse().unwrap(),
            None => continue,
        };
        let mut sent = client.take_rest();
        let _ = client.stream().read_to_end(&mut sent);
        assert!(sent.len() < length, "{target}");
    }
    assert!(share.get("/a.zip?member=y.txt").body == content);
}

#[test]
fn of_files_with_the_same_name_each_is_taken_out() {
    let tree = Tree::empty();
    let files: [(&str, &[u8], bool); 4] = [
        ("same", b"first", false),
        ("same", b"second", true),
        ("other", b"other", false),
        ("same", b"third", false),
    ];
    tree.write("a.zip", &zip(&files));
    let share = Share::folder(&tree.root);
    let list = list(&share.get("/a.zip?contents"));
    for (at, (_, content, _)) in files.iter().enumerate() {
        let member = list["entries"][at][4].as_str().unwrap();
        let taken = share.get(&format!("/a.zip?member={member}"));
        assert!(taken.body == *content, "{member}: {}", taken.text());
    }
    for none in ["same&after=3", "same&after=x", "other&after=1"] {
        assert_eq!(share.get(&format!("/a.zip?member={none}")).status, 404);
    }
}

#[test]
fn no_file_is_longer_than_what_it_is_packed_in_can_become() {
    let tree = Tree::empty();
    let share = Share::folder(&tree.root);
    let zeros = vec![0; 300_000];
    // The packed length and the length, as the directory says.
    for (is_deflated, packed, length) in [
        (true, None, Some(u32::MAX - 1)),
        (true, Some(1_000_000), None),
        (false, None, Some(299_999)),
        (false, Some(1_000_000), Some(1_000_000)),
    ] {
        let mut archive = zip(&[("x", &zeros, is_deflated), ("y", &zeros, true)]);
        let at = archive.windows(4).position(|four| four == b"PK\x01\x02");
        let at = at.unwrap();
        for (place, value) in [(20, packed), (24, length)] {
            if let Some(value) = value {
                archive[at + place..at + place + 4].copy_from_slice(&u32::to_le_bytes(value));
            }
        }
        tree.write("a.zip", &archive);
        let list = list(&share.get("/a.zip?contents"));
        let lied = &list["entries"][0];
        assert_eq!((&lied[2], &lied[4]), (&Value::Null, &Value::Null));
        assert_eq!(share.get("/a.zip?member=x").status, 422);
        assert!(share.get("/a.zip?member=y").body == zeros);
    }
}

#[test]
fn a_tar_is_listed_also_if_it_is_compressed_or_cut_off() {
    let tree = Tree::empty();
    let long = format!("{}/file.txt", "long folder name ".repeat(12).trim());
    tree.write(&long, b"long");
    tree.write("sub/größe.bin", &[1; 5000]);
    let share = Share::folder(&tree.root);
    let tar = share.get("/?archive=tar").body;
    let elsewhere = Tree::empty();
    elsewhere.write("a.tar", &tar);
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(&tar).unwrap();
    let gz = gz.finish().unwrap();
    elsewhere.write("b.tgz", &gz);
    elsewhere.write("c.tar.gz", &gz[..gz.len() / 2]);
    let xz = packed_with("xz", &tar);
    if let Some(xz) = &xz {
        elsewhere.write("d.tar.xz", xz);
        elsewhere.write("e.txz", &xz[..xz.len() / 2]);
    }
    elsewhere.write("no.tar.xz", b"\xfd7zXZ\0\0\x04 nothing that follows");
    elsewhere.write("no.tar", &[7; 2000]);
    elsewhere.write("no.zip", &[7; 2000]);
    elsewhere.write("empty.zip", b"");
    let share = Share::folder(&elsewhere.root);
    let whole = list(&share.get("/a.tar?contents"));
    let shown = format!("shared/{long}");
    assert!(names(&whole).contains(&shown.as_str()), "{whole}");
    let row = whole["entries"].as_array().unwrap();
    let row = row
        .iter()
        .find(|row| row[0] == "shared/sub/größe.bin")
        .unwrap();
    assert_eq!((&row[2], &row[4]), (&json!(5000), &Value::Null));
    assert!(row[3].as_i64().unwrap() > 1_600_000_000);
    assert_eq!(list(&share.get("/b.tgz?contents")), whole);
    let cut = list(&share.get("/c.tar.gz?contents"));
    assert!(
        names(&cut).len() < names(&whole).len() || cut["cut"] == true,
        "{cut}"
    );
    if xz.is_some() {
        assert_eq!(list(&share.get("/d.tar.xz?contents")), whole);
        assert_ne!(
            share.get("/e.txz?contents").text(),
            share.get("/d.tar.xz?contents").text()
        );
    }
    for none in ["no.tar", "no.zip", "empty.zip", "no.tar.xz"] {
        assert_eq!(
            share.get(&format!("/{none}?contents")).status,
            422,
            "{none}"
        );
    }
}

/// The input as a program packs it; `None` if it isn't installed.
fn packed_with(program: &str, input: &[u8]) -> Option<Vec<u8>> {
    if !needs::met_for_one_check(program) {
        return None;
    }
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    let packed = Command::new(program)
        .args(["-9", "-c"])
        .stdin(file)
        .output();
    Some(packed.unwrap().stdout)
}

#[test]
fn an_xz_that_wants_too_much_memory_is_refused() {
    let tree = Tree::empty();
    // The header of a block whose dictionary has 4 GB.
    let flags = [0, 4];
    let block = [2, 0, 0x21, 1, 40, 0, 0, 0];
    let sum = |bytes: &[u8]| {
        let mut crc = Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let start = [
        &b"\xfd7zXZ\0"[..],
        &flags,
        &sum(&flags),
        &block,
        &sum(&block),
    ]
    .concat();
    tree.write("a.tar.xz", &[&start[..], &[0; 64]].concat());
    let share = Share::folder(&tree.root);
    assert_eq!(share.get("/a.tar.xz?contents").status, 422);
}

#[test]
fn a_7z_that_repeats_itself_is_refused() {
    let tree = Tree::empty();
    // One folder with one file, and the sizes of its files or all of it once or twice.
    for (sizes, streams, status) in [(1, 1, 200), (2, 1, 422), (1, 2, 422)] {
        let folder = [7, 0x0b, 1, 0, 1, 0, 0x0c, 5, 0];
        let section = [&[4][..], &folder, &[8, 0].repeat(sizes), &[0]].concat();
        let header = [&[1][..], &section.repeat(streams), &[0]].concat();
        let mut archive = b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0".to_vec();
        archive.extend_from_slice(&0_u64.to_le_bytes());
        archive.extend_from_slice(&(header.len() as u64).to_le_bytes());
        archive.extend_from_slice(&[0; 4]);
        archive.extend_from_slice(&header);
        tree.write("a.7z", &archive);
        let share = Share::folder(&tree.root);
        let answer = share.get("/a.7z?contents");
        assert_eq!(answer.status, status, "{sizes} {streams}");
    }
}

#[test]
fn a_7z_is_listed() {
    if !needs::met_for_one_check("7z") {
        return;
    }
    let (tree, elsewhere) = (Tree::empty(), Tree::empty());
    for number in 0..300 {
        tree.write(format!("sub/größe {number}.txt"), &vec![b'x'; number]);
    }
    tree.mkdir("empty");
    for (name, options) in [
        ("packed.7z", &["-mhc=on"][..]),
        ("plain.7z", &["-mhc=off", "-ms=off"]),
        ("filtered.7z", &["-m0=Delta:4", "-m1=LZMA2"]),
        ("secret.7z", &["-psecret", "-mhe=on"]),
    ] {
        let mut command = Command::new("7z");
        command.args(["a", "-bso0", "-bsp0"]).args(options);
        command.arg(elsewhere.root.join(name)).arg(".");
        assert!(command.current_dir(&tree.root).status().unwrap().success());
    }
    let share = Share::folder(&elsewhere.root);
    for name in ["packed.7z", "plain.7z", "filtered.7z"] {
        let list = list(&share.get(&format!("/{name}?contents")));
        assert_eq!(names(&list).len(), 302, "{name}: {list}");
        let entries = list["entries"].as_array().unwrap();
        for number in [0, 1, 299] {
            let shown = format!("sub/größe {number}.txt");
            let row = entries.iter().find(|row| row[0] == *shown).unwrap();
            assert_eq!((&row[2], &row[4]), (&json!(number), &Value::Null), "{name}");
            assert!(row[3].as_i64().unwrap() > 1_600_000_000, "{row}");
        }
        let folder = entries.iter().find(|row| row[0] == "empty").unwrap();
        assert_eq!((&folder[1], &folder[2]), (&json!(0), &Value::Null));
    }
    assert_eq!(share.get("/secret.7z?contents").status, 422);
}

#[test]
fn long_lists_are_cut_and_a_file_that_was_taken_out_counts() {
    let tree = Tree::empty();
    let files: Vec<String> = (0..20_500).map(|number| format!("{number}")).collect();
    let files: Vec<_> = files
        .iter()
        .map(|name| (name.as_str(), &b"1"[..], false))
        .collect();
    tree.write("many.zip", &zip(&files));
    let content = Content::Folder(tree.root.clone());
    let (share, reports) = Share::reporting(&content, &Settings::default());
    let list = list(&share.get("/many.zip?contents"));
    assert_eq!((names(&list).len(), &list["cut"]), (20_000, &json!(true)));
    assert_eq!(share.get("/many.zip?member=20400").text(), "1");
    assert_eq!(reports.recv().unwrap(), "20400");
}
