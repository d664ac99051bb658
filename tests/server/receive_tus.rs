//! Resumable uploads: each status code and header that tus 1.0.0 names.

use sha2::{Digest, Sha256};

use crate::fixture::Response;
use crate::fixture::receiving::{Receiving, metadata, part, rules, send, tus};

const BODY: &[u8] = b"hello world";

fn assert_protected(response: &Response) {
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(response.header("access-control-allow-origin"), None);
}

#[test]
fn options_names_what_is_supported_without_a_version() {
    let mut rules = rules().unwrap();
    rules.max_bytes = Some(1000);
    let receiving = Receiving::start(spot_serve::server::Content::Folder, Some(rules));
    for target in ["/", "/?upload", "/missing"] {
        let options = receiving.send("OPTIONS", target, &[], b"");
        assert_eq!(options.status, 200);
        for (name, value) in [
            ("tus-version", "1.0.0"),
            (
                "tus-extension",
                "creation,creation-with-upload,creation-defer-length,termination,expiration,checksum",
            ),
            ("tus-checksum-algorithm", "sha1,sha256"),
            ("tus-max-size", "1000"),
            (
                "allow",
                "GET, HEAD, OPTIONS, PROPFIND, POST, PUT, MKCOL, PATCH, DELETE",
            ),
        ] {
            assert_eq!(options.header(name), Some(value));
        }
    }
}

#[test]
fn an_empty_body_in_chunks_is_none() {
    let receiving = Receiving::folder();
    for (chunks, status) in [("0\r\n\r\n", 201), ("5\r\nhello\r\n0\r\n\r\n", 415)] {
        let mut client = receiving.share.client();
        // cloudflared writes every body of unknown length like this, and says no type.
        let fields = [
            ("Tus-Resumable", "1.0.0"),
            ("Upload-Length", "5"),
            ("Transfer-Encoding", "chunked"),
        ];
        client.ask("POST", "/?upload", &fields);
        client.send(chunks.as_bytes());
        let created = client.response(false);
        assert_eq!(created.status, status, "{chunks:?}");
        assert_eq!(created.header("upload-offset"), None);
        if status == 201 {
            let location = created.header("location").unwrap();
            assert_eq!(receiving.offset(location), Some(0));
        }
    }
}

#[test]
fn a_request_in_another_version_gets_412_and_does_nothing() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    let length = [("Upload-Length", "5")];
    let others = [&[][..], &[("Tus-Resumable", "0.2.2")]];
    for version in others {
        for (method, target, headers) in [
            ("HEAD", location.as_str(), &[][..]),
            ("PATCH", &location, &part("0")),
            ("DELETE", &location, &[]),
            ("POST", "/?upload", &length),
        ] {
            let headers = [version, headers].concat();
            let response = receiving.send(method, target, &headers, b"");
            assert_eq!(response.status, 412, "{method}");
            assert_eq!(response.header("tus-version"), Some("1.0.0"), "{method}");
            assert_protected(&response);
        }
    }
    assert_eq!(receiving.offset(&location), Some(0));
}

