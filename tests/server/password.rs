//! A share with a password: who gets in, and that nothing gets out before.

use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use spot_serve::server::{Access, DownloadReport, PasswordHash};

use crate::fixture::tree::Tree;
use crate::fixture::{Client, Response, Share};

const PASSWORD: &str = "quiet-river-lake-sand";
const NAME: &str = "quiet-river.trycloudflare.com";
/// In every name and every file of the share.
const SECRET: &str = "zebra";
/// Too large for the buffers of a connection.
const LARGE: usize = 24 << 20;

const BROWSER: (&str, &str) = ("Accept", "text/html,application/xhtml+xml");

struct Locked {
    _tree: Tree,
    share: Share,
    access: Access,
}

impl Locked {
    fn new() -> Self {
        Self::of(false)
    }

    fn of(is_website: bool) -> Self {
        let tree = Tree::empty();
        tree.write("zebra.txt", b"zebra");
        tree.write("zebra.md", b"# zebra");
        tree.write("zebra folder/zebra.html", b"<p>zebra");
        tree.write("zebra folder/zebra.js", b"zebra()");
        tree.write("large.bin", &vec![b'z'; LARGE]);
        if is_website {
            tree.write("index.html", b"<title>zebra</title>");
            tree.write("404.html", b"<title>no zebra</title>");
        }
        let access = Access::default();
        set(&access, PASSWORD);
        let share = Share::public(&tree.root, &access, NAME);
        Self {
            _tree: tree,
            share,
            access,
        }
    }

    /// Sends the form from an address, through the tunnel.
    fn enter_from(&self, address: &str, password: &str) -> Response {
        let fields = [("Host", NAME), ("CF-Connecting-IP", address), BROWSER];
        post(&mut self.share.client(), "/?unlock", password, &fields)
    }

    /// The Cookie header of a visitor through the tunnel who enters the password.
    fn cookie(&self) -> String {
        let response = self.enter_from("192.0.2.1", PASSWORD);
        assert_eq!(response.status, 303, "{}", response.text());
        let cookie = response.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    fn get(&self, target: &str, cookie: &str) -> Response {
        let fields = [("Host", NAME), ("Cookie", cookie), BROWSER];
        self.share.get_with(target, &fields)
    }
}

fn set(access: &Access, password: &str) {
    let hash = PasswordHash::of(password).unwrap();
    access.lock().set_password(Some(hash));
}

fn post(client: &mut Client, target: &str, password: &str, fields: &[(&str, &str)]) -> Response {
    let form = format!("password={password}");
    let length = form.len().to_string();
    let kind = "application/x-www-form-urlencoded";
    let mut fields = fields.to_vec();
    fields.extend([("Content-Type", kind), ("Content-Length", &length)]);
    client.ask("POST", target, &fields);
    client.send(form.as_bytes());
    client.response(false)
}

fn basic(password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("anyone:{password}")))
}

/// All queries that a handler knows, read from the program, so that new ones are tested too.
fn queries() -> BTreeSet<String> {
    let mut queries = BTreeSet::from([String::new()]);
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/answer")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            for found in text.split("wants(\"").skip(1) {
                queries.insert(format!("?{}", found.split('"').next().unwrap()));
            }
        }
    }
    for known in [
        "?archive=zip",
        "?archive=tar",
        "?json",
        "?sha256",
        "?total",
        "?thumbnail",
        "?cover",
    ] {
        assert!(queries.contains(known), "{known}: {queries:?}");
    }
    queries
}

fn assert_tells_nothing(response: &Response, what: &str) {
    let text = format!(
        "{:?} {}",
        response.headers,
        String::from_utf8_lossy(&response.body)
    );
    assert!(!text.contains(SECRET), "{what}: {text}");
    assert_eq!(response.status, 401, "{what}");
    let cache = response.header("cache-control");
    assert_eq!(cache, Some("private, no-store"), "{what}");
    for header in ["etag", "last-modified", "content-disposition", "location"] {
        assert_eq!(response.header(header), None, "{what}");
    }
}

