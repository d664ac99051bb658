//! HTTP (RFC 9110), checked against the real server. Ranges, conditional requests, media types
//! and sites have their own files.

use std::fs::File;
use std::io::{Read, Write};

use crate::fixture::Share;
use crate::fixture::dated::{rest, with_file};
use crate::fixture::tree::Tree;

/// A folder with one of everything that is answered differently.
fn with_all_kinds() -> Tree {
    let tree = Tree::hostile();
    tree.write("empty.txt", b"");
    tree.write("large.txt", &b"text ".repeat(100_000));
    tree.write("large.bin", &[0; 300_000]);
    tree.write("notes.md", b"# Notes");
    tree.write("late.txt", &[&b"a".repeat(5_000)[..], b"\xe9"].concat());
    tree.write("late", &[&b"a".repeat(5_000)[..], &[0; 100]].concat());
    tree.write("code.ts", &b"let a = 1;\n".repeat(500));
    let picture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/sample/Pictures/Harbour at dusk.jpg"
    );
    tree.write("picture.jpg", &std::fs::read(picture).unwrap());
    tree.write("site/index.html", b"home");
    tree.write("site/404.html", b"lost");
    rest();
    tree
}

type Headers = &'static [(&'static str, &'static str)];

/// A request for each of them, with the status of the answer to GET.
const ALL_KINDS: [(&str, Headers, u16); 39] = [
    ("/", &[], 200),
    ("/", &[GZIP], 200),
    ("/?json", &[], 200),
    ("/?json", &[GZIP], 200),
    ("/?rows", &[], 200),
    ("/sub", &[], 302),
    ("/plain.txt", &[], 200),
    ("/plain.txt", &[("If-None-Match", "*")], 304),
    ("/plain.txt", &[("If-Match", "\"x\"")], 412),
    ("/empty.txt", &[], 200),
    ("/large.txt", &[], 200),
    ("/large.txt", &[GZIP], 200),
    ("/large.bin", &[], 200),
    ("/CON", &[], 200),
    ("/nothing", &[], 404),
    ("/.hidden", &[], 404),
    ("/%00", &[], 404),
    ("/?archive=zip", &[], 200),
    ("/?archive=zip", &[("If-None-Match", "*")], 304),
    ("/?archive=zip", &[("If-Match", "\"x\"")], 412),
    ("/notes.md?rendered", &[], 200),
    ("/picture.jpg", &[], 200),
    ("/picture.jpg?thumbnail", &[], 200),
    ("/picture.jpg?thumbnail", &[("If-None-Match", "*")], 304),
    ("/picture.jpg?card", &[], 200),
    ("/picture.jpg?preview", &[], 302),
    ("/picture.jpg?preview", &[("If-None-Match", "*")], 304),
    ("/plain.txt?preview", &[], 404),
    ("/plain.txt?thumbnail", &[], 404),
    ("/site/", &[], 200),
    ("/site/nothing", &[], 404),
    ("/plain.txt", &[("Host", "evil.example")], 421),
    ("/plain.txt?download", &[], 200),
    ("/late.txt", &[], 200),
    ("/late.txt", &[GZIP], 200),
    ("/late", &[], 200),
    ("/late", &[GZIP], 200),
    ("/code.ts", &[GZIP], 200),
    ("/code.ts", &[GZIP, ("If-None-Match", "*")], 304),
];

const GZIP: (&str, &str) = ("Accept-Encoding", "gzip");

#[test]
fn head_has_the_headers_of_get() {
    let tree = with_all_kinds();
    let share = Share::folder(&tree.root);
    for (path, headers, status) in ALL_KINDS {
        let get = share.get_with(path, headers);
        let head = share.head_with(path, headers);
        assert_eq!(get.status, status, "{path} {headers:?}");
        assert_eq!(head.status, status, "{path} {headers:?}");
        assert_eq!(head.sorted_headers(), get.sorted_headers(), "{path}");
        assert!(get.is_complete);
    }
}