#[test]
fn an_upload_is_created_continued_and_complete() {
    let receiving = Receiving::folder();
    let length = BODY.len().to_string();
    let name = metadata(&[("filename", "a b.txt"), ("filetype", "text/plain")]);
    let created = receiving.tus(
        "POST",
        "/?upload",
        &[("Upload-Length", &length), ("Upload-Metadata", &name)],
        b"",
    );
    assert_eq!(created.status, 201);
    assert_protected(&created);
    assert_eq!(created.header("tus-resumable"), Some("1.0.0"));
    assert!(httpdate(created.header("upload-expires").unwrap()));
    let location = created.header("location").unwrap();
    let id = location.strip_prefix("/?upload=").unwrap();
    assert_eq!(id.len(), 32);

    let head = receiving.tus("HEAD", location, &[], b"");
    assert_eq!(head.status, 200);
    assert_protected(&head);
    for (header, value) in [
        ("upload-offset", "0"),
        ("upload-length", length.as_str()),
        ("upload-defer-length", ""),
        ("tus-resumable", "1.0.0"),
        ("upload-metadata", &name),
    ] {
        let expected = Some(value).filter(|value| !value.is_empty());
        assert_eq!(head.header(header), expected, "{header}");
    }

    let first = receiving.patch(location, 0, &BODY[..5]);
    assert_eq!(
        (first.status, first.header("upload-offset")),
        (204, Some("5"))
    );
    assert_protected(&first);
    assert!(httpdate(first.header("upload-expires").unwrap()));
    assert_eq!(first.header("content-length"), None);
    assert_eq!(receiving.offset(location), Some(5));
    assert_eq!(receiving.names(), [""; 0], "it is whole or not there");

    let last = receiving.patch(location, 5, &BODY[5..]);
    assert_eq!(last.status, 204);
    assert_eq!(last.header("upload-offset"), Some(length.as_str()));
    assert_eq!(last.header("upload-expires"), None, "it is complete");
    assert_eq!(receiving.content("a b.txt"), BODY);
    assert_eq!(
        receiving.offset(location),
        Some(BODY.len()),
        "it stays known"
    );
}

fn httpdate(date: &str) -> bool {
    date.ends_with(" GMT") && date.len() == "Sun, 06 Nov 1994 08:49:37 GMT".len()
}

#[test]
fn an_empty_upload_is_complete_at_once() {
    let receiving = Receiving::folder();
    let location = receiving.create("empty", 0);
    assert_eq!(receiving.offset(&location), Some(0));
    assert_eq!(receiving.content("empty"), b"");
}

#[test]
fn the_first_part_may_come_with_the_creation() {
    let receiving = Receiving::folder();
    for (name, sent) in [("whole", BODY), ("partly", &BODY[..3])] {
        let created = receiving.tus(
            "POST",
            "/?upload",
            &[
                ("Upload-Length", &BODY.len().to_string()),
                ("Upload-Metadata", &metadata(&[("filename", name)])),
                ("Content-Type", "application/offset+octet-stream"),
            ],
            sent,
        );
        assert_eq!(created.status, 201, "{}", created.text());
        let offset = sent.len().to_string();
        assert_eq!(created.header("upload-offset"), Some(offset.as_str()));
        let location = created.header("location").unwrap();
        if sent.len() < BODY.len() {
            let last = receiving.patch(location, sent.len(), &BODY[sent.len()..]);
            assert_eq!(last.status, 204);
        }
        assert_eq!(receiving.content(name), BODY);
    }
}

#[test]
fn a_body_of_another_type_gets_415() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    for content_type in [&[][..], &[("Content-Type", "application/octet-stream")]] {
        let offset = [&[("Upload-Offset", "0")], content_type].concat();
        let patch = receiving.tus("PATCH", &location, &offset, BODY);
        assert_eq!(patch.status, 415);
        assert_protected(&patch);
        let length = [&[("Upload-Length", "11")], content_type].concat();
        assert_eq!(receiving.tus("POST", "/?upload", &length, BODY).status, 415);
    }
    assert_eq!(receiving.offset(&location), Some(0));
    assert_eq!(receiving.names(), [""; 0]);
}

#[test]
fn a_part_at_another_offset_gets_409_and_changes_nothing() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    assert_eq!(receiving.patch(&location, 0, &BODY[..5]).status, 204);
    for offset in [0, 4, 6, 100] {
        let conflict = receiving.patch(&location, offset, &BODY[5..]);
        assert_eq!(conflict.status, 409, "{offset}");
        assert_eq!(conflict.header("upload-offset"), Some("5"));
        assert_protected(&conflict);
    }
    assert_eq!(receiving.patch(&location, 5, &BODY[5..]).status, 204);
    assert_eq!(receiving.content("a"), BODY);
}