#[test]
fn no_route_no_method_and_no_header_gets_anything_out_without_the_password() {
    let targets = [
        "/",
        "/zebra.txt",
        "/zebra.md",
        "/zebra%20folder",
        "/zebra%20folder/",
        "/zebra%20folder/zebra.js",
        "/missing",
        "/.hidden",
        "/%2e%2e/",
        "/a%00b",
    ];
    let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "MKCOL",
        "get", "SPOT",
    ];
    let wrong = basic("zebra");
    let headers: [&[(&str, &str)]; 14] = [
        &[],
        &[BROWSER],
        &[("Range", "bytes=0-1")],
        &[("Range", "bytes=99999999999-")],
        &[("If-None-Match", "*")],
        &[("If-Match", "\"x\"")],
        &[("If-Modified-Since", "Sun, 06 Nov 2094 08:49:37 GMT")],
        &[("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")],
        &[("Service-Worker", "script")],
        &[("Accept-Encoding", "gzip"), ("Sec-Fetch-Mode", "cors")],
        &[("Purpose", "prefetch"), ("User-Agent", "Twitterbot/1.0")],
        &[
            ("Cookie", "__Host-share=zebr; session=x"),
            ("Origin", "null"),
        ],
        &[("Authorization", &wrong)],
        &[("Upgrade", "websocket"), ("Connection", "Upgrade")],
    ];
    let queries = queries();
    for locked in [Locked::new(), Locked::of(true)] {
        for target in targets {
            for query in &queries {
                let mut client = locked.share.client();
                let target = format!("{target}{query}");
                for method in methods {
                    let response = client.request(method, &target, &[("Host", NAME)]);
                    assert_tells_nothing(&response, &format!("{method} {target}"));
                }
                for more in headers {
                    let mut fields = vec![("Host", NAME)];
                    fields.extend(more);
                    let response = client.get(&target, &fields);
                    assert_tells_nothing(&response, &format!("{target} {more:?}"));
                }
            }
        }
    }
}

#[test]
fn what_exists_and_what_does_not_look_the_same() {
    let locked = Locked::new();
    for fields in [&[][..], &[BROWSER], &[("Range", "bytes=0-")]] {
        let there = locked.share.get_with("/zebra.txt", fields);
        let missing = locked.share.get_with("/missing", fields);
        assert_eq!(there.body, missing.body);
        assert_eq!(there.sorted_headers(), missing.sorted_headers());
    }
}

#[test]
fn a_visitor_who_enters_the_password_gets_in_and_back_to_where_it_was() {
    let locked = Locked::new();
    let target = "/zebra%20folder/?view=gallery&unlock";
    let fields = [("Host", NAME), BROWSER];
    let response = post(&mut locked.share.client(), target, PASSWORD, &fields);
    assert_eq!(response.status, 303);
    let location = response.header("location");
    assert_eq!(location, Some("/zebra%20folder/?view=gallery"));
    let cookie = response.header("set-cookie").unwrap();
    let attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";
    let secret = cookie.strip_suffix(attributes).unwrap();
    assert!(
        secret.starts_with("__Host-share=") && secret.len() == 56,
        "{secret}"
    );
    for target in ["/zebra.txt", "/", "/?json", "/?archive=zip"] {
        let response = locked.get(target, secret);
        assert_eq!(response.status, 200, "{target}");
        let cache = response.header("cache-control").unwrap();
        let no_store = ["private, no-store", "private, no-store, no-transform"];
        assert!(no_store.contains(&cache), "{target}: {cache}");
    }
    assert_eq!(locked.get("/missing", secret).status, 404);
    let large = locked
        .share
        .head_with("/large.bin", &[("Host", NAME), ("Cookie", secret)]);
    let cache = large.header("cache-control");
    assert_eq!(cache, Some("private, no-store, no-transform"));
}

#[test]
fn on_this_computer_the_cookie_needs_no_https() {
    let locked = Locked::new();
    let response = post(&mut locked.share.client(), "/?unlock", PASSWORD, &[]);
    let cookie = response.header("set-cookie").unwrap();
    assert!(
        !cookie.contains("Secure") && !cookie.starts_with("__Host-"),
        "{cookie}"
    );
    let secret = cookie.split(';').next().unwrap();
    let response = locked.share.get_with("/zebra.txt", &[("Cookie", secret)]);
    assert_eq!(response.body, b"zebra");
    // It opens nothing under the public name.
    assert_eq!(locked.get("/zebra.txt", secret).status, 401);
}

#[test]
fn cookies_of_other_shares_and_other_times_open_nothing() {
    let (locked, other) = (Locked::new(), Locked::new());
    let (cookie, of_other) = (locked.cookie(), other.cookie());
    assert_eq!(locked.get("/zebra.txt", &cookie).status, 200);
    assert_eq!(locked.get("/zebra.txt", &of_other).status, 401);
    drop(other);
    assert_eq!(locked.get("/zebra.txt", &of_other).status, 401);
    for forged in [
        &cookie[..cookie.len() - 1],
        &format!("{cookie}A"),
        "__Host-share=",
    ] {
        assert_eq!(locked.get("/zebra.txt", forged).status, 401, "{forged}");
    }
    // The same password again is a change too.
    set(&locked.access, PASSWORD);
    assert_eq!(locked.get("/zebra.txt", &cookie).status, 401);
    let cookie = locked.cookie();
    locked.access.lock().set_password(None);
    let public = locked.get("/zebra.txt", &cookie);
    assert_eq!(public.status, 200);
    assert_eq!(public.header("cache-control"), Some("private, no-cache"));
    set(&locked.access, PASSWORD);
    assert_eq!(locked.get("/zebra.txt", &cookie).status, 401);
    let cookie = locked.cookie();
    locked.access.traffic().end();
    assert_eq!(locked.get("/zebra.txt", &cookie).status, 410);
    assert_eq!(locked.enter_from("192.0.2.1", PASSWORD).status, 410);
}

