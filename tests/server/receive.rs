//! Files that visitors hand in without a protocol of their own, and who may.

use spot_serve::server::{Access, Content, PasswordHash, Settings, UploadRules};

use crate::fixture::receiving::{FORM, Receiving, form, metadata, rules, send};
use crate::fixture::tree::Tree;
use crate::fixture::{Response, Share};

const BODY: &[u8] = b"hello world";

/// A browser says that it shows the answer.
const BROWSER: (&str, &str) = ("Accept", "text/html,*/*");

fn assert_uncached(response: &Response) {
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(response.header("x-robots-tag"), Some("noindex"));
}

#[test]
fn put_adds_a_file_and_says_what_it_is_called() {
    let receiving = Receiving::folder();
    receiving.tree.write("sub/old.txt", b"old");
    let put = receiving.send("PUT", "/sub/new%20file.txt", &[], BODY);
    assert_eq!(
        (put.status, put.text()),
        (201, "Received: sub/new file.txt\n".to_owned())
    );
    assert_uncached(&put);
    assert_eq!(receiving.content("sub/new file.txt"), BODY);
    // The visitor can look at what it has added.
    assert_eq!(receiving.share.get("/sub/new%20file.txt").body, BODY);
    let empty = receiving.send("PUT", "/empty", &[], b"");
    assert_eq!(empty.status, 201);
    assert_eq!(receiving.content("empty"), b"");
}

#[test]
fn put_never_changes_what_is_there() {
    let receiving = Receiving::folder();
    receiving.tree.write("a.txt", b"old");
    let put = receiving.send("PUT", "/a.txt", &[], BODY);
    assert_eq!(
        (put.status, put.text()),
        (201, "Received: a (2).txt\n".to_owned())
    );
    assert_eq!(receiving.content("a.txt"), b"old");
    assert_eq!(receiving.content("a (2).txt"), BODY);
}

#[test]
fn put_takes_a_body_of_unknown_length() {
    let receiving = Receiving::folder();
    let mut client = receiving.share.client();
    client.ask("PUT", "/chunked", &[("Transfer-Encoding", "chunked")]);
    client.send(b"6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n");
    assert_eq!(client.response(false).status, 201);
    assert_eq!(receiving.content("chunked"), BODY);
    // The connection stays open.
    assert_eq!(client.get("/chunked", &[]).body, BODY);
}

#[test]
fn put_of_something_else_than_a_file_is_refused() {
    let receiving = Receiving::folder();
    receiving.tree.write("sub/old.txt", b"old");
    for (target, headers, status) in [
        ("/", &[][..], 400),
        ("/sub/", &[], 400),
        ("/missing/a", &[], 404),
        ("/sub/old.txt/a", &[], 404),
        ("/../a", &[], 404),
        ("/%2e%2e/a", &[], 404),
        ("/.hidden/a", &[], 404),
        ("/a", &[("Content-Range", "bytes 0-4/11")], 400),
    ] {
        let put = receiving.send("PUT", target, headers, BODY);
        assert_eq!(put.status, status, "{target}");
    }
    let mut client = receiving.share.client();
    client.ask("PUT", "/a", &[]);
    assert_eq!(client.response(false).status, 411);
    receiving.assert_names(["sub/old.txt"]);
}

#[test]
fn a_form_adds_its_files_and_its_text() {
    let receiving = Receiving::folder();
    receiving.tree.write("sub/a.txt", b"old");
    let fields = form(&[
        ("sender", None, "Änn".as_bytes()),
        ("other", None, b"ignored"),
        ("file", Some("a.txt"), BODY),
        ("file", Some("folder/b.txt"), b"b"),
        ("file", Some(""), b""),
        ("text", None, b"a text"),
    ]);
    for target in ["/sub/?upload", "/sub/"] {
        let posted = receiving.send("POST", target, &[FORM], &fields);
        assert_eq!(posted.status, 201, "{}", posted.text());
        assert_uncached(&posted);
    }
    receiving.assert_names([
        "sub/Text (2).txt",
        "sub/Text.txt",
        "sub/a (2).txt",
        "sub/a (3).txt",
        "sub/a.txt",
        "sub/folder (2)/b.txt",
        "sub/folder/b.txt",
    ]);
    assert_eq!(receiving.content("sub/Text.txt"), b"a text");
    let posted = receiving.send("POST", "/", &[FORM], &fields);
    assert_eq!(
        posted.text(),
        "Received: a.txt\nReceived: folder/b.txt\nReceived: Text.txt\n"
    );
}