#[test]
fn what_no_client_means_gets_400() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    let bad_part = |headers: &[(&str, &str)]| {
        let content_type = [("Content-Type", "application/offset+octet-stream")];
        let headers = [&content_type[..], headers].concat();
        receiving.tus("PATCH", &location, &headers, BODY).status
    };
    assert_eq!(bad_part(&[]), 400);
    for offset in ["-1", "x", "", "1.5", "0, 0"] {
        assert_eq!(bad_part(&[("Upload-Offset", offset)]), 400, "{offset}");
    }
    let twice = [("Upload-Offset", "0"), ("Upload-Offset", "0")];
    assert_eq!(bad_part(&twice), 400);
    for checksum in [
        "sha1",
        "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
        "sha1 AAAA",
        "sha1 !!",
    ] {
        let headers = [("Upload-Offset", "0"), ("Upload-Checksum", checksum)];
        assert_eq!(bad_part(&headers), 400, "{checksum}");
    }
    let bad_creation =
        |headers: &[(&str, &str)]| receiving.tus("POST", "/?upload", headers, b"").status;
    assert_eq!(bad_creation(&[]), 400);
    for headers in [
        &[("Upload-Length", "-1")][..],
        &[("Upload-Length", "x")],
        &[("Upload-Length", "5"), ("Upload-Length", "5")],
        &[("Upload-Length", "5"), ("Upload-Defer-Length", "1")],
        &[("Upload-Defer-Length", "2")],
        &[("Upload-Length", "5"), ("Upload-Metadata", "a b c")],
        &[("Upload-Length", "5"), ("Upload-Metadata", "a YQ==,a YQ==")],
        &[("Upload-Length", "5"), ("Upload-Metadata", "delivery YQ==")],
        &[("Upload-Length", "5"), ("Upload-Concat", "partial")],
    ] {
        assert_eq!(bad_creation(headers), 400, "{headers:?}");
    }
    assert_eq!(receiving.offset(&location), Some(0));
}

#[test]
fn the_length_may_be_said_later() {
    let receiving = Receiving::folder();
    let created = receiving.tus(
        "POST",
        "/?upload",
        &[
            ("Upload-Defer-Length", "1"),
            ("Upload-Metadata", &metadata(&[("name", "later")])),
        ],
        b"",
    );
    assert_eq!(created.status, 201, "{}", created.text());
    let location = created.header("location").unwrap();
    let head = receiving.tus("HEAD", location, &[], b"");
    assert_eq!(head.header("upload-defer-length"), Some("1"));
    assert_eq!(head.header("upload-length"), None);
    assert_eq!(receiving.patch(location, 0, &BODY[..5]).status, 204);
    let length = BODY.len().to_string();
    let headers = [&part("5")[..], &[("Upload-Length", &length)]].concat();
    let last = receiving.tus("PATCH", location, &headers, &BODY[5..]);
    assert_eq!(last.status, 204, "{}", last.text());
    assert_eq!(receiving.content("later"), BODY);
}

#[test]
fn an_unknown_upload_gets_404() {
    let receiving = Receiving::folder();
    for id in [
        "0123456789abcdef0123456789abcdef",
        "",
        "x",
        "../../etc/passwd",
    ] {
        let location = format!("/?upload={id}");
        let head = receiving.tus("HEAD", &location, &[], b"");
        assert_eq!(head.status, 404);
        assert_eq!(head.header("upload-offset"), None);
        assert_protected(&head);
        assert_eq!(receiving.patch(&location, 0, BODY).status, 404);
        let delete = receiving.tus("DELETE", &location, &[], b"");
        assert_eq!(delete.status, 404);
        assert_eq!(delete.header("upload-error"), Some("unknown"));
    }
    assert!(receiving.is_untouched());
}

#[test]
fn an_upload_that_was_ended_is_gone() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    assert_eq!(receiving.patch(&location, 0, &BODY[..5]).status, 204);
    let delete = receiving.tus("DELETE", &location, &[], b"");
    assert_eq!(delete.status, 204);
    assert_protected(&delete);
    for response in [
        receiving.tus("HEAD", &location, &[], b""),
        receiving.patch(&location, 5, &BODY[5..]),
        receiving.tus("DELETE", &location, &[], b""),
    ] {
        assert!(matches!(response.status, 404 | 410), "{}", response.status);
    }
    assert_eq!(receiving.names(), [""; 0]);
}