#[test]
fn every_response_has_the_security_headers() {
    let tree = with_all_kinds();
    let share = Share::folder(&tree.root);
    let range = |path: &str, range: &str| share.get_with(path, &[("Range", range)]);
    let mut answers: Vec<_> = ALL_KINDS
        .iter()
        .map(|(path, headers, _)| share.get_with(path, headers))
        .collect();
    answers.push(range("/large.bin", "bytes=0-9"));
    answers.push(range("/large.bin", "bytes=0-9,20-29"));
    answers.push(range("/large.bin", "bytes=900000-"));
    answers.push(range("/?archive=zip", "bytes=0-9"));
    answers.push(range("/?archive=zip", "bytes=900000000-"));
    for method in ["OPTIONS", "PUT", "TRACE"] {
        answers.push(share.client().request(method, "/plain.txt", &[]));
    }
    for answer in answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer:?}");
        }
        assert!(
            answer.header("cross-origin-resource-policy").is_some(),
            "{answer:?}"
        );
        assert_eq!(answer.header("server"), None, "{answer:?}");
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_ends_the_connection() {
    let tree = Tree::empty();
    let path = tree.write("large.bin", &vec![1; 64 << 20]);
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    client.ask("GET", "/large.bin", &[]);
    let head = client.read_head().unwrap();
    assert_eq!(head.header("content-length"), Some("67108864"));
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1000)
        .unwrap();
    let mut received = client.take_rest();
    let _ = client.stream().read_to_end(&mut received);
    assert!(received.len() < 64 << 20);
    // Others are not disturbed.
    assert_eq!(share.get("/large.bin").body, vec![1; 1000]);
}

#[test]
fn a_file_that_grows_while_it_is_sent_keeps_its_announced_length() {
    let tree = Tree::empty();
    let path = tree.write("large.bin", &vec![1; 64 << 20]);
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    client.ask("GET", "/large.bin", &[]);
    let head = client.read_head().unwrap();
    File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"more")
        .unwrap();
    let length: usize = head.header("content-length").unwrap().parse().unwrap();
    let mut body = client.take_rest();
    let mut left = vec![0; length - body.len()];
    client.stream().read_exact(&mut left).unwrap();
    body.append(&mut left);
    assert!(body == vec![1; 64 << 20]);
    // The next request on the connection is answered as it should.
    assert_eq!(
        client.get("/large.bin", &[("Range", "bytes=-4")]).body,
        b"more"
    );
}

#[test]
fn an_old_client_gets_no_chunks() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    let request = format!(
        "GET /?json HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n\r\n",
        share.port
    );
    client.send(request.as_bytes());
    let response = client.response(false);
    assert_eq!(response.header("transfer-encoding"), None);
    assert_eq!(response.header("content-length"), None);
    assert!(response.text().ends_with("]}\n"));
}

#[test]
fn a_connection_serves_many_requests() {
    let (_tree, share, content) = with_file();
    let mut client = share.client();
    for _ in 0..3 {
        assert_eq!(client.get("/file.bin", &[]).body, content);
        assert_eq!(client.get("/nothing", &[]).status, 404);
        assert_eq!(client.request("HEAD", "/file.bin", &[]).status, 200);
        assert_eq!(client.get("/", &[]).status, 200);
    }
    client.ask("GET", "/file.bin", &[]);
    client.ask("GET", "/file.bin", &[("Range", "bytes=0-4")]);
    assert_eq!(client.response(false).body, content);
    assert_eq!(client.response(false).body, content[..5]);
}

#[test]
fn a_listing_as_json_has_the_bytes_of_every_name() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let listing: serde_json::Value = serde_json::from_slice(&share.get("/?json").body).unwrap();
    assert_eq!(listing["name"], "shared");
    let mut client = share.client();
    let entries = listing["entries"].as_array().unwrap();
    assert!(entries.len() > 20);
    for entry in entries {
        let url = entry["url"].as_str().unwrap().strip_prefix('.').unwrap();
        let response = client.get(url, &[]);
        assert_eq!(response.status, 200, "{url}");
        if entry["folder"] == false {
            assert_eq!(entry["size"], response.body.len(), "{url}");
        }
    }
}
