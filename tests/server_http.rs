//! HTTP as RFC 9110 says, checked against the real server.

mod fixture;

use std::fs::File;
use std::io::{Read, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fixture::Share;
use fixture::tree::Tree;

const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const THEN_S: u64 = 784_111_777;

/// A file of 1,000 bytes that was changed in 1994.
fn with_file() -> (Tree, Share, Vec<u8>) {
    let tree = Tree::empty();
    let content: Vec<u8> = (0..1000_u32).map(|i| i as u8).collect();
    let path = tree.write("file.bin", &content);
    set_time(&path, UNIX_EPOCH + Duration::from_secs(THEN_S));
    let share = Share::folder(&tree.root);
    (tree, share, content)
}

fn set_time(path: &std::path::Path, time: SystemTime) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[test]
fn one_range_is_answered_as_a_part() {
    let (_tree, share, content) = with_file();
    let mut client = share.client();
    for (range, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-999", 500, 1000),
        ("bytes=500-", 500, 1000),
        ("bytes=-1", 999, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=990-5000", 990, 1000),
        ("bytes=0-0,2000-", 0, 1),
        ("bytes=10-20,15-30", 10, 31),
        ("bytes=0-999", 0, 1000),
    ] {
        let response = client.get("/file.bin", &[("Range", range)]);
        assert_eq!(response.status, 206, "{range}");
        let expected = format!("bytes {start}-{}/1000", end - 1);
        assert_eq!(
            response.header("content-range"),
            Some(expected.as_str()),
            "{range}"
        );
        assert_eq!(
            response.header("content-length"),
            Some((end - start).to_string().as_str())
        );
        assert_eq!(response.body, content[start..end], "{range}");
        assert!(response.header("etag").is_some());
    }
}

#[test]
fn ranges_that_can_not_be_served_say_how_long_the_file_is() {
    let (_tree, share, _) = with_file();
    for range in ["bytes=1000-", "bytes=5000-6000", "bytes=-0"] {
        let response = share.get_with("/file.bin", &[("Range", range)]);
        assert_eq!(response.status, 416, "{range}");
        assert_eq!(
            response.header("content-range"),
            Some("bytes */1000"),
            "{range}"
        );
    }
}

#[test]
fn ranges_that_mean_nothing_are_ignored() {
    let (_tree, share, content) = with_file();
    for range in [
        "bytes=",
        "bytes=a-b",
        "bytes=5-1",
        "items=0-1",
        "bytes=0-1,x",
    ] {
        let response = share.get_with("/file.bin", &[("Range", range)]);
        assert_eq!(response.status, 200, "{range}");
        assert_eq!(response.body, content, "{range}");
    }
    let head = share.head_with("/file.bin", &[("Range", "bytes=0-1")]);
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("1000"))
    );
}

#[test]
fn several_ranges_are_answered_in_parts() {
    let (_tree, share, content) = with_file();
    let response = share.get_with("/file.bin", &[("Range", "bytes=900-999,0-9,-5,20-29")]);
    assert_eq!(response.status, 206);
    // Two of them overlap, so they come in the order of the file.
    assert_eq!(
        parts(&response),
        [
            ("bytes 0-9/1000".to_owned(), content[0..10].to_vec()),
            ("bytes 20-29/1000".to_owned(), content[20..30].to_vec()),
            ("bytes 900-999/1000".to_owned(), content[900..1000].to_vec()),
        ]
    );
    let response = share.get_with("/file.bin", &[("Range", "bytes=50-59, 10-19")]);
    let ranges: Vec<_> = parts(&response)
        .into_iter()
        .map(|(range, _)| range)
        .collect();
    assert_eq!(ranges, ["bytes 50-59/1000", "bytes 10-19/1000"]);
}

#[test]
fn at_most_sixteen_ranges_are_answered_in_parts() {
    let (_tree, share, content) = with_file();
    let list = |count: usize| {
        let ranges: Vec<_> = (0..count).map(|i| format!("{0}-{0}", i * 2)).collect();
        format!("bytes={}", ranges.join(","))
    };
    let response = share.get_with("/file.bin", &[("Range", &list(16))]);
    assert_eq!(parts(&response).len(), 16);
    let response = share.get_with("/file.bin", &[("Range", &list(17))]);
    assert_eq!((response.status, response.body), (200, content));
}