#[test]
fn an_upload_that_is_too_large_gets_413() {
    let mut rules = rules().unwrap();
    rules.max_bytes = Some(10);
    let receiving = Receiving::start(spot_serve::server::Content::Folder, Some(rules));
    let created = receiving.tus("POST", "/?upload", &[("Upload-Length", "11")], b"");
    assert_eq!(created.status, 413);
    assert_eq!(created.header("upload-error"), Some("too-large"));
    assert_protected(&created);
    assert!(created.text().contains("10 bytes"), "{}", created.text());
}

#[test]
fn more_than_was_announced_gets_413_and_harms_nothing() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", 5);
    let patch = receiving.patch(&location, 0, BODY);
    assert_eq!(patch.status, 413, "{}", patch.text());
    assert_eq!(receiving.names(), [""; 0], "it may not be what was meant");
    // Whoever sends the right part goes on.
    let offset = receiving.offset(&location).unwrap();
    assert!(offset < 5, "{offset}");
    assert_eq!(
        receiving.patch(&location, offset, &BODY[offset..5]).status,
        204
    );
    assert_eq!(receiving.content("a"), &BODY[..5]);
}

#[test]
fn a_part_that_was_changed_on_its_way_gets_460_and_counts_for_nothing() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    let sha256 = format!("sha256 {}", base64(&Sha256::digest(BODY)));
    // The one of "hello world".
    let sha1 = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
    for checksum in [sha1, &sha256] {
        let headers = [&part("0")[..], &[("Upload-Checksum", checksum)]].concat();
        let changed = receiving.tus("PATCH", &location, &headers, b"hello w0rld");
        assert_eq!(changed.status, 460, "{}", changed.text());
        assert_protected(&changed);
        assert_eq!(receiving.offset(&location), Some(0));
    }
    let headers = [&part("0")[..], &[("Upload-Checksum", &sha256)]].concat();
    let patch = receiving.tus("PATCH", &location, &headers, BODY);
    assert_eq!(patch.status, 204, "{}", patch.text());
    assert_eq!(receiving.content("a"), BODY);
    let created = receiving.tus(
        "POST",
        "/?upload",
        &[
            ("Upload-Length", "11"),
            ("Upload-Metadata", &metadata(&[("filename", "b")])),
            ("Upload-Checksum", sha1),
            ("Content-Type", "application/offset+octet-stream"),
        ],
        BODY,
    );
    assert_eq!(created.status, 201, "{}", created.text());
    assert_eq!(receiving.content("b"), BODY);
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_program_that_can_only_post_says_what_it_means() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    let meaning = |method| ("X-HTTP-Method-Override", method);
    let headers = [&part("0")[..], &[meaning("PATCH")]].concat();
    let patch = receiving.tus("POST", &location, &headers, BODY);
    assert_eq!(patch.status, 204, "{}", patch.text());
    let head = receiving.tus("POST", &location, &[meaning("HEAD")], b"");
    assert_eq!(head.header("upload-offset"), Some("11"));
    let other = receiving.create("b", 5);
    let delete = receiving.tus("POST", &other, &[meaning("DELETE")], b"");
    assert_eq!(delete.status, 204);
    receiving.assert_names(["a"]);
    let odd = receiving.tus("POST", &location, &[meaning("TRACE")], b"");
    assert_eq!(odd.status, 405);
}

#[test]
fn methods_that_mean_nothing_get_405() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    for (method, target) in [
        ("PUT", location.as_str()),
        ("POST", &location),
        ("PATCH", "/"),
        ("PATCH", "/?upload"),
        ("DELETE", "/"),
        ("DELETE", "/a"),
        ("TRACE", "/"),
    ] {
        let response = receiving.tus(method, target, &[], b"");
        assert_eq!(response.status, 405, "{method} {target}");
    }
}

