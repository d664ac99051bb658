//! No request gets anything that is not shared.

use crate::fixture::tree::{SECRET, Tree};
use crate::fixture::{Response, Share};
use spot_serve::server::{Content, Settings};

fn assert_safe(response: &Response, asked: &str) {
    let leaks = response
        .body
        .windows(SECRET.len())
        .any(|window| window == SECRET);
    assert!(!leaks, "{asked} leaks");
    assert!(
        !response.body.windows(5).any(|window| window == b"root:"),
        "{asked} leaks /etc/passwd"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(response.header(name), Some(value), "{asked}");
    }
    assert_eq!(response.header("server"), None, "{asked}");
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    for path in [
        "/../secret.txt",
        "/sub/../../secret.txt",
        "/..",
        "/../",
        "/%2e%2e/secret.txt",
        "/%2E%2E/secret.txt",
        "/.%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..%5c..%5csecret.txt",
        "/..\\secret.txt",
        "/sub/..%5c..%5c..%5csecret.txt",
        "/%252e%252e/secret.txt",
        "/%252e%252e%252fsecret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/%c0%ae%c0%ae%c0%afsecret.txt",
        "/%e0%80%ae%e0%80%ae/secret.txt",
        "/%f0%80%80%ae%f0%80%80%ae/secret.txt",
        "/..%c0%afsecret.txt",
        "/..%ef%bc%8fsecret.txt",
        "/%uff0e%uff0e/secret.txt",
        "/plain.txt%00",
        "/plain.txt%00.png",
        "/%00/../secret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "///etc/passwd",
        "/C:/Windows/win.ini",
        "/c%3a/windows/win.ini",
        "/%5c%5clocalhost%5cc$/secret.txt",
        "//localhost/c$/secret.txt",
        "/plain.txt::$DATA",
        "/plain.txt:stream",
        "/NUL",
        "/con",
        "/COM1.txt",
        "/plain.txt.",
        "/plain.txt%20",
        "/plain.txt/",
        "/%",
        "/%4",
        "/%zz",
        "/link-out",
        "/link-out-folder",
        "/link-out-folder/",
        "/link-out-folder/secret.txt",
        "/link-absolute",
        "/link-magic",
        "/link-broken",
        "/link-round",
        "/sub/link-up-and-out/",
        "/sub/link-up-and-out/secret.txt",
        "/fifo",
        "/socket",
        "/proc/self/environ",
        "/.hidden",
        "/%2ehidden",
        "/.git/",
        "/.git/config",
        "/.git",
        "/sub/.hidden",
        "/link-to-hidden",
        "/link-to-hidden-folder/",
        "/link-to-hidden-folder/config",
        "/link-to-self/.hidden",
        "/sub/link-up/.hidden",
    ] {
        for path in [
            path.to_owned(),
            format!("{path}?archive=zip"),
            format!("{path}?json"),
        ] {
            let response = client.get(&path, &[]);
            assert_eq!(response.status, 404, "{path}");
            assert_safe(&response, &path);
        }
    }
}

#[test]
fn paths_that_other_servers_resolve_lead_to_the_same_file() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let browser = [("User-Agent", "Mozilla/5.0 (X11)")];
    for (path, plain) in [
        ("/./sub/inner.txt", "/sub/inner.txt"),
        ("//sub/inner.txt", "/sub/inner.txt"),
        ("/sub//inner.txt?x=1&y", "/sub/inner.txt?x=1&y"),
        ("/sub/./inner.txt", "/sub/inner.txt"),
        ("/sub/../sub/deeper/../inner.txt", "/sub/inner.txt"),
        ("/nowhere/../sub/inner.txt", "/sub/inner.txt"),
        ("/link-out-folder/../sub/inner.txt", "/sub/inner.txt"),
        ("/sub/deeper/..?json", "/sub/?json"),
        ("/plain.txt/..", "/"),
        ("//", "/"),
    ] {
        let expected = share.get(plain);
        let answer = share.get(path);
        assert_eq!(
            (answer.status, &answer.body),
            (200, &expected.body),
            "{path}"
        );
        assert_safe(&answer, path);
        let sent = share.get_with(path, &browser);
        assert_eq!(
            (sent.status, sent.header("location")),
            (302, Some(plain)),
            "{path}"
        );
    }
    // What is hidden stays so, and only reading is that lenient.
    for path in [
        "/sub/../.git/config",
        "//.hidden",
        "/.git/../.hidden",
        "/sub//.hidden",
    ] {
        for headers in [&[][..], &browser] {
            let mut answer = share.get_with(path, headers);
            if let Some(location) = answer.header("location") {
                answer = share.get(location);
            }
            assert_eq!(answer.status, 404, "{path}");
            assert_safe(&answer, path);
        }
    }
    let mut client = share.client();
    assert_eq!(
        client
            .request("PUT", "//new.txt", &[("Content-Length", "0")])
            .status,
        405
    );
}

