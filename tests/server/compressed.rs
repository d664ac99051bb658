//! What is compressed on its way out, was compressed before, or lies there compressed.

use std::{
    fs,
    io::Read,
    path::Path,
    time::{Duration, SystemTime},
};

use spot_serve::server::{Content, Settings};

use crate::fixture::dated::{rest, set_time};
use crate::fixture::tree::Tree;
use crate::fixture::{Response, Share};

/// Text that can't be made small, with this many words.
fn words(count: u32) -> String {
    let word = |number: u32| format!("{} ", number.wrapping_mul(2_654_435_761) >> 12);
    (0..count).map(word).collect()
}

/// What a client makes of a body.
fn unpacked(encoding: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    match encoding {
        Some("br") => {
            let mut rest = body;
            brotli::Decompressor::new(&mut rest, 4096)
                .read_to_end(&mut content)
                .unwrap();
        }
        Some("zstd") => {
            content = vec![0; 16 << 20];
            let length = zstd_safe::decompress(&mut content[..], body).unwrap();
            content.truncate(length);
        }
        Some("gzip") => {
            flate2::read::GzDecoder::new(body)
                .read_to_end(&mut content)
                .unwrap();
        }
        None => content.extend_from_slice(body),
        Some(other) => panic!("nobody asked for {other}"),
    }
    content
}

#[test]
fn text_is_compressed_as_visitors_like_it() {
    let tree = Tree::empty();
    let text = "some words that repeat, ".repeat(10_000);
    for name in ["a.txt", "a.ts", "a.go", "a", "a.wasm", "a.bin"] {
        tree.write(name, text.as_bytes());
    }
    let long = words(200_000);
    tree.write("long.txt", long.as_bytes());
    tree.write("short.txt", b"short");
    rest();
    let share = Share::folder(&tree.root);
    let (mut tags, mut lengths) = (Vec::new(), Vec::new());
    for (accepted, encoding) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip, zstd", Some("zstd")),
        ("gzip", Some("gzip")),
        ("identity", None),
    ] {
        let accepted = ("Accept-Encoding", accepted);
        let response = share.get_with("/a.txt", &[accepted]);
        assert_eq!(response.header("content-encoding"), encoding);
        assert_eq!(response.header("vary"), Some("Accept-Encoding"));
        assert!(response.header("content-length").is_some());
        assert!(unpacked(encoding, &response.body) == text.as_bytes());
        let has_ranges = response.header("accept-ranges").is_some();
        assert_eq!(has_ranges, encoding.is_none(), "{accepted:?}");
        let head = share.head_with("/a.txt", &[accepted]);
        assert_eq!(head.sorted_headers(), response.sorted_headers());
        tags.push(response.header("etag").unwrap().to_owned());
        lengths.push(response.body.len());
        // Also where only the content shows that it is text.
        for path in ["/a.ts", "/a.go", "/a", "/a.wasm"] {
            let response = share.get_with(path, &[accepted]);
            assert_eq!(response.header("content-encoding"), encoding, "{path}");
            let tag = ("If-None-Match", response.header("etag").unwrap());
            assert_eq!(share.get_with(path, &[accepted, tag]).status, 304, "{path}");
        }
        // What is long is sent while it is compressed. If many are sent like this, it may be with gzip.
        let response = share.get_with("/long.txt", &[accepted]);
        let encoding = response.header("content-encoding");
        assert!(unpacked(encoding, &response.body) == long.as_bytes());
    }
    assert!(lengths.is_sorted(), "{lengths:?}");
    assert!(lengths[2] < text.len() / 10);
    let mut different = tags.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 4);
    // Whoever has it in one encoding has it.
    for tag in &tags {
        for accepted in ["br", "identity"] {
            let accepted = ("Accept-Encoding", accepted);
            let known = share.get_with("/a.txt", &[accepted, ("If-None-Match", tag)]);
            assert_eq!(known.status, 304);
            assert_eq!(known.header("etag"), Some(tag.as_str()));
            assert_eq!(known.header("vary"), Some("Accept-Encoding"));
            let same = share.get_with("/a.txt", &[accepted, ("If-Match", tag)]);
            assert_eq!(same.status, 200);
        }
        // But a part of one encoding is nothing in another.
        let part = [("Range", "bytes=5-9"), ("If-Range", tag)];
        let part = share.get_with("/a.txt", &[("Accept-Encoding", "br"), part[0], part[1]]);
        assert_eq!(part.status, if *tag == tags[3] { 206 } else { 200 });
        assert_eq!(part.header("content-encoding"), None);
    }
    let other = share.get_with("/a.txt", &[("If-Match", "\"other\"")]);
    assert_eq!(other.status, 412);
    for (path, headers) in [
        ("/short.txt", vec![("Accept-Encoding", "br")]),
        ("/a.bin", vec![("Accept-Encoding", "br")]),
        (
            "/a.txt",
            vec![("Accept-Encoding", "br"), ("Range", "bytes=0-9")],
        ),
        ("/a.txt", vec![("Accept-Encoding", "gzip;q=0")]),
        ("/a.txt", vec![("Accept-Encoding", "identity, br;q=0.5")]),
        ("/a.txt", vec![("Accept-Encoding", "brotli, gzip;q=x")]),
    ] {
        let response = share.get_with(path, &headers);
        let encoding = response.header("content-encoding");
        assert_eq!(encoding, None, "{path} {headers:?}");
    }
}