#[test]
fn folders_come_with_their_structure() {
    let receiving = Receiving::folder();
    for (pairs, expected) in [
        (
            &[("filename", "x.txt"), ("relativePath", "a/b/c.txt")][..],
            "a/b/c.txt",
        ),
        (
            &[("filename", "alone.txt"), ("relativePath", "null")],
            "alone.txt",
        ),
        (&[("name", "n.txt")], "n.txt"),
        (&[("relativePath", "//a///d.txt")], "a/d.txt"),
        (&[], "file"),
    ] {
        let created = receiving.tus(
            "POST",
            "/?upload",
            &[
                ("Upload-Length", "0"),
                ("Upload-Metadata", &metadata(pairs)),
            ],
            b"",
        );
        assert_eq!(created.status, 201, "{}", created.text());
        assert_eq!(receiving.content(expected), b"");
    }
}

#[test]
fn an_upload_goes_to_the_folder_of_its_request() {
    let receiving = Receiving::folder();
    receiving.tree.write("sub/old.txt", b"old");
    let name = metadata(&[("filename", "new.txt")]);
    let headers = [("Upload-Length", "0"), ("Upload-Metadata", &name)];
    let created = receiving.tus("POST", "/sub/?upload", &headers, b"");
    assert_eq!(created.status, 201, "{}", created.text());
    receiving.assert_names(["sub/new.txt", "sub/old.txt"]);
    for target in [
        "/missing/?upload",
        "/sub/old.txt?upload",
        "/.hidden/?upload",
    ] {
        let created = receiving.tus("POST", target, &headers, b"");
        assert_eq!(created.status, 404, "{target}");
    }
}

#[test]
fn many_uploads_take_one_connection() {
    let receiving = Receiving::folder();
    let mut client = receiving.share.client();
    for number in 0..50 {
        let name = metadata(&[("filename", &format!("{number}.txt"))]);
        let created = tus(
            &mut client,
            "POST",
            "/?upload",
            &[
                ("Upload-Length", "11"),
                ("Upload-Metadata", &name),
                ("Content-Type", "application/offset+octet-stream"),
            ],
            BODY,
        );
        assert_eq!(created.status, 201, "{}", created.text());
    }
    let put = send(&mut client, "PUT", "/last.txt", &[], BODY);
    assert_eq!(put.status, 201);
    receiving.wait_until(|_| receiving.names().len() == 51);
    assert_eq!(receiving.names().len(), 51);
}

#[test]
fn a_delivery_is_complete_when_the_visitor_says_so() {
    let receiving = Receiving::inbox();
    let delivery = "00112233445566778899aabbccddeeff";
    let ask = || {
        let json = receiving.send("GET", &format!("/?delivery={delivery}"), &[], b"");
        assert_protected(&json);
        json.text()
    };
    assert_eq!(ask(), r#"{"files":[],"complete":false}"#);
    let pairs = [("filename", "a.txt"), ("delivery", delivery), ("key", "k")];
    let headers = [
        ("Upload-Length", "11"),
        ("Upload-Metadata", &metadata(&pairs)),
    ];
    let created = receiving.tus("POST", "/?upload", &headers, b"");
    let location = created.header("location").unwrap();
    let again = receiving.tus("POST", "/?upload", &headers, b"");
    assert_eq!(again.header("location"), Some(location), "the same upload");
    assert_eq!(receiving.patch(location, 0, BODY).status, 204);
    let done = receiving.send("POST", &format!("/?delivered={delivery}"), &[], b"");
    assert_eq!(done.status, 204, "{}", done.text());
    assert_eq!(
        ask(),
        r#"{"files":[{"name":"a.txt","size":11}],"complete":true}"#
    );
    let page = receiving.send("GET", &format!("/?upload&delivered={delivery}"), &[], b"");
    assert!(page.text().contains("a.txt"));
    let unknown = receiving.send("POST", &format!("/?delivered={}", "0".repeat(32)), &[], b"");
    assert_eq!(unknown.status, 404);
}