/// The ranges and bodies of a multipart response, after RFC 2046.
fn parts(response: &fixture::Response) -> Vec<(String, Vec<u8>)> {
    let content_type = response.header("content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = &response.body[..];
    let mut parts = Vec::new();
    let find = |haystack: &[u8], needle: &str| {
        haystack
            .windows(needle.len())
            .position(|window| window == needle.as_bytes())
    };
    assert_eq!(find(rest, &delimiter), Some(0));
    loop {
        rest = &rest[delimiter.len()..];
        if rest == b"--\r\n" {
            return parts;
        }
        let end = find(rest, "\r\n\r\n").unwrap();
        let head = String::from_utf8(rest[..end].to_vec()).unwrap();
        let range = head.split("Content-Range: ").nth(1).unwrap().to_owned();
        assert!(head.contains("Content-Type: application/octet-stream"));
        rest = &rest[end + 4..];
        let end = find(rest, &delimiter).unwrap();
        parts.push((range, rest[..end].to_vec()));
        rest = &rest[end..];
    }
}

#[test]
fn preconditions_are_heard_in_their_order() {
    let (_tree, share, content) = with_file();
    let first = share.get("/file.bin");
    let etag = first.header("etag").unwrap();
    assert!(
        etag.starts_with('"') && etag.ends_with('"'),
        "{etag} is a strong tag"
    );
    assert_eq!(first.header("last-modified"), Some(THEN));
    let later = "Mon, 07 Nov 1994 08:49:37 GMT";
    let earlier = "Sat, 05 Nov 1994 08:49:37 GMT";
    let range = ("Range", "bytes=0-9");
    let table: &[(&[(&str, &str)], u16)] = &[
        (&[("If-None-Match", etag)], 304),
        (&[("If-None-Match", "\"other\"")], 200),
        (&[("If-None-Match", "*")], 304),
        (&[("If-Modified-Since", THEN)], 304),
        (&[("If-Modified-Since", earlier)], 200),
        (
            &[("If-None-Match", "\"other\""), ("If-Modified-Since", later)],
            200,
        ),
        (&[("If-Match", etag)], 200),
        (&[("If-Match", "\"other\"")], 412),
        (&[("If-Unmodified-Since", earlier)], 412),
        (&[("If-Match", etag), ("If-Unmodified-Since", earlier)], 200),
        (&[("If-Match", "\"other\""), ("If-None-Match", etag)], 412),
        (&[range, ("If-Range", etag)], 206),
        (&[range, ("If-Range", THEN)], 206),
        (&[range, ("If-Range", "\"other\"")], 200),
        (&[range, ("If-Range", later)], 200),
        (&[range, ("If-None-Match", etag)], 304),
        (&[range, ("If-Match", "\"other\"")], 412),
        (&[("Range", "bytes=5000-"), ("If-Range", "\"other\"")], 200),
    ];
    for (headers, status) in table {
        for method in ["GET", "HEAD"] {
            let response = share.client().request(method, "/file.bin", headers);
            let status = if method == "HEAD" && *status == 206 {
                200
            } else {
                *status
            };
            assert_eq!(response.status, status, "{method} {headers:?}");
            if status == 304 {
                assert_eq!(response.header("etag"), Some(etag));
                assert_eq!(response.header("cache-control"), Some("no-cache"));
                assert_eq!(response.header("content-type"), None);
            }
            if status == 200 && method == "GET" {
                assert_eq!(response.body, content, "{headers:?}");
            }
        }
    }
}

#[test]
fn the_tag_changes_with_size_time_and_file() {
    let (tree, share, content) = with_file();
    let tag = || share.get("/file.bin").header("etag").unwrap().to_owned();
    let mut tags = vec![tag()];
    let path = tree.root.join("file.bin");
    let then = UNIX_EPOCH + Duration::from_secs(THEN_S);
    set_time(&path, then + Duration::from_nanos(1_000));
    tags.push(tag());
    File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(b"x")
        .unwrap();
    set_time(&path, then);
    tags.push(tag());
    // The same size and time, but another file.
    let other = tree.write("other", &content);
    set_time(&other, then);
    std::fs::rename(other, &path).unwrap();
    tags.push(tag());
    let mut unique = tags.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), tags.len(), "{tags:?}");
}

#[test]
fn a_changed_file_shows_at_once() {
    let tree = Tree::empty();
    tree.write("a.txt", b"first");
    let share = Share::folder(&tree.root);
    let first = share.get("/a.txt");
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    tree.write("a.txt", b"other");
    let second = share.get_with(
        "/a.txt",
        &[("If-None-Match", first.header("etag").unwrap())],
    );
    assert_eq!((second.status, second.body), (200, b"other".to_vec()));
}

#[test]
fn head_has_the_headers_of_get() {
    let tree = Tree::hostile();
    tree.write("empty.txt", b"");
    tree.write("large.txt", &b"text ".repeat(100_000));
    tree.write("large.bin", &[0; 300_000]);
    let share = Share::folder(&tree.root);
    let gzip = [("Accept-Encoding", "gzip")];
    for (path, headers) in [
        ("/", &[][..]),
        ("/?json", &[]),
        ("/sub", &[]),
        ("/plain.txt", &[]),
        ("/empty.txt", &[]),
        ("/large.txt", &[]),
        ("/large.txt", &gzip),
        ("/large.bin", &[]),
        ("/CON", &[]),
        ("/nothing", &[]),
        ("/?archive=zip", &[]),
    ] {
        let get = share.get_with(path, headers);
        let head = share.head_with(path, headers);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.sorted_headers(), get.sorted_headers(), "{path}");
        assert!(get.is_complete);
    }
}