#[test]
fn programs_get_in_with_the_password_and_any_user() {
    let locked = Locked::new();
    let challenge = locked.share.get("/zebra.txt");
    let wanted = "Basic realm=\"Password required\", charset=\"UTF-8\"";
    assert_eq!(challenge.header("www-authenticate"), Some(wanted));
    let right = basic("Quiet River Lake Sand");
    let fields = [("Authorization", right.as_str()), ("Range", "bytes=1-3")];
    let mut client = locked.share.client();
    for _ in 0..100 {
        let response = client.get("/zebra.txt", &fields);
        assert_eq!((response.status, &response.body[..]), (206, &b"ebr"[..]));
        assert_eq!(response.header("set-cookie"), None);
    }
    let wrong = [("Authorization", basic("wrong"))];
    let wrong = [(wrong[0].0, wrong[0].1.as_str())];
    for _ in 0..100 {
        let response = client.get("/zebra.txt", &wrong);
        assert_eq!(response.header("www-authenticate"), Some(wanted));
        assert_eq!(
            response.text(),
            "Wrong password. The user name doesn't matter.\n"
        );
    }
    // A browser shows the page instead of a window of its own.
    let browser = client.get("/zebra.txt", &[BROWSER]);
    assert_eq!(browser.header("www-authenticate"), None);
    assert!(browser.text().contains("<form"));
}

#[test]
fn a_wrong_password_gets_the_page_again_and_nothing_else() {
    let locked = Locked::new();
    let fields = [("Host", NAME), ("Accept-Language", "de"), BROWSER];
    let response = post(&mut locked.share.client(), "/?unlock", "wrong", &fields);
    assert_eq!(response.status, 401);
    assert_eq!(response.header("set-cookie"), None);
    let page = response.text();
    for part in [
        "Falsches Passwort. Versuchen Sie es noch einmal.",
        "lang=\"de\"",
        "action=\"?unlock\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("property=\"og:").count(), 1, "{page}");
}

#[test]
fn guessing_makes_the_guesser_wait_and_nobody_else() {
    let locked = Locked::new();
    for number in 0..10 {
        let response = locked.enter_from("192.0.2.9", &format!("wrong{number}"));
        assert_eq!(response.status, 401);
    }
    let waits = locked.enter_from("192.0.2.9", PASSWORD);
    assert_eq!(waits.status, 429);
    let seconds: u64 = waits.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&seconds));
    assert!(waits.text().contains("Too many wrong passwords"));
    assert_eq!(locked.enter_from("192.0.2.10", PASSWORD).status, 303);
}

#[test]
fn an_address_that_a_visitor_on_this_computer_claims_is_not_believed() {
    let locked = Locked::new();
    let try_as = |address: &str, password: &str| {
        let fields = [("CF-Connecting-IP", address), BROWSER];
        post(&mut locked.share.client(), "/?unlock", password, &fields).status
    };
    for number in 0..10 {
        let address = format!("192.0.2.{number}");
        assert_eq!(try_as(&address, &format!("wrong{number}")), 401);
    }
    assert_eq!(try_as("192.0.2.99", PASSWORD), 429);
}

#[test]
fn a_form_is_read_once_and_what_follows_is_no_request() {
    let locked = Locked::new();
    let hidden = format!("GET /zebra.txt HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    let form = format!("password={PASSWORD}");
    let length = form.len();
    let head = format!("POST /?unlock HTTP/1.1\r\nHost: {NAME}\r\n");
    // Arrives in two pieces, with something behind it.
    let mut client = locked.share.client();
    client.send(format!("{head}Content-Length: {length}\r\n\r\n{}", &form[..5]).as_bytes());
    client.send(format!("{}{hidden}", &form[5..]).as_bytes());
    let response = client.response(false);
    assert_eq!(response.status, 303);
    assert_eq!(response.header("connection"), Some("close"));
    assert!(client.is_closed());
    for (lines, body, status) in [
        ("Content-Length: 4097\r\n", "x".repeat(4097), 413),
        (
            "Transfer-Encoding: chunked\r\n",
            format!("0\r\n\r\n{hidden}"),
            411,
        ),
        ("", hidden.clone(), 411),
        ("Content-Length: 0\r\n", hidden.clone(), 401),
        ("Content-Length: 3\r\n", format!("abc{hidden}"), 401),
    ] {
        let mut client = locked.share.client();
        client.send(format!("{head}{lines}\r\n{body}").as_bytes());
        let response = client.response(false);
        assert_eq!(response.status, status, "{lines}");
        assert_eq!(response.header("connection"), Some("close"), "{lines}");
        assert!(client.is_closed(), "{lines}");
    }
}

#[test]
fn after_a_refused_request_with_a_body_the_next_is_answered_or_the_connection_ends() {
    let locked = Locked::new();
    let body = "GET /zebra.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    for (lines, body) in [
        (
            format!("Content-Length: {}\r\n", body.len()),
            body.to_owned(),
        ),
        ("Content-Length: 100000\r\n".to_owned(), "x".repeat(100_000)),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            "5\r\nhello\r\n0\r\n\r\n".to_owned(),
        ),
    ] {
        for method in ["GET", "POST", "PUT", "HEAD"] {
            let mut client = locked.share.client();
            let head = format!("{method} /zebra.txt HTTP/1.1\r\nHost: {NAME}\r\n{lines}\r\n");
            client.send((head + &body).as_bytes());
            let response = client.response(method == "HEAD");
            assert_tells_nothing(&response, &lines);
            let next = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
            let _ = client.stream().write_all(next.as_bytes());
            if let Some(head) = client.read_head() {
                assert_eq!(head.status, 401, "{method} {lines}");
            }
        }
    }
}

