use super::*;

fn parse(head: &str) -> Result<RequestHead, Refusal> {
    RequestHead::parse(head.as_bytes())
}

fn for_site(head: &str) -> String {
    let head = parse(head).unwrap();
    let bytes = head.for_site(|field| Some(Cow::Borrowed(field.value)));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_request_is_passed_on_as_it_came() {
    let head = "POST /caf\u{e9}?a=%00;b HTTP/1.1\r\nhOST:  localhost:1\r\nX-Twice: a\r\nCookie: a=b; c\r\nx-twice:b \r\nX-Empty:\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue\r\nConnection: Keep-Alive, TE\r\nTE: trailers\r\n\r\n";
    assert_eq!(for_site(head), head);
    let parsed = parse(head).unwrap();
    assert_eq!(parsed.method(), "POST");
    assert_eq!(parsed.target(), "/caf\u{e9}?a=%00;b".as_bytes());
    assert_eq!(parsed.framing(), Framing::Chunked);
    assert!(!parsed.wants_close());
    let twice: Vec<_> = parsed.values("x-twice").collect();
    assert_eq!(twice, [b"a", b"b"]);
}

#[test]
fn a_log_shows_no_secret_of_a_visitor() {
    let head = parse("GET /hidden HTTP/1.1\r\nHost: a\r\nCookie: hidden\r\n\r\n").unwrap();
    let shown = format!("{head:?}");
    assert!(
        shown.contains("GET") && !shown.contains("hidden"),
        "{shown}"
    );
    // Nor as numbers.
    assert!(!shown.contains("104, 105"), "{shown}");
}

#[test]
fn only_web_sockets_may_change_the_protocol() {
    let socket = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n";
    assert!(parse(socket).unwrap().wants_web_socket());
    assert_eq!(for_site(socket), socket);
    for (other, at_site) in [
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close, cookie\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\n",
        ),
        (
            "GET / HTTP/1.0\r\nUpgrade: websocket\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
        ),
    ] {
        assert!(!parse(other).unwrap().wants_web_socket());
        assert_eq!(for_site(other), at_site);
    }
}

#[test]
fn the_end_of_a_body_is_known() {
    for (fields, framing) in [
        ("", Framing::Length(0)),
        ("Content-Length: 0\r\n", Framing::Length(0)),
        ("Content-Length: 007\r\n", Framing::Length(7)),
        ("Transfer-Encoding: chunked\r\n", Framing::Chunked),
    ] {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        assert_eq!(parse(&head).unwrap().framing(), framing, "{fields}");
    }
}

#[test]
fn what_programs_read_differently_is_refused() {
    for fields in [
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: +1\r\n",
        "Content-Length: 0x1\r\n",
        "Content-Length: 1 1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 1\r\n",
        "Content_Length: 1\r\n",
        "Transfer_Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
        "X: y\r\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        " X: y\r\n",
        "X: \0\r\n",
        "X\r\n",
        ": y\r\n",
        "Host: b\r\n",
        "X: y\n",
    ] {
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        let parsed = parse(&head);
        assert!(matches!(parsed, Err(Refusal::Malformed(_))), "{fields:?}");
    }
    for line in [
        "",
        "GET",
        "GET /",
        "GET / HTTP/2.0",
        "GET / HTTP/1.2",
        "GET / HTTP/1.11",
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET /\0 HTTP/1.1",
        "GET /\r HTTP/1.1",
        "G\0T / HTTP/1.1",
        "(GET) / HTTP/1.1",
    ] {
        let parsed = parse(&format!("{line}\r\nHost: a\r\n\r\n"));
        assert!(matches!(parsed, Err(Refusal::Malformed(_))), "{line:?}");
    }
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        assert!(
            matches!(parse(head), Err(Refusal::Malformed(_))),
            "{head:?}"
        );
    }
    let tunnel = parse("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
    assert!(matches!(tunnel, Err(Refusal::NotSupported(_))));
}