#[test]
fn of_all_that_is_hidden_only_well_known_is_served() {
    let tree = Tree::hostile();
    tree.write(".well-known/security.txt", b"Contact: me");
    tree.write(".well-known/acme/token", b"token");
    tree.write(".well-known/.git/config", SECRET);
    tree.write("sub/.well-known/security.txt", SECRET);
    tree.write(".Well-Known/security.txt", SECRET);
    let share = Share::folder(&tree.root);
    assert_eq!(share.get("/.well-known/security.txt").body, b"Contact: me");
    assert_eq!(share.get("/.well-known/acme/token").body, b"token");
    let list = share.get("/.well-known/").text();
    assert!(list.contains("./security.txt") && !list.contains(".git"));
    for path in [
        "/.well-known/.git/config",
        "/.well-known/.git/",
        "/sub/.well-known/security.txt",
        "/.Well-Known/security.txt",
        "/.well-known./security.txt",
        "/.well-known%e2%80%8b/security.txt",
        "/.well-known/../.git/config",
        "/.well-known2/",
    ] {
        let response = share.get(path);
        assert_eq!(response.status, 404, "{path}");
        assert_safe(&response, path);
    }
    for path in ["/", "/?json", "/?rows", "/?all"] {
        assert!(!share.get(path).text().contains("well-known"), "{path}");
    }
    let zip = share.get("/?archive=zip").body;
    assert!(!zip.windows(10).any(|part| part == b"well-known"));
    // A folder among several things is not the top of a share.
    let chosen = Content::Files(vec![tree.root.clone(), tree.root.join("plain.txt")]);
    let share = Share::start(&chosen, &Settings::default()).unwrap();
    assert_eq!(share.get("/shared/plain.txt").status, 200);
    assert_eq!(share.get("/shared/.well-known/security.txt").status, 404);
    assert_eq!(share.get("/.well-known/security.txt").status, 404);
}