#[test]
fn types_and_names_are_told() {
    let tree = Tree::empty();
    for (name, content, content_type, disposition) in [
        (
            "a.txt",
            &b"text"[..],
            "text/plain; charset=utf-8",
            "inline; filename=\"a.txt\"",
        ),
        (
            "latin1.txt",
            b"caf\xe9",
            "text/plain",
            "inline; filename=\"latin1.txt\"",
        ),
        (
            "README",
            b"words",
            "text/plain; charset=utf-8",
            "inline; filename=\"README\"",
        ),
        (
            "a.html",
            b"<p>",
            "text/html; charset=utf-8",
            "inline; filename=\"a.html\"",
        ),
        (
            "a.png",
            b"\x89PNG",
            "image/png",
            "inline; filename=\"a.png\"",
        ),
        (
            "a.zip",
            b"PK\x03\x04",
            "application/zip",
            "attachment; filename=\"a.zip\"",
        ),
        (
            "core",
            b"\x7fELF\0",
            "application/octet-stream",
            "attachment; filename=\"core\"",
        ),
        (
            "日本.txt",
            b"text",
            "text/plain; charset=utf-8",
            "inline; filename=\"__.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt",
        ),
    ] {
        tree.write(name, content);
        let share = Share::folder(&tree.root);
        let url = format!("/{}", fixture::tree::url(name.as_bytes()));
        let response = share.get(&url);
        assert_eq!(
            response.header("content-type"),
            Some(content_type),
            "{name}"
        );
        assert_eq!(
            response.header("content-disposition"),
            Some(disposition),
            "{name}"
        );
        let saved = share.get(&format!("{url}?download"));
        assert!(
            saved
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment")
        );
    }
}

#[test]
fn text_is_compressed_for_those_who_accept_it() {
    let tree = Tree::empty();
    let text = "some words that repeat, ".repeat(10_000);
    tree.write("a.txt", text.as_bytes());
    tree.write("short.txt", b"short");
    tree.write("a.bin", text.as_bytes());
    let share = Share::folder(&tree.root);
    let gzip = ("Accept-Encoding", "br, gzip");
    let response = share.get_with("/a.txt", &[gzip]);
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    assert_eq!(response.header("vary"), Some("Accept-Encoding"));
    assert_eq!(response.header("accept-ranges"), None);
    assert!(response.body.len() < text.len() / 10);
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&response.body[..])
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, text);
    let plain = share.get("/a.txt");
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
    assert_ne!(plain.header("etag"), response.header("etag"));
    let tag = response.header("etag").unwrap();
    assert_eq!(
        share
            .get_with("/a.txt", &[gzip, ("If-None-Match", tag)])
            .status,
        304
    );
    for (path, headers) in [
        ("/short.txt", vec![gzip]),
        ("/a.bin", vec![gzip]),
        ("/a.txt", vec![gzip, ("Range", "bytes=0-9")]),
        ("/a.txt", vec![("Accept-Encoding", "gzip;q=0")]),
    ] {
        let response = share.get_with(path, &headers);
        assert_eq!(
            response.header("content-encoding"),
            None,
            "{path} {headers:?}"
        );
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
fn a_file_that_grows_while_it_is_sent_is_sent_as_promised() {
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
fn a_folder_with_an_index_is_a_site() {
    let tree = Tree::empty();
    tree.write("index.html", b"home");
    tree.write("about.html", b"about");
    tree.write("404.html", b"lost");
    tree.write("docs/index.html", b"docs");
    tree.write("docs/page.html", b"page");
    tree.write("assets/app.js", b"1");
    let share = Share::folder(&tree.root);
    for (path, status, body) in [
        ("/", 200, "home"),
        ("/index.html", 200, "home"),
        ("/about", 200, "about"),
        ("/about.html", 200, "about"),
        ("/docs/", 200, "docs"),
        ("/docs/page", 200, "page"),
        ("/nothing", 404, "lost"),
        ("/assets/nothing", 404, "lost"),
        ("/about/", 404, "lost"),
    ] {
        let response = share.get(path);
        assert_eq!(
            (response.status, response.text().as_str()),
            (status, body),
            "{path}"
        );
        assert_eq!(
            response.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
    }
    assert_eq!(
        share.get("/docs?a=1").header("location"),
        Some("/docs/?a=1")
    );
    assert!(share.get("/assets/").text().contains("./app.js"));
    assert!(share.get("/?json").text().contains("about.html"));
    assert_eq!(share.get("/nothing").header("accept-ranges"), Some("bytes"));
    let lost = share.get_with(
        "/nothing",
        &[("Range", "bytes=0-1"), ("If-None-Match", "*")],
    );
    assert_eq!((lost.status, lost.text().as_str()), (404, "lost"));
}

#[test]
fn without_an_index_nothing_is_a_site() {
    let tree = Tree::empty();
    tree.write("about.html", b"about");
    tree.write("404.html", b"lost");
    let share = Share::folder(&tree.root);
    assert_eq!(share.get("/about").status, 404);
    assert!(!share.get("/nothing").text().contains("lost"));
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
fn a_connection_is_used_for_many_requests() {
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
