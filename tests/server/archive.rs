//! A folder as one zip: every program that reads zips accepts it, and it can be resumed anywhere.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

use crate::fixture::tree::{Tree, content_of, names};
use crate::fixture::{Client, Share};
use loopback_edge::needs;
use spot_serve::server::{Content, Settings};

/// The programs that must accept our archives, with the command to check one.
const READERS: [&[&str]; 4] = [
    &["unzip", "-tqq"],
    &["python3", "-m", "zipfile", "-t"],
    &["7z", "t", "-bso0", "-bsp0"],
    &["bsdtar", "-xOf"],
];

/// Asserts that every installed reader accepts an archive.
fn assert_readers_take(archive: &Path) {
    for reader in READERS {
        assert_reader_takes(reader, archive, None);
    }
}

/// Asserts that every installed reader accepts an archive of several gigabytes. `unzip`, which takes
/// minutes for all of it, looks only at a file `behind` them.
fn assert_readers_take_large(archive: &Path, behind: &str) {
    for reader in READERS {
        let only = (reader[0] == "unzip").then_some(behind);
        assert_reader_takes(reader, archive, only);
    }
}

fn assert_reader_takes(reader: &[&str], archive: &Path, only: Option<&str>) {
    if needs::met_for_one_check(reader[0]) {
        let mut command = Command::new(reader[0]);
        command.args(&reader[1..]).arg(archive).args(only);
        let status = command.stdout(std::process::Stdio::null()).status();
        let reader = reader.join(" ");
        assert!(status.unwrap().success(), "{reader} takes the archive");
    }
}

fn save(archive: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    file.write_all(archive).unwrap();
    file
}

fn range(start: u64, end: u64) -> String {
    format!("bytes={start}-{}", end - 1)
}

/// The time of a file as `unzip` restores it in a time zone, in seconds since 1970; `None` without
/// `unzip`.
fn unzipped_time(archive: &Path, name: &str, zone: Option<&str>) -> Option<u64> {
    if !needs::met_for_one_check("unzip") {
        return None;
    }
    let unpacked = tempfile::tempdir().unwrap();
    let unzip = Command::new("unzip")
        .args(["-qq", "-o"])
        .arg(archive)
        .arg(name)
        .envs(zone.map(|zone| ("TZ", zone)))
        .current_dir(unpacked.path())
        .status();
    assert!(unzip.unwrap().success());
    let modified = fs::metadata(unpacked.path().join(name)).unwrap().modified();
    let since_1970 = modified.unwrap().duration_since(std::time::UNIX_EPOCH);
    Some(since_1970.unwrap().as_secs())
}

/// Random numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Files of all sizes around the limits inside the archive, with folders, one of them empty.
fn mixed() -> Tree {
    let tree = Tree::empty();
    let mut dice = Dice(7);
    for (index, size) in [
        0, 1, 100, 65_535, 65_536, 65_537, 98_304, 200_000, 3_000_000,
    ]
    .into_iter()
    .enumerate()
    {
        let content: Vec<u8> = (0..size).map(|_| dice.below(256) as u8).collect();
        tree.write(format!("folder {}/file {index}", index % 3), &content);
    }
    tree.mkdir("empty/inside");
    tree
}

#[test]
fn every_reader_accepts_an_archive_of_hostile_names() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let response = share.get("/?archive=zip");
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/zip"));
    let disposition = response.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=\"shared.zip\""));
    let archive = save(&response.body);
    assert_readers_take(archive.path());
}

