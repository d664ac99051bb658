//! How browsers are told what a file is: its media type, encoding and name.

use crate::fixture::Share;
use crate::fixture::tree::Tree;

#[test]
fn types_and_names_are_in_the_headers() {
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
        let url = format!("/{}", crate::fixture::tree::url(name.as_bytes()));
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

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_gets_its_type_from_its_extension() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let tree = Tree::empty();
    for (name, path, content_type) in [
        (&b"\xe9t\xe9.jpg"[..], "/%E9t%E9.jpg", "image/jpeg"),
        (b"\xe9t\xe9.pdf", "/%E9t%E9.pdf", "application/pdf"),
        (b"\xff.js", "/%FF.js", "text/javascript; charset=utf-8"),
    ] {
        std::fs::write(tree.root.join(OsStr::from_bytes(name)), "content").unwrap();
        let response = Share::folder(&tree.root).get(path);
        assert_eq!(response.header("content-type"), Some(content_type));
    }
}

#[test]
fn a_text_that_begins_in_ascii_keeps_its_own_encoding() {
    let tree = Tree::empty();
    let ascii = "words and more words\n".repeat(1000);
    let html = format!("<meta charset=iso-8859-1>{ascii}");
    // Grün in Latin-1, and 日本 in Shift_JIS.
    for (name, start, end, content_type) in [
        ("a.html", &html, &b"gr\xfcn"[..], "text/html"),
        ("short.html", &html[..30].to_owned(), b"", "text/html"),
        ("a.xml", &ascii, b"gr\xfcn", "text/xml"),
        ("a.csv", &ascii, b"gr\xfcn", "text/csv"),
        ("a.js", &ascii, b"\x93\xfa\x96\x7b", "text/javascript"),
        ("a.txt", &ascii, b"\x93\xfa\x96\x7b", "text/plain"),
        // Known to be UTF-8.
        (
            "utf8.csv",
            &format!("größe\n{ascii}"),
            b"",
            "text/csv; charset=utf-8",
        ),
        (
            "short.csv",
            &"a,b".to_owned(),
            b"",
            "text/csv; charset=utf-8",
        ),
        (
            "plain.html",
            &"<p>grün".to_owned(),
            b"",
            "text/html; charset=utf-8",
        ),
    ] {
        tree.write(name, &[start.as_bytes(), end].concat());
        let share = Share::folder(&tree.root);
        let path = format!("/{name}");
        let whole = share.get(&path);
        assert_eq!(whole.header("content-type"), Some(content_type), "{name}");
        let head = share.head_with(&path, &[]);
        assert_eq!(head.header("content-type"), Some(content_type), "{name}");
        let part = share.get_with(&path, &[("Range", "bytes=0-1")]);
        assert_eq!(part.header("content-type"), Some(content_type), "{name}");
    }
}

#[test]
fn a_compressed_drawing_is_decompressed_by_browsers_and_saved_as_it_is() {
    let tree = Tree::empty();
    let svgz = [&b"\x1f\x8b\x08"[..], &[7; 2000]].concat();
    tree.write("a.svgz", &svgz);
    tree.write("plain.svgz", b"<svg/>");
    let share = Share::folder(&tree.root);
    let shown = share.get("/a.svgz");
    assert_eq!(shown.header("content-type"), Some("image/svg+xml"));
    assert_eq!(shown.header("content-encoding"), Some("gzip"));
    assert!(shown.header("content-security-policy").is_some());
    assert!(shown.body == svgz);
    let accepting = share.get_with("/a.svgz", &[("Accept-Encoding", "gzip")]);
    assert!(accepting.body == svgz, "compressed once");
    let part = share.get_with("/a.svgz", &[("Range", "bytes=2-9")]);
    assert_eq!(part.status, 206);
    assert!(part.body == svgz[2..10]);
    let parts = share.get_with("/a.svgz", &[("Range", "bytes=0-1,5-9")]);
    assert_eq!(parts.status, 200);
    let saved = share.get("/a.svgz?download");
    assert_eq!(saved.header("content-encoding"), None);
    assert_eq!(
        saved.header("content-type"),
        Some("application/octet-stream")
    );
    assert!(saved.body == svgz);
    assert_eq!(share.get("/plain.svgz").header("content-encoding"), None);
    assert!(share.get("/").text().contains("a.svgz?download"));
}