#[test]
fn a_browser_is_led_to_a_page_that_thanks() {
    let receiving = Receiving::inbox();
    let fields = form(&[("file", Some("a & b.txt"), BODY)]);
    let posted = receiving.send("POST", "/sub/?upload", &[FORM, BROWSER], &fields);
    assert_eq!(posted.status, 303, "{}", posted.text());
    let location = posted.header("location").unwrap();
    assert!(
        location.starts_with("/sub/?upload&delivered="),
        "{location}"
    );
    let page = receiving.send("GET", location, &[BROWSER], b"");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("a &#38; b.txt"), "{}", page.text());
    assert_uncached(&page);
}

#[test]
fn a_form_without_a_file_is_refused_with_a_page_or_a_line() {
    let receiving = Receiving::folder();
    let empty = form(&[
        ("sender", None, b"Ann"),
        ("file", Some(""), b""),
        ("text", None, b""),
    ]);
    let program = receiving.send("POST", "/?upload", &[FORM], &empty);
    assert_eq!(program.status, 400);
    assert!(program.text().contains("curl -F"), "{}", program.text());
    let browser = receiving.send("POST", "/?upload", &[FORM, BROWSER], &empty);
    assert_eq!(browser.status, 400);
    assert!(browser.text().contains("<html"), "{}", browser.text());
    for (target, headers, body, status) in [
        ("/?upload", &[][..], &b"x"[..], 412),
        ("/", &[], b"x", 415),
        ("/", &[("Content-Type", "text/plain")], b"x", 415),
        ("/", &[FORM], b"no form", 400),
        ("/", &[FORM], b"--x\r\nbroken\r\n\r\n", 400),
        (
            "/",
            &[FORM],
            &form(&[("file", Some("cut.txt"), BODY)])[..80],
            400,
        ),
    ] {
        let posted = receiving.send("POST", target, headers, body);
        assert_eq!(posted.status, status, "{target} {}", posted.text());
    }
    assert_eq!(receiving.names(), [""; 0], "a file is whole or not there");
}

#[test]
fn files_of_a_form_that_came_before_an_error_stay_and_are_named() {
    let mut rules = rules().unwrap();
    rules.max_bytes = Some(100);
    let receiving = Receiving::start(Content::Folder, Some(rules));
    let fields = form(&[
        ("file", Some("a.txt"), BODY),
        ("file", Some("large.bin"), &[7; 200]),
    ]);
    let posted = receiving.send("POST", "/", &[FORM], &fields);
    assert_eq!(posted.status, 413);
    assert!(
        posted.text().starts_with("Received: a.txt\n"),
        "{}",
        posted.text()
    );
    receiving.assert_names(["a.txt"]);
}

#[test]
fn the_page_learns_what_is_allowed() {
    let receiving = Receiving::folder();
    let ask = || receiving.send("GET", "/?uploads=json", &[], b"").text();
    assert_eq!(
        ask(),
        r#"{"allowed":true,"message":"","maxBytes":null,"left":null,"chunk":16777216}"#
    );
    receiving.access.uploads().set_rules(Some(UploadRules {
        max_bytes: Some(1000),
        message: "Your \"homework\", please".to_owned(),
        ..UploadRules::default()
    }));
    assert_eq!(
        ask(),
        r#"{"allowed":true,"message":"Your \"homework\", please","maxBytes":1000,"left":1000,"chunk":16777216}"#
    );
    receiving.access.uploads().set_rules(None);
    assert_eq!(
        ask(),
        r#"{"allowed":false,"message":"","maxBytes":null,"left":null,"chunk":16777216}"#
    );
}

/// The method, the target, the headers and the body.
type Request<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [u8]);

