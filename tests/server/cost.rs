//! How much memory and processor time strangers' requests may cost. The figures are in the table in
//! `docs/security.md`.

#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Read,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::fixture::{
    Client, Share, as_the_program,
    dated::rest,
    http::PATIENCE,
    process::{cpu, memory, peak_memory, reset_peak},
    tree::Tree,
};

const MIB: u64 = 1 << 20;

/// What something costs: peak memory in bytes, and processor time.
fn cost(work: impl FnOnce()) -> (u64, Duration) {
    reset_peak();
    let (memory_before, cpu_before) = (memory(), cpu());
    work();
    let height = peak_memory().saturating_sub(memory_before);
    (height, cpu() - cpu_before)
}

/// As many visitors as a share serves send a request and leave at once.
fn ask_and_leave(share: &Share, target: &str, visitors: usize) {
    for _ in 0..visitors {
        share.client().ask("GET", target, &[]);
    }
    // Visitors who come after them are served.
    let begun = Instant::now();
    while share.get("/?cover").status != 200 {
        assert!(begun.elapsed() < PATIENCE);
    }
}

/// How many lines that end with a tag the rest of an answer has, without keeping it.
fn lines_until_the_end(client: &mut Client) -> usize {
    let (mut lines, mut last, mut buffer) = (0, 0, [0; 64 * 1024]);
    loop {
        let read = client.stream().read(&mut buffer).unwrap();
        if read == 0 {
            return lines;
        }
        for &byte in &buffer[..read] {
            lines += usize::from((last, byte) == (b'>', b'\n'));
            last = byte;
        }
    }
}

/// Creates nested folders, deeper than the system accepts in one path.
fn deep_folder(root: &Path, depth: usize) {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    let flags = OFlags::DIRECTORY | OFlags::RDONLY;
    let mut here = openat(CWD, root, flags, Mode::empty()).unwrap();
    for _ in 0..depth {
        mkdirat(&here, "n", Mode::RWXU).unwrap();
        here = openat(&here, "n", flags, Mode::empty()).unwrap();
    }
}

fn deep_url(depth: usize) -> String {
    format!("/{}", "n/".repeat(depth))
}

#[test]
fn crowds_that_list_a_large_folder_and_leave_cost_one_read_each() {
    as_the_program(|| {
        let tree = Tree::empty();
        for number in 0..100_000 {
            let name = format!("a file {number:06} with a name of usual length.txt");
            fs::write(tree.root.join(name), "").unwrap();
        }
        let share = Share::folder(&tree.root);
        assert_eq!(share.get("/?cover").status, 200);
        let before = memory();
        let (height, drive) = cost(|| {
            let mut client = share.client();
            let headers = [("Depth", "1"), ("Connection", "close")];
            client.ask("PROPFIND", "/", &headers);
            // One for each entry, and three around them.
            assert_eq!(lines_until_the_end(&mut client), 100_004);
        });
        eprintln!("as a drive: {drive:?}, {height} bytes");
        assert!(height < 40 * MIB, "as a drive: {height} bytes");
        for target in ["/?json&from=0&count=1", "/?page=1", "/?all", "/?sort=-size"] {
            let list = || {
                let mut client = share.client();
                client.ask("GET", target, &[("Connection", "close")]);
                // All rows would fill the memory of this process, which is the visitor as well.
                assert!(lines_until_the_end(&mut client) > 0 || target.contains("json"));
            };
            let (_, one) = cost(list);
            let (_, crowd) = cost(|| {
                ask_and_leave(&share, target, 470);
                list();
            });
            // Includes what the allocator keeps from earlier crowds.
            let height = peak_memory().saturating_sub(before);
            eprintln!("{target}: one {one:?}, 470 {crowd:?}, {height} bytes");
            assert!(height < 60 * MIB, "{target}: {height} bytes");
            // Without optimisation, connections and responses take time as well.
            assert!(
                crowd < 12 * one + Duration::from_secs(4),
                "{target}: {crowd:?}"
            );
        }
    });
}

