//! Conditional requests (RFC 9110, section 13), checked against the real server.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant, UNIX_EPOCH};

use crate::fixture::Share;
use crate::fixture::dated::{THEN, THEN_S, rest, set_time, with_file};
use crate::fixture::tree::Tree;

#[test]
fn preconditions_are_evaluated_in_order() {
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
                assert_eq!(response.header("cache-control"), Some("private, no-cache"));
                assert_eq!(response.header("content-type"), None);
            }
            if status == 200 && method == "GET" {
                assert_eq!(response.body, content, "{headers:?}");
            }
        }
    }
}

#[test]
fn the_etag_changes_with_size_time_and_file() {
    let (tree, share, content) = with_file();
    let tag = || {
        rest();
        share.get("/file.bin").header("etag").unwrap().to_owned()
    };
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

/// Bundlers give every file the same time, and file systems reuse inode numbers.
#[cfg(unix)]
#[test]
fn new_content_with_the_same_size_time_and_inode_has_another_etag() {
    use std::os::unix::fs::MetadataExt;
    let (tree, share, content) = with_file();
    let path = tree.root.join("file.bin");
    let old = share.get("/file.bin");
    let old = old.header("etag").unwrap();
    let changed = || {
        let metadata = std::fs::metadata(&path).unwrap();
        (metadata.ctime(), metadata.ctime_nsec())
    };
    let before = changed();
    let other: Vec<u8> = content.iter().map(|byte| !byte).collect();
    // Until the clock of the file system has advanced.
    while changed() == before {
        std::fs::write(&path, &other).unwrap();
        set_time(&path, UNIX_EPOCH + Duration::from_secs(THEN_S));
    }
    let again = share.get_with("/file.bin", &[("If-None-Match", old)]);
    assert_eq!((again.status, &again.body), (200, &other));
    let resumed = share.get_with("/file.bin", &[("If-Range", old), ("Range", "bytes=1-")]);
    assert_eq!((resumed.status, &resumed.body), (200, &other));
}

#[test]
fn a_changed_file_is_visible_immediately() {
    let tree = Tree::empty();
    tree.write("a.txt", b"first");
    rest();
    let share = Share::folder(&tree.root);
    let first = share.get("/a.txt");
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let changed = || {
        let metadata = std::fs::metadata(tree.root.join("a.txt")).unwrap();
        metadata.modified().unwrap()
    };
    let before = changed();
    // Until the clock of the file system has advanced.
    while changed() == before {
        tree.write("a.txt", b"other");
    }
    let second = share.get_with(
        "/a.txt",
        &[("If-None-Match", first.header("etag").unwrap())],
    );
    assert_eq!((second.status, second.body), (200, b"other".to_vec()));
}

/// Two writes within one tick of the file system's clock leave the same times.
#[test]
fn a_file_that_was_just_changed_has_no_validators_until_it_has_rested() {
    let tree = Tree::empty();
    let picture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/sample/Pictures/Harbour at dusk.jpg"
    );
    let picture = std::fs::read(picture).unwrap();
    let share = Share::folder(&tree.root);
    let begun = Instant::now();
    // A busy machine may take too long for the first look.
    let fresh = loop {
        tree.write("a.jpg", &picture);
        let written = Instant::now();
        let fresh = ["/a.jpg", "/a.jpg?card", "/?archive=zip"].map(|path| share.get(path));
        if written.elapsed() < Duration::from_secs(2) {
            break fresh;
        }
        assert!(begun.elapsed() < Duration::from_secs(120));
    };
    for response in &fresh {
        assert_eq!(response.status, 200);
        assert_eq!(response.header("etag"), None);
        assert_eq!(response.header("last-modified"), None);
        let caching = response.header("cache-control").unwrap();
        assert!(caching.starts_with("private, no-cache"), "{caching}");
    }
    rest();
    let rested = share.get("/a.jpg");
    assert!(rested.header("etag").unwrap().starts_with('"'));
    assert!(rested.header("last-modified").is_some());
    for path in ["/a.jpg?card", "/?archive=zip"] {
        assert!(share.get(path).header("etag").is_some(), "{path}");
    }
}

#[test]
fn no_cache_on_the_way_keeps_anything_and_large_files_arrive_as_they_were_sent() {
    let tree = Tree::empty();
    tree.write("small.txt", b"text");
    tree.write("large.txt", &vec![b'a'; 1024 * 1024 + 1]);
    tree.write("picture.svg", b"<svg/>");
    let share = Share::folder(&tree.root);
    let private = "private, no-cache";
    let untransformed = "private, no-cache, no-transform";
    for (path, expected) in [
        ("/", private),
        ("/?json", private),
        ("/?total", private),
        ("/nothing", private),
        ("/small.txt", private),
        ("/picture.svg", private),
        ("/large.txt", untransformed),
        ("/?archive=zip", untransformed),
    ] {
        let response = share.get(path);
        assert_eq!(response.header("cache-control"), Some(expected), "{path}");
        // A conditional request gets the same.
        if let Some(etag) = response.header("etag") {
            let again = share.get_with(path, &[("If-None-Match", etag)]);
            assert_eq!(again.header("cache-control"), Some(expected), "{path}");
        }
    }
    let refused = share.client().request("DELETE", "/small.txt", &[]);
    assert_eq!(refused.header("cache-control"), Some(private));
}