/// Every way to hand something in.
fn ways(receiving: &Receiving, location: &str) -> Vec<(String, Response)> {
    let fields = form(&[("file", Some("form.txt"), BODY)]);
    let length = [
        ("Tus-Resumable", "1.0.0"),
        ("Upload-Length", "11"),
        ("Content-Type", "application/offset+octet-stream"),
    ];
    let part = [
        ("Tus-Resumable", "1.0.0"),
        ("Upload-Offset", "0"),
        ("Content-Type", "application/offset+octet-stream"),
    ];
    let patch = [&part[..], &[("X-HTTP-Method-Override", "PATCH")]].concat();
    let put = [("X-HTTP-Method-Override", "PUT")];
    let requests: [Request<'_>; 8] = [
        ("PUT", "/put.txt", &[], BODY),
        ("POST", "/?upload", &[FORM], &fields),
        ("POST", "/", &[FORM], &fields),
        ("POST", "/?upload", &length, BODY),
        ("POST", "/?upload", &length[..2], b""),
        ("PATCH", location, &part, BODY),
        ("POST", location, &patch, BODY),
        ("POST", "/put.txt", &put, BODY),
    ];
    let answers = requests.map(|(method, target, headers, body)| {
        let response = receiving.send(method, target, headers, body);
        (format!("{method} {target}"), response)
    });
    answers.into()
}

#[test]
fn with_the_setting_off_no_route_stores_a_byte() {
    for content in [Content::Folder as fn(_) -> _, Content::Inbox] {
        let receiving = Receiving::start(content, None);
        let unknown = format!("/?upload={}", "0".repeat(32));
        for (way, response) in ways(&receiving, &unknown) {
            assert!(
                matches!(response.status, 403 | 405),
                "{way}: {}",
                response.status
            );
            if response.status == 403 {
                assert_eq!(
                    response.header("upload-error"),
                    Some("setting-off"),
                    "{way}"
                );
            }
        }
        assert!(receiving.is_untouched());
        let options = receiving.send("OPTIONS", "/", &[], b"");
        let allowed = options.header("allow").unwrap();
        assert!(
            !allowed.contains("PUT") && !allowed.contains("MKCOL"),
            "{allowed}"
        );
        assert_eq!(options.header("tus-version"), None);
    }
}

#[test]
fn switching_the_setting_off_ends_uploads_that_are_open() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", 11);
    assert_eq!(receiving.patch(&location, 0, &BODY[..5]).status, 204);
    // One that is under way.
    let mut client = receiving.share.client();
    let expects = [("Content-Length", "3000000"), ("Expect", "100-continue")];
    client.ask("PUT", "/b", &expects);
    assert_eq!(client.read_head().unwrap().status, 100);
    receiving.access.uploads().set_rules(None);
    client.send(&[7; 1_000_000]);
    assert_eq!(client.response(false).status, 403);
    for (way, response) in ways(&receiving, &location) {
        assert!(
            matches!(response.status, 403 | 405),
            "{way}: {}",
            response.status
        );
    }
    assert_eq!(receiving.names(), [""; 0]);
    receiving.access.uploads().set_rules(rules());
    assert_eq!(receiving.patch(&location, 5, &BODY[5..]).status, 204);
    receiving.assert_names(["a"]);
}

#[test]
fn a_share_without_the_setting_is_as_it_was() {
    let tree = Tree::empty();
    tree.write("a.txt", b"a");
    let share = Share::folder(&tree.root);
    for target in ["/", "/?upload", "/a.txt?upload"] {
        assert_eq!(share.get(target).status, 200, "{target}");
    }
    for method in ["PUT", "POST", "PATCH", "DELETE"] {
        let response = share.client().request(method, "/a.txt", &[]);
        assert_eq!(response.status, 405);
        assert_eq!(
            response.header("allow"),
            Some("GET, HEAD, OPTIONS, PROPFIND")
        );
    }
}