#[test]
fn a_form_that_does_not_arrive_costs_one_connection_for_a_while() {
    let locked = Locked::new();
    let mut client = locked.share.client();
    client.ask(
        "POST",
        "/?unlock",
        &[("Host", NAME), ("Content-Length", "20")],
    );
    let response = client.response(false);
    assert_eq!(response.status, 408);
    assert!(client.is_closed());
}

#[test]
fn a_new_password_ends_what_is_under_way_and_new_requests_get_the_page() {
    let locked = Locked::new();
    let cookie = locked.cookie();
    let mut download = locked.share.client();
    let fields = [("Host", NAME), ("Cookie", cookie.as_str())];
    download.ask("GET", "/large.bin", &fields);
    assert_eq!(download.read_head().unwrap().status, 200);
    let mut zip = locked.share.client();
    zip.ask("GET", "/?archive=zip", &fields);
    assert_eq!(zip.read_head().unwrap().status, 200);
    let mut idle = locked.share.client();
    assert_eq!(idle.get("/zebra.txt", &fields).status, 200);
    set(&locked.access, "another");
    for client in [&mut download, &mut zip] {
        let mut received = client.take_rest().len();
        let mut buffer = vec![0; 1 << 20];
        // The connection was reset, or it ends.
        while let Ok(read @ 1..) = client.stream().read(&mut buffer) {
            received += read;
        }
        assert!(received < LARGE, "all of it came");
    }
    assert_tells_nothing(&idle.get("/zebra.txt", &fields), "a kept connection");
    assert_tells_nothing(&locked.get("/large.bin", &cookie), "a new connection");
}

#[test]
fn a_password_that_is_set_later_ends_public_downloads() {
    let locked = Locked::new();
    locked.access.lock().set_password(None);
    let mut download = locked.share.client();
    download.ask("GET", "/large.bin", &[("Host", NAME)]);
    assert_eq!(download.read_head().unwrap().status, 200);
    set(&locked.access, PASSWORD);
    let mut received = download.take_rest().len();
    let mut buffer = vec![0; 1 << 20];
    while let Ok(read @ 1..) = download.stream().read(&mut buffer) {
        received += read;
    }
    assert!(received < LARGE);
}

#[test]
fn a_form_of_before_the_password_was_removed_leads_to_the_share() {
    let locked = Locked::new();
    locked.access.lock().set_password(None);
    let response = locked.enter_from("192.0.2.1", "whatever");
    assert_eq!(response.status, 303);
    assert_eq!(response.header("set-cookie"), None);
}

#[test]
fn a_session_is_one_visitor_whatever_its_programs() {
    let locked = Locked::new();
    let (sender, reports) = std::sync::mpsc::channel();
    locked.access.downloads().on_report(move |report| {
        if let DownloadReport::Complete(download) = report {
            let _ = sender.send(download);
        }
    });
    let (first, second) = (locked.cookie(), locked.cookie());
    let take = |cookie: &str, agent: &str, range: &str| {
        let fields = [
            ("Host", NAME),
            ("Cookie", cookie),
            ("User-Agent", agent),
            ("Range", range),
        ];
        assert_eq!(locked.share.get_with("/zebra.txt", &fields).status, 206);
    };
    take(&first, "a", "bytes=0-1");
    take(&second, "a", "bytes=2-4");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(locked.access.traffic().idle());
    assert!(reports.try_recv().is_err(), "two visitors took a part each");
    take(&first, "b", "bytes=2-4");
    let download = reports.recv_timeout(crate::fixture::http::PATIENCE);
    assert_eq!(download.unwrap().name, "zebra.txt");
}