#[test]
fn slow_visitors_take_little_memory_from_others() {
    let tree = Tree::empty();
    let text = words(1_500_000);
    tree.write("long.txt", text.as_bytes());
    let share = Share::folder(&tree.root);
    // Nothing of this fits into the buffers of a connection.
    let accepted = [("Accept-Encoding", "br, zstd")];
    let slow: Vec<_> = (0..8)
        .map(|_| {
            let mut client = share.client();
            client.ask("GET", "/long.txt", &accepted);
            client.read_head().unwrap();
            client
        })
        .collect();
    let another = share.get_with("/long.txt", &[("Accept-Encoding", "br, zstd, gzip")]);
    assert_eq!(another.header("content-encoding"), Some("gzip"));
    assert!(unpacked(Some("gzip"), &another.body) == text.as_bytes());
    // Whoever doesn't accept that gets it as it is.
    let another = share.get_with("/long.txt", &accepted);
    assert_eq!(another.header("content-encoding"), None);
    drop(slow);
}

/// A share that keeps what it has compressed.
fn keeping(tree: &Tree) -> Share {
    let settings = Settings {
        thumbnails: Some(tree.outside("cache/thumbnails")),
        ..Settings::default()
    };
    Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap()
}

fn sent(share: &Share, path: &str, encoding: &str) -> Response {
    let response = share.get_with(path, &[("Accept-Encoding", encoding)]);
    assert_eq!(
        response.header("content-encoding"),
        Some(encoding),
        "{path}"
    );
    response
}