#[test]
fn an_archive_contains_exactly_what_the_listing_shows() {
    let tree = Tree::hostile();
    filetime(&tree.root.join("plain.txt"), 784_111_777);
    let share = Share::folder(&tree.root);
    let archive = save(&share.get("/?archive=zip").body);
    let Some(listed) = contents(archive.path()) else {
        return;
    };
    for (name, content) in &listed {
        assert!(
            !content.windows(6).any(|window| window == b"SECRET"),
            "{name}"
        );
        assert!(name.starts_with("shared/"), "{name}");
        assert!(!name.contains("/."), "{name}");
    }
    let mut expected: Vec<String> = [
        "",
        "empty/",
        "sub/",
        "sub/inner.txt",
        "sub/deeper/",
        "link-in",
    ]
    .iter()
    .map(|name| format!("shared/{name}"))
    .collect();
    expected.push("shared/not-utf8-%FF%FE.txt".to_owned());
    for name in names()
        .into_iter()
        .filter_map(|name| String::from_utf8(name).ok())
    {
        let name = match name.replace(|c: char| c < ' ' || "<>:\"\\|?*".contains(c), "_") {
            name if name == "CON" => "_CON".to_owned(),
            name if name.ends_with('.') => format!("{}_", name.trim_end_matches('.')),
            name => name,
        };
        expected.push(format!("shared/{name}"));
    }
    for name in expected {
        assert!(listed.contains_key(&name), "{name} is in the archive");
    }
    assert_eq!(listed["shared/plain.txt"], content_of(b"plain.txt"));
    assert_eq!(listed["shared/link-in"], b"inner");
    for name in [
        "fifo",
        "socket",
        "link-out",
        "link-broken",
        "link-to-hidden",
        "link-to-self/plain.txt",
        // The archive contains the target itself.
        "link-to-folder/inner.txt",
    ] {
        assert!(!listed.contains_key(&format!("shared/{name}")), "{name}");
    }
    // The archive has the time in UTC, so the time zone makes no difference.
    if let Some(seconds) = unzipped_time(archive.path(), "shared/plain.txt", Some("EST5")) {
        assert_eq!(seconds, 784_111_777);
    }
}

#[test]
fn a_date_after_2038_is_preserved() {
    let tree = Tree::empty();
    // 2100-01-01, which does not fit into 32 bits of seconds.
    let then = 4_102_444_800;
    tree.write("later.txt", b"later");
    filetime(&tree.root.join("later.txt"), then);
    let archive = save(&Share::folder(&tree.root).get("/?archive=zip").body);
    assert_readers_take(archive.path());
    // For `unzip` it is only in the zip's own format: the local time of the share.
    if let Some(seconds) = unzipped_time(archive.path(), "shared/later.txt", None) {
        assert_eq!(seconds, then);
    }
}

/// Names with contents, as Python reads them.
fn contents(archive: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    let script = "import sys, zipfile, json\n\
        z = zipfile.ZipFile(sys.argv[1])\n\
        print(json.dumps([[i.filename, list(z.read(i))] for i in z.infolist()]))";
    if !needs::met_for_one_check("python3") {
        return None;
    }
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(archive)
        .output()
        .unwrap();
    assert!(output.status.success());
    Some(
        serde_json::from_slice::<Vec<(String, Vec<u8>)>>(&output.stdout)
            .unwrap()
            .into_iter()
            .collect(),
    )
}

fn filetime(path: &Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

#[test]
fn head_reports_the_length_that_get_sends() {
    let tree = mixed();
    let share = Share::folder(&tree.root);
    let head = share.head_with("/?archive=zip", &[]);
    let get = share.get("/?archive=zip");
    assert_eq!(head.sorted_headers(), get.sorted_headers());
    assert_eq!(
        head.header("content-length"),
        Some(get.body.len().to_string().as_str())
    );
    assert!(get.is_complete);
}

#[test]
fn a_download_can_resume_at_any_byte() {
    let tree = mixed();
    let whole = Share::folder(&tree.root).get("/?archive=zip").body;
    let mut dice = Dice(42);
    // A new server knows no checksums yet; in the second round it does.
    for share in [Share::folder(&tree.root), Share::folder(&tree.root)] {
        let mut client = share.client();
        for round in 0..50 {
            let start = dice.below(whole.len() as u64);
            let end = match round % 2 {
                0 => whole.len() as u64,
                _ => start + 1 + dice.below(whole.len() as u64 - start),
            };
            let response = client.get("/?archive=zip", &[("Range", &range(start, end))]);
            assert_eq!(response.status, 206);
            let expected = format!("bytes {start}-{}/{}", end - 1, whole.len());
            assert_eq!(response.header("content-range"), Some(expected.as_str()));
            assert!(
                response.body == whole[start as usize..end as usize],
                "{start}..{end}"
            );
        }
    }
}

#[test]
fn a_small_archive_can_be_resumed_at_every_byte() {
    let tree = Tree::empty();
    tree.write("a", b"some content");
    tree.write("b/c", &[7; 70_000]);
    tree.mkdir("d");
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    let whole = client.get("/?archive=zip", &[]).body;
    let small = whole.len() as u64 - 70_000;
    for start in (0..small / 2).chain(whole.len() as u64 - small / 2..whole.len() as u64) {
        let range = format!("bytes={start}-");
        let part = client.get("/?archive=zip", &[("Range", &range)]).body;
        assert!(part == whole[start as usize..], "{start}");
    }
}

#[test]
fn a_range_past_the_end_is_not_satisfiable() {
    let tree = mixed();
    let share = Share::folder(&tree.root);
    let length = share.get("/?archive=zip").body.len();
    let response = share.get_with("/?archive=zip", &[("Range", &format!("bytes={length}-"))]);
    assert_eq!(response.status, 416);
    assert_eq!(
        response.header("content-range"),
        Some(format!("bytes */{length}").as_str())
    );
}

#[test]
fn several_chosen_files_and_folders_make_one_archive() {
    let tree = mixed();
    tree.write("single.txt", b"single");
    let content = Content::Files(vec![
        tree.root.join("single.txt"),
        tree.root.join("folder 1"),
    ]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    let archive = save(&share.get("/?archive=zip").body);
    assert_readers_take(archive.path());
    if let Some(listed) = contents(archive.path()) {
        let names: Vec<_> = listed.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "folder 1/",
                "folder 1/file 1",
                "folder 1/file 4",
                "folder 1/file 7",
                "single.txt"
            ]
        );
    }
}

