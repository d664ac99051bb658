//! Range requests (RFC 9110, section 14), checked against the real server.

use crate::fixture::dated::with_file;

#[test]
fn one_range_is_answered_with_partial_content() {
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
fn unsatisfiable_ranges_are_answered_with_the_length_of_the_file() {
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
fn invalid_ranges_are_ignored() {
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
    // Two of them overlap, so they are sent in file order.
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

/// The ranges and bodies of a multipart response (RFC 2046).
fn parts(response: &crate::fixture::Response) -> Vec<(String, Vec<u8>)> {
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