#[test]
fn what_was_compressed_is_kept_while_the_file_stays_the_same() {
    let tree = Tree::empty();
    // The shorter one is compressed as a whole, and again when it is asked for again.
    let short = include_str!("../../docs/security.md").to_owned();
    let long = words(100_000);
    let files = [("/short.txt", &short), ("/long.txt", &long)];
    for (path, text) in files {
        tree.write(&path[1..], text.as_bytes());
    }
    rest();
    let mut share = keeping(&tree);
    for encoding in ["br", "zstd", "gzip"] {
        for (path, text) in files {
            let first = sent(&share, path, encoding);
            assert!(unpacked(Some(encoding), &first.body) == text.as_bytes());
            let mut body = first.body;
            loop {
                let again = sent(&share, path, encoding);
                assert!(again.header("content-length").is_some());
                assert_eq!(again.header("transfer-encoding"), None);
                assert!(unpacked(Some(encoding), &again.body) == text.as_bytes());
                assert!(again.body.len() <= body.len());
                let head = share.head_with(path, &[("Accept-Encoding", encoding)]);
                assert_eq!(head.header("etag"), again.header("etag"));
                let is_smaller = again.body.len() < body.len();
                body = again.body;
                if is_smaller || path == "/long.txt" || encoding == "gzip" {
                    break;
                }
            }
        }
    }
    // Another file, of the same size and with the same time.
    let path = tree.root.join("short.txt");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let other = short.replace('e', "i");
    fs::write(&path, &other).unwrap();
    set_time(&path, time);
    for _ in 0..3 {
        let response = sent(&share, "/short.txt", "br");
        assert!(unpacked(Some("br"), &response.body) == other.as_bytes());
    }
    share.stop();
    let left = fs::read_dir(tree.outside("cache/copies")).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn a_text_that_keeps_changing_is_never_sent_from_before() {
    let tree = Tree::empty();
    let share = keeping(&tree);
    for number in 0..40 {
        let text = format!("{number:04} ").repeat(1000);
        tree.write("a.txt", text.as_bytes());
        for _ in 0..2 {
            let response = sent(&share, "/a.txt", "br");
            assert!(unpacked(Some("br"), &response.body) == text.as_bytes());
        }
    }
}

/// Writes a compressed form of a file, with a content that tells them apart.
fn lay_beside(tree: &Tree, name: &str, content: &str) {
    let bytes = if name.ends_with(".gz") {
        let mut encoder =
            flate2::read::GzEncoder::new(content.as_bytes(), flate2::Compression::best());
        let mut bytes = Vec::new();
        encoder.read_to_end(&mut bytes).unwrap();
        bytes
    } else if name.ends_with(".zst") {
        let mut bytes = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
        zstd_safe::compress(&mut bytes, content.as_bytes(), 3).unwrap();
        bytes
    } else {
        let mut encoder = brotli::CompressorReader::new(content.as_bytes(), 4096, 5, 18);
        let mut bytes = Vec::new();
        encoder.read_to_end(&mut bytes).unwrap();
        bytes
    };
    tree.write(name, &bytes);
}

#[test]
fn a_website_sends_what_lies_compressed_beside_a_file() {
    let tree = Tree::empty();
    let page = words(500);
    tree.write("index.html", page.as_bytes());
    for name in ["app.js", "old.js", "plain.js", "packed.bin"] {
        tree.write(name, b"the original ".repeat(100).as_slice());
    }
    lay_beside(&tree, "index.html.gz", &page);
    for name in [
        "app.js.br",
        "app.js.zst",
        "app.js.gz",
        "packed.bin.gz",
        "old.js.gz",
    ] {
        lay_beside(&tree, name, &format!("from {name} ").repeat(10));
    }
    tree.mkdir("plain.js.br");
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    set_time(&tree.root.join("old.js.gz"), hour_ago);
    rest();
    let share = Share::folder(&tree.root);
    let mut tags = Vec::new();
    for (accepted, encoding, name) in [
        ("br", "br", "app.js.br"),
        ("zstd", "zstd", "app.js.zst"),
        ("gzip, deflate", "gzip", "app.js.gz"),
    ] {
        let accepted = ("Accept-Encoding", accepted);
        let response = share.get_with("/app.js", &[accepted]);
        assert_eq!(response.header("content-encoding"), Some(encoding));
        assert_eq!(response.header("vary"), Some("Accept-Encoding"));
        let kind = response.header("content-type").unwrap();
        assert!(kind.starts_with("text/javascript"), "{kind}");
        let content = unpacked(Some(encoding), &response.body);
        assert_eq!(content, format!("from {name} ").repeat(10).as_bytes());
        let head = share.head_with("/app.js", &[accepted]);
        assert_eq!(head.sorted_headers(), response.sorted_headers());
        let tag = response.header("etag").unwrap();
        // A part of it is one of the compressed bytes.
        let part = [accepted, ("Range", "bytes=3-8"), ("If-Range", tag)];
        let part = share.get_with("/app.js", &part);
        assert_eq!(part.status, 206);
        assert_eq!(part.header("content-encoding"), Some(encoding));
        assert_eq!(part.body, response.body[3..9]);
        let length = response.body.len();
        let expected = format!("bytes 3-8/{length}");
        assert_eq!(part.header("content-range"), Some(expected.as_str()));
        let beyond = [accepted, ("Range", "bytes=99999-")];
        assert_eq!(share.get_with("/app.js", &beyond).status, 416);
        tags.push(tag.to_owned());
    }
    let plain = share.get("/app.js");
    assert_eq!(plain.body, b"the original ".repeat(100));
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
    tags.push(plain.header("etag").unwrap().to_owned());
    for tag in &tags {
        let known = [("Accept-Encoding", "br"), ("If-None-Match", tag)];
        let known = share.get_with("/app.js", &known);
        assert_eq!(
            (known.status, known.header("etag")),
            (304, Some(tag.as_str()))
        );
    }
    // With the accepted one that is smallest.
    let all = share.get_with("/app.js", &[("Accept-Encoding", "gzip, deflate, br, zstd")]);
    let smallest = ["app.js.br", "app.js.zst", "app.js.gz"].map(|name| size(&tree, name));
    assert_eq!(all.body.len() as u64, *smallest.iter().min().unwrap());
    // The page of the folder is one of its files.
    let home = share.get_with("/", &[("Accept-Encoding", "gzip")]);
    assert_eq!(home.body.len() as u64, size(&tree, "index.html.gz"));
    assert_eq!(unpacked(Some("gzip"), &home.body), page.as_bytes());
    // What is older, a folder, asked for itself, or saved.
    let gzip = [("Accept-Encoding", "gzip, br")];
    for path in ["/old.js", "/plain.js"] {
        let response = share.get_with(path, &gzip);
        let content = unpacked(response.header("content-encoding"), &response.body);
        assert_eq!(content, b"the original ".repeat(100), "{path}");
    }
    for path in ["/app.js.gz", "/packed.bin", "/app.js?download"] {
        let response = share.get_with(path, &gzip);
        let name = path[1..].split('?').next().unwrap();
        let content = unpacked(response.header("content-encoding"), &response.body);
        assert_eq!(content, fs::read(tree.root.join(name)).unwrap(), "{path}");
    }
}

fn size(tree: &Tree, name: &str) -> u64 {
    fs::metadata(tree.root.join(name)).unwrap().len()
}

#[test]
fn what_lies_beside_a_file_stands_for_it_in_websites_alone() {
    let tree = Tree::empty();
    let text = b"the original ".repeat(100);
    for folder in [Path::new(""), Path::new("site")] {
        tree.write(folder.join("app.js"), &text);
        lay_beside(&tree, folder.join("app.js.gz").to_str().unwrap(), "other");
    }
    tree.write("site/index.html", b"home");
    rest();
    let share = Share::folder(&tree.root);
    for path in ["/app.js", "/site/app.js"] {
        let response = sent(&share, path, "gzip");
        assert_eq!(unpacked(Some("gzip"), &response.body), text, "{path}");
    }
}

#[test]
fn a_tar_is_compressed_for_programs() {
    let tree = Tree::empty();
    for number in 0..20 {
        tree.write(format!("folder/{number}.txt"), words(5_000).as_bytes());
    }
    rest();
    let share = Share::folder(&tree.root);
    let tar = share.get("/?archive=tar");
    let packed = share.get("/?archive=tar.zst");
    assert_eq!(packed.header("content-type"), Some("application/zstd"));
    assert_eq!(packed.header("content-encoding"), None);
    let name = packed.header("content-disposition");
    assert_eq!(name, Some("attachment; filename=\"shared.tar.zst\""));
    assert!(packed.is_complete && packed.body.len() * 10 < tar.body.len());
    let mut content = vec![0; tar.body.len() + 1];
    let length = zstd_safe::decompress(&mut content[..], &packed.body).unwrap();
    assert!(content[..length] == tar.body);
    let head = share.head_with("/?archive=tar.zst", &[]);
    assert_eq!(head.sorted_headers(), packed.sorted_headers());
    // Nobody knows where a part of it begins.
    let part = share.get_with("/?archive=tar.zst", &[("Range", "bytes=5-9")]);
    assert_eq!((part.status, part.body.len()), (200, packed.body.len()));
    let tag = ("If-None-Match", packed.header("etag").unwrap());
    assert_eq!(share.get_with("/?archive=tar.zst", &[tag]).status, 304);
    assert_ne!(packed.header("etag"), tar.header("etag"));
}