#[test]
fn slow_readers_of_different_pages_cost_no_more_than_their_connections() {
    as_the_program(|| {
        const VISITORS: usize = 64;
        let tree = Tree::empty();
        for number in 0..4_000 {
            let name = format!("{number:04} {}", "a long name ".repeat(16));
            fs::write(tree.root.join(name), "").unwrap();
        }
        let share = Share::folder(&tree.root);
        assert!(share.get("/").body.len() > 700_000);
        let mut visitors = Vec::new();
        let (bytes, _) = cost(|| {
            for number in 0..VISITORS {
                let mut visitor = share.client();
                visitor.ask("GET", &format!("/?open={number}"), &[]);
                visitors.push(visitor);
            }
            for visitor in &mut visitors {
                assert_eq!(visitor.read_head().unwrap().status, 200);
            }
        });
        eprintln!("{VISITORS} slow readers: {bytes} bytes");
        // With the listing, and what the visitors here have read.
        let limit = VISITORS as u64 * 256 * 1024 + 8 * MIB;
        assert!(bytes < limit, "{bytes} bytes");
    });
}

#[test]
fn a_text_that_many_take_at_once_is_rendered_once() {
    as_the_program(|| {
        const VISITORS: usize = 24;
        let tree = Tree::empty();
        // Each of these takes six bytes in HTML.
        tree.write("README.md", "\"".repeat(400_000).as_bytes());
        rest();
        let share = Share::folder(&tree.root);
        for target in ["/README.md?rendered", "/"] {
            assert!(share.get(target).body.len() > 2_400_000);
            let mut visitors = Vec::new();
            let (bytes, _) = cost(|| {
                for _ in 0..VISITORS {
                    let mut visitor = share.client();
                    visitor.ask("GET", target, &[]);
                    visitors.push(visitor);
                }
                for visitor in &mut visitors {
                    assert_eq!(visitor.read_head().unwrap().status, 200);
                }
            });
            eprintln!("{target}: {bytes} bytes");
            let limit = VISITORS as u64 * 256 * 1024 + 12 * MIB;
            assert!(bytes < limit, "{target}: {bytes} bytes");
        }
    });
}

#[test]
fn a_total_counts_each_folder_once_and_is_the_length_of_the_archive() {
    let tree = Tree::empty();
    for number in 0..1_500 {
        tree.write(format!("data/{number}"), b"data");
        symlink("../data", tree.root.join(format!("data/link {number}"))).unwrap();
        symlink("data", tree.root.join(format!("link {number}"))).unwrap();
    }
    let share = Share::folder(&tree.root);
    let total: serde_json::Value = serde_json::from_slice(&share.get("/?total").body).unwrap();
    assert_eq!(
        (&total["files"], &total["size"]),
        (&1_500.into(), &6_000.into())
    );
    let archive = share.get("/?archive=zip").body;
    assert_eq!(total["zip"], archive.len());
}

#[test]
fn links_out_of_what_is_archived_are_followed_once() {
    let tree = Tree::empty();
    tree.write("data/deep/file", b"data");
    for name in ["a", "b", "c/d"] {
        fs::create_dir_all(tree.root.join("links/c")).unwrap();
        let up = if name == "c/d" { "../.." } else { ".." };
        let to = if name == "b" { "data/deep" } else { "data" };
        symlink(format!("{up}/{to}"), tree.root.join("links").join(name)).unwrap();
    }
    let share = Share::folder(&tree.root);
    let names = |archive: &[u8]| {
        let text = String::from_utf8_lossy(archive).into_owned();
        ["a/deep/file", "b/file", "c/d/deep/file"].map(|name| text.contains(name))
    };
    let archive = share.get("/links/?archive=zip").body;
    assert_eq!(names(&archive), [true, false, false]);
    // It can be resumed like any other.
    let range = [("Range", "bytes=100-")];
    let end = share.get_with("/links/?archive=zip", &range).body;
    assert!(end == archive[100..]);
    for (target, files) in [("/links/?total", 1), ("/?total", 1)] {
        let total: serde_json::Value = serde_json::from_slice(&share.get(target).body).unwrap();
        assert_eq!(total["files"], files, "{target}");
    }
}