#[test]
fn links_that_stay_inside_are_followed() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    for (path, content) in [
        ("/link-in", &b"inner"[..]),
        ("/link-to-folder/inner.txt", b"inner"),
        ("/sub/link-up/sub/inner.txt", b"inner"),
        (
            "/link-to-self/link-to-self/sub/deeper/deepest.txt",
            b"deepest",
        ),
    ] {
        assert_eq!(share.get(path).body, content, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn absolute_links_are_followed_if_they_stay_inside() {
    use std::os::unix::fs::symlink;
    let tree = Tree::hostile();
    let root = tree.root.display();
    for (name, target) in [
        ("whole-in", format!("{root}/sub/inner.txt")),
        ("whole-folder", format!("{root}/sub")),
        ("whole-self", format!("{root}")),
        ("whole-hidden", format!("{root}/.hidden")),
        ("whole-up", format!("{root}/sub/../../secret.txt")),
        ("whole-beside", format!("{root}-beside/secret.txt")),
        ("whole-link", format!("{root}/link-out")),
    ] {
        symlink(target, tree.root.join(name)).unwrap();
    }
    std::fs::create_dir(tree.outside("shared-beside")).unwrap();
    std::fs::write(
        tree.outside("shared-beside/secret.txt"),
        crate::fixture::tree::SECRET,
    )
    .unwrap();
    let share = Share::folder(&tree.root);
    for path in [
        "/whole-in",
        "/whole-folder/inner.txt",
        "/whole-self/whole-folder/link-up/sub/inner.txt",
    ] {
        assert_eq!(share.get(path).body, b"inner", "{path}");
    }
    let page = share.get("/").text();
    assert!(page.contains("./whole-in") && page.contains("./whole-folder/"));
    for path in ["/whole-hidden", "/whole-up", "/whole-beside", "/whole-link"] {
        let response = share.get(path);
        assert_eq!(response.status, 404, "{path}");
        assert_safe(&response, path);
        assert!(!page.contains(path), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_replaces_a_chosen_file_is_not_followed() {
    let tree = Tree::hostile();
    let chosen = tree.root.join("plain.txt");
    let content = Content::Files(vec![chosen.clone()]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    assert_eq!(share.get("/plain.txt").status, 200);
    std::fs::remove_file(&chosen).unwrap();
    std::os::unix::fs::symlink(".git/config", &chosen).unwrap();
    let response = share.get("/plain.txt");
    assert_eq!(response.status, 404);
    assert_safe(&response, "/plain.txt");
    let zip = share.get("/?archive=zip");
    assert_safe(&zip, "the zip");
    // A program that saves a file replaces it with a new one.
    std::fs::remove_file(&chosen).unwrap();
    tree.write("plain.txt", b"saved again");
    assert_eq!(share.get("/plain.txt").body, b"saved again");
}

#[test]
fn listings_omit_what_is_not_served() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let page = without_own_parts(&share.get("/").text())
        + &share.get("/?json").text()
        + &share.get("/?rows").text();
    for name in [
        ".hidden",
        ".git",
        "link-out",
        "link-broken",
        "link-round",
        "fifo",
        "socket",
        "link-to-hidden",
        "link-magic",
    ] {
        assert!(!page.contains(name), "{name}");
    }
    for name in ["link-in", "link-to-folder", "sub", "empty"] {
        assert!(page.contains(name), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn no_request_opens_a_fifo() {
    let tree = Tree::hostile();
    let fifo = tree.root.join("fifo");
    let share = Share::folder(&tree.root);
    // Opening it for writing waits until somebody opens it for reading.
    let writing = fifo.clone();
    let writer = std::thread::spawn(move || std::fs::File::create(writing));
    for path in [
        "/fifo",
        "/fifo?thumbnail",
        "/fifo?archive=zip",
        "/fifo?sha256",
        "/",
        "/?all",
        "/?json",
        "/?rows",
        "/?archive=zip",
        "/?archive=tar",
    ] {
        share.get(path);
    }
    assert!(!writer.is_finished());
    let reading = std::fs::File::open(fifo).unwrap();
    writer.join().unwrap().unwrap();
    drop(reading);
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_neither_listed_nor_served() {
    let share = Share::folder(std::path::Path::new("/dev"));
    let listing = share.get("/?json").text();
    for name in ["null", "zero", "tty", "random"] {
        assert_eq!(share.get(&format!("/{name}")).status, 404, "{name}");
        assert!(!listing.contains(&format!("\"name\":\"{name}\"")), "{name}");
    }
}

#[test]
fn hidden_files_are_served_if_the_owner_allows_it() {
    let tree = Tree::empty();
    tree.write(".env", b"KEY=1");
    tree.write(".git/config", b"config");
    let settings = Settings {
        hidden: true.into(),
        port: 0,
        thumbnails: None,
        ..Settings::default()
    };
    let share = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
    assert_eq!(share.get("/.env").body, b"KEY=1");
    assert_eq!(share.get("/.git/config").body, b"config");
    assert!(share.get("/").text().contains(".env"));
}

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

/// A page without the program's own style sheet, script and data, each of which may appear only
/// once.
fn without_own_parts(page: &str) -> String {
    let mut page = page.to_owned();
    for (start, end) in [
        ("<style>", "</style>"),
        (
            "<script type=\"application/json\" id=\"page\">",
            "</script>",
        ),
        ("<script type=\"module\">", "</script>"),
    ] {
        if let Some((before, rest)) = page.split_once(start) {
            let (_, after) = rest.split_once(end).expect("an end");
            page = before.to_owned() + after;
        }
    }
    page
}

#[test]
fn pages_run_no_foreign_code_and_make_no_requests_elsewhere() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    for path in ["/", "/sub/", "/nothing", "/empty/"] {
        let response = share.get(path);
        assert_safe(&response, path);
        let policy = response.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        let page = without_own_parts(&response.text());
        // Link previews in messengers need the absolute address.
        let page = page.replace(&format!("http://127.0.0.1:{}/", share.port), "/");
        // The XML namespace in the icon is not an address to fetch.
        let page = page.replace("xmlns='http://www.w3.org/2000/svg'", "");
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains(" style="));
        assert!(!page.contains("http:") && !page.contains("https:"));
    }
    let page = share.get("/").text();
    assert!(page.contains("&#60;img src=x onerror=alert(1)&#62;.html"));
    assert!(!page.contains('\u{1b}') && !page.contains('\r'));
}

#[test]
fn a_folder_can_not_redirect_a_visitor_to_another_site() {
    let tree = Tree::empty();
    tree.mkdir("evil.example");
    let share = Share::folder(&tree.root);
    assert_eq!(share.get("/%2fevil.example").status, 404);
    for path in [
        "/evil.example",
        "//evil.example",
        "///evil.example",
        "/a/..//evil.example",
    ] {
        for headers in [&[][..], &[("User-Agent", "Mozilla/5.0")]] {
            let mut response = share.get_with(path, headers);
            // A browser is sent to the plain path first.
            if response.header("location") == Some("/evil.example") {
                response = share.get_with("/evil.example", headers);
            }
            assert_eq!(
                response.header("location"),
                Some("/evil.example/"),
                "{path}"
            );
        }
    }
    for path in ["//evil.example/", "///evil.example/..//evil.example/"] {
        let browser = share.get_with(path, &[("User-Agent", "Mozilla/5.0")]);
        assert_eq!(browser.header("location"), Some("/evil.example/"), "{path}");
    }
}

#[test]
fn chosen_files_give_no_access_to_their_neighbours() {
    let tree = Tree::hostile();
    let content = Content::Files(vec![
        tree.root.join("plain.txt"),
        tree.root.join("sub"),
        tree.root.join("link-in"),
    ]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    let page = share.get("/").text();
    assert!(page.contains("./plain.txt") && page.contains("./sub/") && page.contains("./link-in"));
    assert!(!page.contains("ünïcödé") && !page.contains("secret"));
    assert_eq!(share.get("/plain.txt").body, b"content of plain.txt");
    assert_eq!(share.get("/sub/inner.txt").body, b"inner");
    assert_eq!(share.get("/link-in").body, b"inner");
    for path in [
        "/%231hash.txt",
        "/inner.txt",
        "/sub/link-up/",
        "/sub/.hidden",
        "/plain.txt/",
        "/plain.txt/plain.txt",
        "/empty/",
        "/secret.txt",
    ] {
        let response = share.get(path);
        assert_eq!(response.status, 404, "{path}");
        assert_safe(&response, path);
    }
}
