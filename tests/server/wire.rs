//! Malformed HTTP, and requests that a file server does not need to understand.

use std::io::{Read, Write};

use crate::fixture::tree::Tree;
use crate::fixture::{Client, Response, Share};

const FILE: &[u8] = b"the file that is asked for";
const OTHER: &[u8] = b"the file that only somebody else asks for";

fn shared() -> (Tree, Share) {
    let tree = Tree::empty();
    tree.write("a", FILE);
    tree.write("b", OTHER);
    let share = Share::folder(&tree.root);
    (tree, share)
}

/// Everything that comes back until the other side ends the connection.
fn all_of(client: &mut Client) -> Vec<u8> {
    let mut all = client.take_rest();
    // A server that does not read everything may end with a reset.
    let _ = client.stream().read_to_end(&mut all);
    all
}

fn assert_protected(response: &Response, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(response.header(name), Some(value), "{what}");
    }
    assert_eq!(response.header("server"), None, "{what}");
}

fn head(port: u16, lines: &str) -> String {
    format!("GET /a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}")
}

#[test]
fn malformed_requests_are_refused_and_end_the_connection() {
    let (_tree, share) = shared();
    let port = share.port;
    for request in [
        "GET /a\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        format!("GET /a\0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
        format!("G\0T /a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
        format!("GET /a HTTP/1.1\r\nHost : 127.0.0.1:{port}\r\n\r\n"),
        head(port, "X: a\0b\r\n\r\n"),
        head(port, "X\0: b\r\n\r\n"),
        head(port, "X Y: b\r\n\r\n"),
        head(port, "X: b\r\n folded\r\n\r\n"),
        head(port, "X: a\rb\r\n\r\n"),
        head(port, "no colon\r\n\r\n"),
        head(port, "Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
        head(port, "Content-Length: -1\r\n\r\n"),
        head(port, "Content-Length: +5\r\n\r\nhello"),
        head(port, "Content-Length: 0x5\r\n\r\nhello"),
        head(port, "Content-Length: 99999999999999999999999\r\n\r\n"),
        head(
            port,
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        ),
        head(port, "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    ] {
        let what = request.escape_debug().to_string();
        let mut client = share.client();
        client.send(request.as_bytes());
        let response = client.response(false);
        assert_eq!(response.status, 400, "{what}");
        assert_protected(&response, &what);
        assert_eq!(response.header("connection"), Some("close"));
        assert!(client.is_closed(), "{what}");
    }
}

#[test]
fn too_many_headers_are_refused() {
    let (_tree, share) = shared();
    let mut client = share.client();
    client.send((head(share.port, &"X: y\r\n".repeat(200)) + "\r\n").as_bytes());
    let response = client.response(false);
    assert_eq!(response.status, 431);
    assert_protected(&response, "200 headers");
    assert_eq!(response.header("connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn a_malformed_second_request_is_refused_as_well() {
    let (_tree, share) = shared();
    let mut client = share.client();
    assert_eq!(client.get("/a", &[]).body, FILE);
    client.send(b"GARBAGE\r\n\r\n");
    let response = client.response(false);
    assert_eq!(response.status, 400);
    assert_protected(&response, "garbage");
    assert_eq!(response.header("connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn the_body_of_a_request_is_never_read_as_a_request() {
    let (_tree, share) = shared();
    let port = share.port;
    let smuggled = format!("GET /b HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    let length = smuggled.len();
    let chunk = format!("{length:x}\r\n{smuggled}\r\n0\r\n\r\n");
    for (lines, body) in [
        (format!("Content-Length: {length}\r\n"), smuggled.clone()),
        ("Transfer-Encoding: chunked\r\n".to_owned(), chunk.clone()),
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n".to_owned(),
            format!("0\r\n\r\n{smuggled}"),
        ),
        (
            format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
            chunk.clone(),
        ),
        (
            format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
            smuggled.clone(),
        ),
        (
            "Transfer-Encoding: xchunked\r\n".to_owned(),
            format!("0\r\n\r\n{smuggled}"),
        ),
        (
            "Transfer-Encoding: \u{b}chunked\r\n".to_owned(),
            format!("0\r\n\r\n{smuggled}"),
        ),
        (
            "Connection: Upgrade\r\nUpgrade: websocket\r\n".to_owned(),
            smuggled.clone(),
        ),
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let mut client = share.client();
            let head = format!("{method} /a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n");
            // The other side may have ended the connection as soon as it saw the head.
            let sent = client.stream().write_all((head + &body).as_bytes());
            let answer = all_of_or_wait(&mut client, sent.is_ok());
            assert!(answer.starts_with(b"HTTP/1.1 "), "{method} {lines:?}");
            let leaks = answer.windows(OTHER.len()).any(|window| window == OTHER);
            assert!(!leaks, "{method} {lines:?}");
        }
    }
}

#[test]
fn a_request_after_a_body_is_answered_or_the_connection_ends() {
    let (_tree, share) = shared();
    let port = share.port;
    let next = head(port, "Range: bytes=0-2\r\n\r\n");
    // Whole chunks are read and discarded; a body with a length is not waited for.
    let chunks = format!("{:x}\r\n{}\r\n", 60_000, "x".repeat(60_000));
    for body in [
        "Content-Length: 5\r\n\r\nhello".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n".to_owned(),
        format!(
            "Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
            chunks.repeat(50)
        ),
        format!("Content-Length: 5000000\r\n\r\n{}", "x".repeat(5_000_000)),
    ] {
        let mut client = share.client();
        client.send(head(port, "").as_bytes());
        // The other side may have ended the connection meanwhile.
        let sent = client.stream().write_all((body + &next).as_bytes());
        let answer = all_of_or_wait(&mut client, sent.is_ok());
        let text = String::from_utf8_lossy(&answer);
        let statuses: Vec<_> = text
            .match_indices("HTTP/1.1 ")
            .map(|(at, _)| &text[at + 9..at + 12])
            .collect();
        let expected: [&[&str]; 3] = [&["200"], &["200", "206"], &["200", "400"]];
        assert!(expected.contains(&&statuses[..]), "{statuses:?}");
    }
}

/// Everything that comes back when no more is sent.
fn all_of_or_wait(client: &mut Client, is_open: bool) -> Vec<u8> {
    if is_open {
        // Fails if the other side was quicker.
        let _ = client.stream().shutdown(std::net::Shutdown::Write);
    }
    all_of(client)
}

#[test]
fn features_that_a_file_server_does_not_need_do_no_harm() {
    let (_tree, share) = shared();
    let port = share.port;
    let asked = |first: &str, lines: &str| {
        let mut client = share.client();
        let head = format!("{first}\r\nHost: 127.0.0.1:{port}\r\n{lines}\r\n");
        client.send(head.as_bytes());
        let response = client.response(false);
        assert_protected(&response, first);
        response
    };
    let websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    assert_eq!(asked("GET /a HTTP/1.1", websocket).body, FILE);
    let h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n";
    assert_eq!(asked("GET /a HTTP/1.1", h2c).body, FILE);
    assert_eq!(asked("TRACE /a HTTP/1.1", "X-Secret: 1\r\n").status, 405);
    let own = format!("CONNECT 127.0.0.1:{port} HTTP/1.1");
    assert_eq!(asked(&own, "").status, 405);
    assert_eq!(asked("CONNECT evil.example:443 HTTP/1.1", "").status, 421);
    assert_eq!(asked("GET file:///etc/passwd HTTP/1.1", "").status, 400);
    assert_eq!(asked("get /a HTTP/1.1", "").status, 405);
    assert_eq!(asked("GET /a HTTP/1.1", "Expect: magic\r\n").body, FILE);
    assert_eq!(asked("GET /a#fragment HTTP/1.1", "").body, FILE);
}

#[test]
fn expect_100_continue_is_answered_that_no_body_is_accepted() {
    let (_tree, share) = shared();
    let mut client = share.client();
    let expects = [("Expect", "100-continue"), ("Content-Length", "5000000")];
    client.ask("PUT", "/a", &expects);
    let mut response = client.response(true);
    if response.status == 100 {
        response = client.response(false);
    }
    assert_eq!(response.status, 405);
    assert_eq!(response.header("connection"), Some("close"));
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (_tree, share) = shared();
    let mut client = share.client();
    let port = share.port;
    for number in 0..FILE.len() {
        let range = format!("Range: bytes={number}-{number}\r\n\r\n");
        client.send(head(port, &range).as_bytes());
    }
    for byte in FILE {
        assert_eq!(client.response(false).body, [*byte]);
    }
}

#[test]
fn each_pipelined_request_is_answered_as_it_asked() {
    let (_tree, share) = shared();
    let host = format!("Host: 127.0.0.1:{}", share.port);
    let request = |first: &str| format!("{first} HTTP/1.1\r\n{host}\r\n\r\n");
    // Some are answered at once, others only after the disk was asked.
    let targets = ["/a", "/?json", "/?total", "/?archive=zip", "/", "/missing"];
    for first in targets {
        for second in targets {
            let mut client = share.client();
            let requests = [
                request(&format!("HEAD {first}")),
                request(&format!("GET {second}")),
                request(&format!("GET {first}")),
                request(&format!("HEAD {second}")),
                request("GET /b"),
            ];
            client.send(requests.concat().as_bytes());
            for (is_head, target) in [
                (true, first),
                (false, second),
                (false, first),
                (true, second),
            ] {
                let response = client.response(is_head);
                let expected = if target == "/missing" { 404 } else { 200 };
                assert_eq!(response.status, expected, "{first} {second}");
                assert!(response.is_complete, "{first} {second}");
                assert_eq!(response.body.is_empty(), is_head, "{first} {second}");
            }
            assert_eq!(client.response(false).body, OTHER, "{first} {second}");
        }
    }
}

#[test]
fn a_request_after_the_last_one_of_a_connection_is_not_answered() {
    let (_tree, share) = shared();
    let host = format!("Host: 127.0.0.1:{}", share.port);
    let next = format!("GET /b HTTP/1.1\r\n{host}\r\n\r\n");
    for last in [
        format!("GET /a HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"),
        format!("GET /a HTTP/1.0\r\n{host}\r\n\r\n"),
        format!("GET /?json HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"),
        format!("GET /?json HTTP/1.0\r\n{host}\r\n\r\n"),
        format!("HEAD /?total HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"),
    ] {
        let mut client = share.client();
        client.send((last.clone() + &next).as_bytes());
        let all = all_of(&mut client);
        let heads = all.windows(9).filter(|window| *window == b"HTTP/1.1 ");
        let old_heads = all.windows(9).filter(|window| *window == b"HTTP/1.0 ");
        assert_eq!(heads.count() + old_heads.count(), 1, "{last:?}");
        assert!(
            !all.windows(OTHER.len()).any(|window| window == OTHER),
            "{last:?}"
        );
    }
}

#[test]
fn any_number_of_pipelined_requests_is_answered() {
    let (tree, share) = shared();
    tree.write("large", &vec![7; 3_000_000]);
    let mut client = share.client();
    let mut sender = client.stream().try_clone().unwrap();
    let small = head(share.port, "Range: bytes=0-0\r\n\r\n").repeat(2_000);
    let wordy = head(share.port, &format!("X: {}\r\n\r\n", "y".repeat(8_000))).repeat(50);
    let large = head(share.port, "\r\n").replace("/a", "/large");
    let sending = std::thread::spawn(move || {
        sender
            .write_all((small + &large + &wordy).as_bytes())
            .unwrap();
    });
    for _ in 0..2_000 {
        assert_eq!(client.response(false).body, FILE[..1]);
    }
    assert_eq!(client.response(false).body.len(), 3_000_000);
    for _ in 0..50 {
        assert_eq!(client.response(false).body, FILE);
    }
    sending.join().unwrap();
}

#[test]
fn a_range_of_thousands_costs_no_more_than_the_file() {
    let tree = Tree::empty();
    tree.write("large", &vec![7; 3_000_000]);
    let share = Share::folder(&tree.root);
    let list = |each: fn(usize) -> String, count: usize| {
        let ranges: Vec<_> = (0..count).map(each).collect();
        format!("bytes={}", ranges.join(","))
    };
    for (range, status, length) in [
        (list(|_| "0-".to_owned(), 8_000), 206, 3_000_000),
        (list(|i| format!("{i}-"), 4_000), 206, 3_000_000),
        (list(|i| format!("{0}-{0}", 2 * i), 3_000), 200, 3_000_000),
        (list(|i| format!("-{}", i + 1), 5_000), 206, 5_000),
    ] {
        let response = share.get_with("/large", &[("Range", &range)]);
        assert_eq!((response.status, response.body.len()), (status, length));
    }
    let twice = [("Range", "bytes=0-0"), ("Range", "bytes=1-1")];
    let response = share.get_with("/large", &twice);
    assert!(matches!(response.status, 200 | 206));
}