#[test]
fn an_inbox_shows_nothing_but_the_page() {
    let receiving = Receiving::inbox();
    receiving.tree.write("secret.txt", b"SECRET");
    receiving.tree.write("sub/secret.txt", b"SECRET");
    receiving.tree.write("index.html", b"SECRET");
    for target in [
        "/",
        "/sub/",
        "/missing/",
        "/?json",
        "/?rows",
        "/?archive=zip",
        "/?total",
        "/?thumbnail",
        "/?upload",
        "/sub/?upload",
        "/missing/?upload",
        "/?cover",
    ] {
        let page = receiving.send("GET", target, &[], b"");
        assert_eq!(page.status, 200, "{target}");
        let text = page.text();
        assert!(text.contains("type=\"file\""), "{target}: {text}");
        assert!(
            !text.contains("secret") && !text.contains("SECRET"),
            "{target}"
        );
        assert_uncached(&page);
    }
    for target in [
        "/secret.txt",
        "/sub",
        "/sub/secret.txt",
        "/index.html",
        "/secret.txt?thumbnail",
    ] {
        let missing = receiving.send("GET", target, &[], b"");
        assert_eq!(missing.status, 404, "{target}");
        let other = receiving.send("GET", "/missing", &[], b"");
        assert_eq!(missing.sorted_headers(), other.sorted_headers(), "{target}");
        assert_eq!(missing.body, other.body, "{target}");
    }
    // Also not whether a folder is there.
    for folder in ["sub", "missing"] {
        let put = receiving.send("PUT", &format!("/{folder}/new.txt"), &[], BODY);
        assert_eq!(
            (put.status, put.text()),
            (201, format!("Received: {folder}/new.txt\n"))
        );
    }
}

#[test]
fn an_upload_needs_the_password() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", 11);
    let lock = receiving.access.lock();
    lock.set_password(Some(PasswordHash::of("secret").unwrap()));
    for (way, response) in ways(&receiving, &location) {
        assert_eq!(response.status, 401, "{way}");
    }
    assert_eq!(receiving.names(), [""; 0]);
    // user:secret
    let password = [("Authorization", "Basic dXNlcjpzZWNyZXQ=")];
    let put = receiving.send("PUT", "/b", &password, BODY);
    assert_eq!(put.status, 201);
    assert_eq!(put.header("cache-control"), Some("private, no-store"));
    receiving.assert_names(["b"]);
}

#[test]
fn a_new_password_ends_what_is_being_sent() {
    let receiving = Receiving::folder();
    let mut client = receiving.share.client();
    let expects = [("Content-Length", "3000000"), ("Expect", "100-continue")];
    client.ask("PUT", "/a", &expects);
    assert_eq!(client.read_head().unwrap().status, 100);
    let hash = PasswordHash::of("secret").unwrap();
    receiving.access.lock().set_password(Some(hash));
    assert_eq!(client.response(false).status, 401);
    assert_eq!(receiving.names(), [""; 0]);
}

#[test]
fn another_website_can_not_make_a_browser_hand_something_in() {
    let receiving = Receiving::folder();
    let fields = form(&[("file", Some("a.txt"), BODY)]);
    let own = format!("http://127.0.0.1:{}", receiving.share.port);
    for (header, status) in [
        (("Sec-Fetch-Site", "cross-site"), 403),
        // Another port of this computer, or another name below the same domain.
        (("Sec-Fetch-Site", "same-site"), 403),
        (("Origin", "https://evil.example"), 403),
        (("Sec-Fetch-Site", "same-origin"), 201),
        (("Sec-Fetch-Site", "none"), 201),
        (("Origin", &own), 201),
        (("Origin", "null"), 201),
    ] {
        let posted = receiving.send("POST", "/", &[FORM, header], &fields);
        assert_eq!(posted.status, status, "{header:?}");
    }
    receiving.assert_names(["a (2).txt", "a (3).txt", "a (4).txt", "a.txt"]);
}

#[test]
fn after_the_end_only_what_was_begun_goes_on() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", 11);
    receiving.access.traffic().end();
    for (target, status) in [("/b", 410), ("/c", 410)] {
        assert_eq!(receiving.send("PUT", target, &[], BODY).status, status);
    }
    let name = metadata(&[("filename", "d")]);
    let headers = [("Upload-Length", "11"), ("Upload-Metadata", name.as_str())];
    let created = receiving.tus("POST", "/?upload", &headers, b"");
    assert_eq!(created.status, 410);
    assert_eq!(receiving.offset(&location), Some(0));
    assert_eq!(receiving.patch(&location, 0, &BODY[..5]).status, 204);
    assert_eq!(receiving.patch(&location, 5, &BODY[5..]).status, 204);
    assert_eq!(receiving.share.get("/").status, 410);
    receiving.assert_names(["a"]);
}

