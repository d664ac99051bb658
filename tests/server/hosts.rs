//! Only requests for the share itself are answered, and only those that read.

use crate::fixture::{Share, safe::assert_safe, tree::Tree};

#[test]
fn only_the_hosts_of_the_share_are_answered() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let port = share.port;
    let loopback = format!("127.0.0.1:{port}");
    for (host, status) in [
        (loopback.as_str(), 200),
        (&format!("localhost:{port}"), 200),
        (&format!("LOCALHOST:{port}"), 200),
        (&format!("[::1]:{port}"), 200),
        ("127.0.0.1", 421),
        ("localhost", 421),
        ("127.0.0.1:1", 421),
        (&format!("evil.example:{port}"), 421),
        ("quiet-river.trycloudflare.com", 421),
        ("", 421),
        (&format!("{loopback}@evil.example"), 421),
    ] {
        let response = share.get_with("/plain.txt", &[("Host", host)]);
        assert_eq!(response.status, status, "{host}");
        assert_safe(&response, host);
    }
    let public = [("Host", "Quiet-River.trycloudflare.com")];
    share
        .names
        .set(Some("quiet-river.trycloudflare.com".to_owned()));
    assert_eq!(share.get_with("/plain.txt", &public).status, 200);
    assert_eq!(share.get("/plain.txt").status, 200);
    share.names.set(None);
    assert_eq!(share.get_with("/plain.txt", &public).status, 421);
}

#[test]
fn a_request_must_name_one_host_consistently() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let port = share.port;
    for (request, status) in [
        ("GET /plain.txt HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /plain.txt HTTP/1.0\r\n\r\n".to_owned(), 400),
        (
            format!(
                "GET /plain.txt HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n"
            ),
            400,
        ),
        (
            format!("GET http://evil.example/plain.txt HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
            421,
        ),
        (
            format!("GET http://127.0.0.1:{port}/plain.txt HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
            421,
        ),
        (
            format!(
                "GET http://127.0.0.1:{port}/plain.txt HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
            ),
            200,
        ),
        (
            format!(
                "GET http://127.0.0.1:{port}@evil.example/plain.txt HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
            ),
            421,
        ),
    ] {
        let mut client = share.client();
        client.send(request.as_bytes());
        assert_eq!(client.response(false).status, status, "{request}");
    }
}

#[test]
fn other_methods_are_refused_with_a_list_of_those_allowed() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "LOCK", "MKCOL", "X"] {
        let response = share.client().request(method, "/plain.txt", &[]);
        assert_eq!(response.status, 405, "{method}");
        assert_eq!(
            response.header("allow"),
            Some("GET, HEAD, OPTIONS, PROPFIND"),
            "{method}"
        );
        assert_safe(&response, method);
    }
    let mut client = share.client();
    client.ask("POST", "/plain.txt", &[("Content-Length", "5")]);
    client.send(b"hello");
    assert_eq!(client.response(false).status, 405);
    let response = share.client().request("OPTIONS", "/plain.txt", &[]);
    assert_eq!(response.status, 200);
    assert_eq!(
        response.header("allow"),
        Some("GET, HEAD, OPTIONS, PROPFIND")
    );
    assert_safe(&response, "OPTIONS");
    assert_eq!(share.client().request("OPTIONS", "*", &[]).status, 200);
}