#[test]
fn nothing_is_counted_for_visitors_who_have_left() {
    as_the_program(|| {
        let tree = Tree::empty();
        for folder in 0..100 {
            for number in 0..300 {
                tree.write(format!("{folder}/a file {number:06} of a usual name"), b"");
            }
        }
        let share = Share::folder(&tree.root);
        let total = || {
            let total: serde_json::Value =
                serde_json::from_slice(&share.get("/?total").body).unwrap();
            assert_eq!(total["files"], 30_000);
        };
        let (bytes, one) = cost(total);
        assert!(bytes < 8 * MIB, "{bytes} bytes");
        for target in ["/?total", "/?archive=zip"] {
            let (bytes, crowd) = cost(|| ask_and_leave(&share, target, 470));
            eprintln!("{target}: one {one:?}, 470 {crowd:?}, {bytes} bytes");
            assert!(bytes < 32 * MIB, "{target}: {bytes} bytes");
            assert!(
                crowd < 12 * one + Duration::from_secs(4),
                "{target}: {crowd:?}"
            );
        }
    });
}

/// A folder of links, each of which enters and leaves a folder hundreds of times.
fn with_long_links() -> (Tree, String) {
    let tree = Tree::empty();
    let inside = PathBuf::from("h").join("p/".repeat(100));
    fs::create_dir_all(tree.root.join(&inside).join("x")).unwrap();
    tree.write(inside.join("f"), b"f");
    let round = "x/../".repeat(800);
    for number in 0..30 {
        let next = match number {
            0 => "f".to_owned(),
            number => format!("m{}", number - 1),
        };
        let here = tree.root.join(&inside);
        symlink(format!("{round}{next}"), here.join(format!("m{number}"))).unwrap();
        symlink("m29", here.join(format!("z{number}"))).unwrap();
    }
    (tree, format!("/h/{}", "p/".repeat(100)))
}

#[test]
fn links_that_go_up_and_down_hold_up_nobody() {
    as_the_program(|| {
        let (tree, folder) = with_long_links();
        let share = Share::folder(&tree.root);
        let (_, root) = cost(|| assert_eq!(share.get("/").status, 200));
        let (_, listing) = cost(|| {
            let json = share.get(&format!("{folder}?json")).text();
            assert!(json.contains("\"f\""));
        });
        let (_, crowd) = cost(|| ask_and_leave(&share, &format!("{folder}?json"), 20));
        eprintln!("root {root:?}, folder of links {listing:?}, 20 who left {crowd:?}");
        assert!(root < Duration::from_secs(2), "{root:?}");
        assert!(listing < Duration::from_secs(5), "{listing:?}");
        assert!(crowd < Duration::from_secs(10), "{crowd:?}");
    });
}

#[test]
fn folders_in_each_other_are_served_512_deep_and_cost_little() {
    as_the_program(|| {
        let tree = Tree::empty();
        deep_folder(&tree.root, 4000);
        let share = Share::folder(&tree.root);
        let (_, cpu) = cost(|| {
            for (depth, status) in [(512, 200), (513, 404), (4000, 404)] {
                assert_eq!(share.get(&deep_url(depth)).status, status, "{depth}");
            }
            for depth in [500, 4000] {
                let missing = format!("{}missing", deep_url(depth));
                assert_eq!(share.get(&missing).status, 404);
            }
        });
        assert!(cpu < Duration::from_secs(2), "{cpu:?}");
        let page = share.get(&deep_url(512)).text();
        let (path, gap) = (deep_url(511), "<li><span>…</span></li>");
        assert!(page.contains(&format!("<a href=\"{path}\">")) && page.contains(gap));
        assert!(page.len() < 200_000, "{} bytes", page.len());
        // Nobody could request anything deeper.
        let json: serde_json::Value =
            serde_json::from_slice(&share.get(&format!("{}?json", deep_url(512))).body).unwrap();
        assert_eq!(json["total"], 0);
        let total = share.get("/?total").text();
        assert!(total.contains("\"files\":0"), "{total}");
        drop(share);
        // The standard library can't remove folders this deep.
        let removed = std::process::Command::new("rm")
            .arg("-r")
            .arg(&tree.root)
            .status();
        assert!(removed.unwrap().success());
    });
}