#[test]
fn a_file_that_is_refused_by_its_length_is_not_sent_at_all() {
    let mut rules = rules().unwrap();
    rules.max_bytes = Some(1000);
    let receiving = Receiving::start(Content::Folder, Some(rules));
    let mut client = receiving.share.client();
    let expects = [("Content-Length", "1001"), ("Expect", "100-continue")];
    client.ask("PUT", "/a", &expects);
    let refused = client.response(false);
    assert_eq!(refused.status, 413, "and not 100");
    assert_eq!(refused.header("connection"), Some("close"));
    let mut client = receiving.share.client();
    let expects = [("Content-Length", "11"), ("Expect", "100-continue")];
    client.ask("PUT", "/a", &expects);
    assert_eq!(client.read_head().unwrap().status, 100);
    client.send(BODY);
    assert_eq!(client.response(false).status, 201);
}

#[test]
fn visitors_of_the_tunnel_have_limits_of_their_own() {
    let mut rules = rules().unwrap();
    rules.max_visitor_bytes = Some(20);
    let receiving = Receiving::start(Content::Folder, Some(rules));
    let host = "quiet-river.trycloudflare.com";
    receiving.share.names.set(Some(host.to_owned()));
    let put = |address: &str, name: &str| {
        let headers = [("Host", host), ("CF-Connecting-IP", address)];
        receiving.send("PUT", name, &headers, BODY)
    };
    assert_eq!(put("192.0.2.1", "/a").status, 201);
    let refused = put("192.0.2.1", "/b");
    assert_eq!(refused.status, 413);
    assert_eq!(refused.header("upload-error"), Some("quota"));
    assert_eq!(put("192.0.2.2", "/c").status, 201);
    let headers = [("Host", host), ("CF-Connecting-IP", "192.0.2.1")];
    let left = receiving.send("GET", "/?uploads=json", &headers, b"");
    assert!(left.text().contains("\"left\":9,"), "{}", left.text());
}

#[test]
fn a_request_in_two_lengths_is_refused_whatever_it_wants() {
    let receiving = Receiving::folder();
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity\r\nContent-Length: 5",
    ] {
        let mut client = receiving.share.client();
        let port = receiving.share.port;
        let head = format!("PUT /a HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{framing}\r\n\r\n");
        client.send(head.as_bytes());
        client.send(b"5\r\nhello\r\n0\r\n\r\n");
        let response = client.response(false);
        assert_eq!(response.status, 400, "{framing}");
        assert_eq!(response.header("connection"), Some("close"), "{framing}");
    }
    let mut client = receiving.share.client();
    let old = format!(
        "PUT /a HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nTransfer-Encoding: chunked\r\n\r\n",
        receiving.share.port
    );
    client.send(old.as_bytes());
    assert_eq!(client.response(false).status, 400);
    assert!(receiving.is_untouched());
}

#[test]
fn a_site_takes_files_beside_its_pages() {
    let receiving = Receiving::folder();
    receiving.tree.write("index.html", b"<h1>site</h1>");
    assert_eq!(receiving.share.get("/").body, b"<h1>site</h1>");
    let page = receiving.share.get("/?upload");
    assert!(page.text().contains("type=\"file\""));
    let put = receiving.send("PUT", "/index.html", &[], b"<script>");
    assert_eq!(put.text(), "Received: index (2).html\n");
    assert_eq!(receiving.share.get("/").body, b"<h1>site</h1>");
}

#[test]
fn a_share_of_chosen_files_takes_nothing() {
    let tree = Tree::empty();
    tree.write("a.txt", b"a");
    let access = Access::default();
    access.uploads().set_rules(rules());
    let settings = Settings {
        access,
        ..Settings::default()
    };
    let content = Content::Files(vec![tree.root.join("a.txt")]);
    let share = Share::start(&content, &settings).unwrap();
    let put = send(&mut share.client(), "PUT", "/b.txt", &[], BODY);
    assert_eq!(put.status, 404);
    assert_eq!(std::fs::read_dir(&tree.root).unwrap().count(), 1);
}