#[test]
fn seventy_thousand_files_make_one_archive() {
    let tree = Tree::empty();
    for folder in 0..70 {
        tree.mkdir(format!("{folder}"));
        for file in 0..1000 {
            fs::write(
                tree.root.join(format!("{folder}/{file}")),
                format!("{folder}/{file}"),
            )
            .unwrap();
        }
    }
    let share = Share::folder(&tree.root);
    let response = share.get("/?archive=zip");
    assert!(response.is_complete);
    let archive = save(&response.body);
    assert_readers_take(archive.path());
    let tail = response.body.len() as u64 - 3_000_000;
    let part = share.get_with("/?archive=zip", &[("Range", &format!("bytes={tail}-"))]);
    assert!(part.body == response.body[tail as usize..]);
}

#[test]
fn a_five_gibibyte_file_is_archived_and_resumed() {
    const GIB: u64 = 1 << 30;
    let tree = Tree::empty();
    let large = File::create(tree.root.join("large.img")).unwrap();
    large.set_len(5 * GIB).unwrap();
    let mut marks = large;
    for gib in 0..5 {
        marks.seek(SeekFrom::Start(gib * GIB + 12_345)).unwrap();
        marks.write_all(format!("mark {gib}").as_bytes()).unwrap();
    }
    tree.write("zz behind it", b"behind");
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    client.ask("GET", "/?archive=zip", &[]);
    let head = client.read_head().unwrap();
    let length: u64 = head.header("content-length").unwrap().parse().unwrap();
    assert!(length > 5 * GIB);
    let mut archive = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
    save_sparse(&mut client, archive.as_file_mut(), length);
    assert_readers_take_large(archive.path(), "*behind it");

    let mut dice = Dice(3);
    for _ in 0..50 {
        let start = dice.below(length - 100_000);
        let part = client_at(&share, start, start + 100_000);
        let mut expected = vec![0; 100_000];
        archive.seek(SeekFrom::Start(start)).unwrap();
        archive.read_exact(&mut expected).unwrap();
        assert!(part == expected, "{start}");
    }
    // The end of the archive needs the checksums of everything before it.
    let part = client_at(&Share::folder(&tree.root), length - 500, length);
    let mut expected = vec![0; 500];
    archive.seek(SeekFrom::Start(length - 500)).unwrap();
    archive.read_exact(&mut expected).unwrap();
    assert!(part == expected);
}

fn client_at(share: &Share, start: u64, end: u64) -> Vec<u8> {
    share
        .get_with("/?archive=zip", &[("Range", &range(start, end))])
        .body
}

/// Saves a body, with holes where it is all zeros.
fn save_sparse(client: &mut Client, file: &mut File, length: u64) {
    let rest = client.take_rest();
    file.write_all(&rest).unwrap();
    let mut left = length - rest.len() as u64;
    let mut buffer = vec![0; 1 << 20];
    let zeros = vec![0; 1 << 20];
    while left > 0 {
        let read = client.stream().read(&mut buffer).unwrap();
        assert!(read > 0, "{left} bytes are missing");
        left -= read as u64;
        if buffer[..read] == zeros[..read] {
            file.seek(SeekFrom::Current(read as i64)).unwrap();
        } else {
            file.write_all(&buffer[..read]).unwrap();
        }
    }
    file.set_len(length).unwrap();
}
