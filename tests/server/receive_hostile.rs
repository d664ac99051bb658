//! Visitors who hand things in to do harm.

use std::collections::BTreeSet;
use std::fs;
use std::net::Shutdown;
use std::sync::Barrier;
use std::thread;

use crate::fixture::Client;
use crate::fixture::receiving::{FORM, Receiving, form, metadata, part, rules, send, tus};

const BODY: &[u8] = b"hello world";
const HOST: &str = "quiet-river.trycloudflare.com";

/// The most uploads that may be open, of all visitors and of one.
const MAX_OPEN: usize = 1000;
const MAX_OPEN_OF_VISITOR: usize = 200;

/// Names that try to get out of the folder, to hide, or to break something.
fn bad_names() -> Vec<String> {
    let mut names: Vec<_> = [
        "../../.bashrc",
        "..",
        ".",
        "/etc/passwd",
        "/",
        "..\\..\\evil.bat",
        "C:\\evil.bat",
        ".bashrc",
        ".ssh/authorized_keys",
        ".spot-serve-parts/x",
        "a\0b",
        "a\nb\r\nc",
        "a\u{1b}[31mb",
        "gpj.\u{202e}exe",
        "CON",
        "nul.txt",
        "a:stream",
        "a. ",
        "~",
        "-rf",
        "\u{feff}",
        " ",
    ]
    .map(str::to_owned)
    .into();
    names.push("x".repeat(300));
    names.push(format!("{}.txt", "ä".repeat(300)));
    names.push("a/".repeat(100) + "b");
    names
}

/// Everything around the shared folder that must stay as it is.
fn outside(receiving: &Receiving) -> BTreeSet<String> {
    let around = fs::read_dir(receiving.tree.outside("")).unwrap();
    let names = around.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.collect()
}

#[test]
fn no_name_leads_out_of_the_folder_or_hides_a_file() {
    let receiving = Receiving::inbox();
    let before = outside(&receiving);
    let mut sent = 0;
    for name in bad_names() {
        let fields = [
            &[("filename", name.as_str())][..],
            &[("filename", "x"), ("relativePath", &format!("a/{name}"))],
        ];
        for pairs in fields {
            let headers = [
                ("Upload-Length", "11"),
                ("Upload-Metadata", &metadata(pairs)),
                ("Content-Type", "application/offset+octet-stream"),
            ];
            let created = receiving.tus("POST", "/?upload", &headers, BODY);
            assert!(
                matches!(created.status, 201 | 400),
                "{name:?} {}",
                created.text()
            );
            sent += usize::from(created.status == 201);
        }
        if !name.contains(['\0', '\n', '\r', '"']) {
            let fields = form(&[("file", Some(&name), BODY)]);
            let posted = receiving.send("POST", "/", &[FORM], &fields);
            assert!(
                matches!(posted.status, 201 | 400),
                "{name:?} {}",
                posted.text()
            );
            sent += usize::from(posted.status == 201);
        }
        let url: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let put = receiving.send("PUT", &format!("/{url}"), &[], BODY);
        assert!(
            matches!(put.status, 201 | 400 | 404),
            "{name:?} {}",
            put.text()
        );
        sent += usize::from(put.status == 201);
    }
    receiving.wait_until(|_| receiving.names().len() == sent);
    let names = receiving.names();
    assert_eq!(names.len(), sent, "each is a file of its own: {names:#?}");
    for path in names {
        for name in path.split('/') {
            assert!(!name.starts_with('.'), "{path:?}");
            assert!(
                !name.contains(['\\', ':', '\u{202e}', '\u{feff}', '\u{fffd}']),
                "{path:?}"
            );
            assert!(name.chars().all(|c| !c.is_control()), "{path:?}");
            assert!(name.len() <= 255, "{path:?}");
        }
        assert_eq!(receiving.content(&path), BODY);
    }
    assert_eq!(outside(&receiving), before);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_leads_out() {
    use std::os::unix::fs::symlink;
    let receiving = Receiving::folder();
    fs::create_dir(receiving.tree.outside("elsewhere")).unwrap();
    receiving.tree.write("sub/old.txt", b"old");
    symlink("../elsewhere", receiving.tree.root.join("out")).unwrap();
    symlink("sub", receiving.tree.root.join("in")).unwrap();
    let put = receiving.send("PUT", "/out/a", &[], BODY);
    assert_eq!(put.status, 404);
    let name = metadata(&[("filename", "x"), ("relativePath", "out/a")]);
    let headers = [("Upload-Length", "0"), ("Upload-Metadata", name.as_str())];
    let created = receiving.tus("POST", "/?upload", &headers, b"");
    assert_eq!(created.status, 201, "{}", created.text());
    receiving.wait_until(|_| receiving.tree.root.join("out (2)/a").exists());
    assert!(
        receiving.tree.root.join("out (2)/a").is_file(),
        "{:?}",
        receiving.names()
    );
    assert_eq!(receiving.send("PUT", "/in/a", &[], BODY).status, 201);
    assert_eq!(receiving.content("sub/a"), BODY);
    assert_eq!(
        fs::read_dir(receiving.tree.outside("elsewhere"))
            .unwrap()
            .count(),
        0
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_swapped_meanwhile_gets_nothing() {
    use std::os::unix::fs::symlink;
    let receiving = Receiving::folder();
    fs::create_dir(receiving.tree.outside("elsewhere")).unwrap();
    receiving.tree.write("sub/old.txt", b"old");
    let headers = [
        ("Upload-Length", "11"),
        ("Upload-Metadata", &metadata(&[("filename", "a")])),
    ];
    let created = receiving.tus("POST", "/sub/?upload", &headers, b"");
    let location = created.header("location").unwrap();
    assert_eq!(receiving.patch(location, 0, &BODY[..5]).status, 204);
    let sub = receiving.tree.root.join("sub");
    fs::rename(&sub, receiving.tree.root.join("moved")).unwrap();
    symlink("../elsewhere", &sub).unwrap();
    let last = receiving.patch(location, 5, &BODY[5..]);
    assert!(matches!(last.status, 204 | 503), "{}", last.text());
    receiving.wait_until(|reports| reports.len() > 1);
    assert_eq!(
        fs::read_dir(receiving.tree.outside("elsewhere"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(
        fs::read(receiving.tree.root.join("moved/old.txt")).unwrap(),
        b"old"
    );
}

#[test]
fn a_visitor_who_opens_uploads_for_ever_is_stopped_and_keeps_nobody_out() {
    let receiving = Receiving::inbox();
    receiving.share.names.set(Some(HOST.to_owned()));
    let mut client = receiving.share.client();
    let mut open = |address: &str| {
        let headers = [
            ("Host", HOST),
            ("CF-Connecting-IP", address),
            ("Upload-Length", "1000"),
        ];
        let created = tus(&mut client, "POST", "/?upload", &headers, b"");
        let retry_after = created.header("retry-after").is_some();
        assert!(retry_after || created.status != 429);
        (
            created.status,
            created.header("upload-error").map(str::to_owned),
        )
    };
    let mut begun = 0;
    for _ in 0..10_000 {
        match open("192.0.2.1") {
            (201, _) => begun += 1,
            (429, error) => assert_eq!(error.as_deref(), Some("too-many")),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(begun, MAX_OPEN_OF_VISITOR);
    // Somebody else is not in the way.
    assert_eq!(open("192.0.2.2").0, 201);
    for visitor in 3..10 {
        for _ in 0..=MAX_OPEN_OF_VISITOR {
            open(&format!("192.0.2.{visitor}"));
        }
    }
    let parts = fs::read_dir(receiving.tree.root.join(".spot-serve-parts")).unwrap();
    let parts = parts.filter(|part| {
        let name = part.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".json")
    });
    assert!(parts.count() <= MAX_OPEN);
    // A file that is complete at once is taken all the same.
    let headers = [("Host", HOST), ("CF-Connecting-IP", "192.0.2.100")];
    let put = receiving.send("PUT", "/a", &headers, BODY);
    assert!(matches!(put.status, 201 | 429), "{}", put.text());
}

#[test]
fn of_many_requests_that_write_to_one_upload_one_wins() {
    let receiving = Receiving::folder();
    for round in 0..10 {
        let name = format!("{round}");
        let length = 200_000;
        let location = receiving.create(&name, length);
        let barrier = Barrier::new(8);
        let statuses: Vec<_> = thread::scope(|scope| {
            let racing: Vec<_> = (b'a'..b'i')
                .map(|letter| {
                    let (location, receiving, barrier) = (&location, &receiving, &barrier);
                    scope.spawn(move || {
                        let body = vec![letter; length];
                        barrier.wait();
                        (letter, receiving.patch(location, 0, &body).status)
                    })
                })
                .collect();
            racing.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let mut winners = statuses.iter().filter(|(_, status)| *status == 204);
        let winner = winners.next().expect("somebody wins");
        assert!(winners.next().is_none(), "{statuses:?}");
        for (_, status) in &statuses {
            assert!(matches!(status, 204 | 409 | 423), "{statuses:?}");
        }
        let content = receiving.content(&name);
        assert_eq!(content.len(), length);
        assert!(content.iter().all(|byte| *byte == winner.0));
    }
}

#[test]
fn two_visitors_with_the_same_name_at_once_both_keep_their_file() {
    let receiving = Receiving::folder();
    let barrier = Barrier::new(8);
    let texts: BTreeSet<_> = thread::scope(|scope| {
        let sending: Vec<_> = (b'a'..b'i')
            .map(|letter| {
                let (receiving, barrier) = (&receiving, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let put = receiving.send("PUT", "/same.txt", &[], &[letter; 10]);
                    assert_eq!(put.status, 201);
                    put.text()
                })
            })
            .collect();
        sending.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(texts.len(), 8, "each has a name of its own: {texts:?}");
    receiving.wait_until(|_| receiving.names().len() == 8);
    let contents = receiving
        .names()
        .into_iter()
        .map(|name| receiving.content(&name));
    let letters: BTreeSet<_> = contents.map(|content| content[0]).collect();
    assert_eq!(letters.len(), 8);
}

#[test]
fn a_file_whose_sender_leaves_is_not_there() {
    let receiving = Receiving::folder();
    for framed in [
        &b"Content-Length: 100000\r\n\r\nhello"[..],
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let mut client = receiving.share.client();
        let head = format!(
            "PUT /a HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n",
            receiving.share.port
        );
        client.send(head.as_bytes());
        client.send(framed);
        client.stream().shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.response(false).status, 400);
    }
    receiving.assert_names([]);
}

#[test]
fn whoever_leaves_right_behind_the_head_gets_an_answer_at_once() {
    let receiving = Receiving::folder();
    for version in ["1.0", "1.1"] {
        for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            for _ in 0..20 {
                let mut client = receiving.share.client();
                let head = format!(
                    "PUT /a HTTP/{version}\r\nHost: 127.0.0.1:{}\r\n{framing}\r\n\r\n",
                    receiving.share.port
                );
                client.send(head.as_bytes());
                client.stream().shutdown(Shutdown::Write).unwrap();
                assert_eq!(client.response(false).status, 400);
            }
        }
    }
    while receiving.access.traffic().under_way() > 0 {
        thread::yield_now();
    }
    receiving.assert_names([]);
}

#[test]
fn a_part_whose_sender_leaves_is_kept_as_far_as_it_came() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    let mut client = receiving.share.client();
    let headers = [
        &part("0")[..],
        &[("Tus-Resumable", "1.0.0"), ("Content-Length", "11")],
    ]
    .concat();
    client.ask("PATCH", &location, &headers);
    client.send(&BODY[..5]);
    client.stream().shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.response(false).status, 400);
    let offset = receiving.offset(&location).unwrap();
    assert_eq!(offset, 5);
    assert_eq!(
        receiving.patch(&location, offset, &BODY[offset..]).status,
        204
    );
    assert_eq!(receiving.content("a"), BODY);
}

#[test]
fn a_body_is_never_taken_for_a_request() {
    let receiving = Receiving::folder();
    let port = receiving.share.port;
    let inner =
        format!("PUT /evil HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 1\r\n\r\nx");
    let length = inner.len();
    let mut client = receiving.share.client();
    for (name, framed) in [
        ("sized", format!("Content-Length: {length}\r\n\r\n{inner}")),
        (
            "chunked",
            format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{inner}\r\n0\r\n\r\n"),
        ),
    ] {
        let head = format!("PUT /{name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n");
        client.send((head + &framed).as_bytes());
        assert_eq!(client.response(false).status, 201);
        assert_eq!(receiving.content(name), inner.as_bytes());
    }
    // Not even that of a request that is refused.
    let refused = format!(
        "PUT / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n\r\n{inner}"
    );
    client.send(refused.as_bytes());
    assert_eq!(client.response(false).status, 400);
    client.stream().shutdown(Shutdown::Write).unwrap();
    assert!(client.is_closed());
    receiving.assert_names(["chunked", "sized"]);
}

#[test]
fn a_page_that_was_handed_in_runs_nowhere() {
    let receiving = Receiving::folder();
    let attack = b"<script>fetch('/?json')</script>";
    for name in ["attack.html", "attack.svg", "attack.xhtml"] {
        let put = receiving.send("PUT", &format!("/{name}"), &[], attack);
        assert_eq!(put.status, 201);
        assert_eq!(
            put.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        receiving.content(name);
        let shown = receiving.share.get(&format!("/{name}"));
        let policy = shown.header("content-security-policy").unwrap();
        assert!(policy.starts_with("sandbox ") && !policy.contains("allow-same-origin"));
    }
    let name = "<img src=x onerror=alert(1)>.txt";
    let fields = form(&[
        ("file", Some(name), BODY),
        ("sender", None, name.as_bytes()),
    ]);
    let browser = ("Accept", "text/html");
    let posted = receiving.send("POST", "/?upload", &[FORM, browser], &fields);
    assert_eq!(posted.status, 303, "{}", posted.text());
    let page = receiving.share.get(posted.header("location").unwrap());
    assert!(!page.text().contains("<img src=x"), "{}", page.text());
}

#[test]
fn a_visitor_makes_no_website_of_a_list() {
    let receiving = Receiving::folder();
    receiving.tree.write("sub/old.txt", b"old");
    let attack = b"<script>alert(1)</script>";
    for name in ["index.html", "INDEX.HTML", "404.html", "sub/index.html"] {
        let put = receiving.send("PUT", &format!("/{name}"), &[], attack);
        assert_eq!(put.status, 201, "{name}");
        assert!(
            put.text().to_lowercase().ends_with(" (2).html\n"),
            "{}",
            put.text()
        );
    }
    receiving.wait_until(|_| receiving.names().len() == 5);
    for target in ["/", "/sub/", "/missing"] {
        let page = receiving.share.get(target).text();
        assert!(!page.contains("alert(1)"), "{target}: {page}");
    }
    // In a folder of their own, they harm nobody.
    let name = metadata(&[
        ("relativePath", "site/index.html"),
        ("delivery", "00112233445566778899aabbccddeeff"),
    ]);
    let headers = [("Upload-Length", "0"), ("Upload-Metadata", name.as_str())];
    let created = receiving.tus("POST", "/?upload", &headers, b"");
    assert_eq!(created.status, 201);
    assert_eq!(receiving.content("site/index.html"), b"");
}

#[test]
fn a_website_that_takes_files_is_not_trusted() {
    let receiving = Receiving::folder();
    receiving.tree.write("index.html", b"<h1>site</h1>");
    receiving.tree.write("worker.js", b"//");
    let worker = [("Service-Worker", "script")];
    let assert_sandboxed = || {
        let index = receiving.share.get("/");
        assert_eq!(index.body, b"<h1>site</h1>");
        let policy = index.header("content-security-policy");
        assert!(policy.is_some_and(|policy| policy.starts_with("sandbox ")));
        let response = receiving.share.get_with("/worker.js", &worker);
        assert_eq!(response.status, 403);
    };
    assert_sandboxed();
    // As long as nobody has added anything, it is enough to switch it off.
    receiving.access.uploads().set_rules(None);
    let index = receiving.share.get("/");
    assert_eq!(index.header("content-security-policy"), None);
    assert_eq!(receiving.share.get_with("/worker.js", &worker).status, 200);
    receiving.access.uploads().set_rules(rules());
    assert_eq!(receiving.send("PUT", "/a.html", &[], BODY).status, 201);
    receiving.access.uploads().set_rules(None);
    assert_sandboxed();
}

#[test]
fn visitors_can_only_add() {
    let receiving = Receiving::folder();
    receiving.tree.write("old.txt", b"old");
    receiving.tree.write("sub/old.txt", b"old");
    let id = receiving.create("new.txt", 3);
    for (method, target, body) in [
        ("PUT", "/old.txt", &b"new"[..]),
        ("PUT", "/sub/old.txt", b"new"),
        ("DELETE", "/old.txt", b""),
        ("DELETE", "/sub/", b""),
        (
            "DELETE",
            "/old.txt?upload=00112233445566778899aabbccddeeff",
            b"",
        ),
        ("PATCH", "/old.txt", b"new"),
        ("POST", "/old.txt", b"new"),
        ("MOVE", "/old.txt", b""),
        ("MKCOL", "/folder", b""),
        ("PROPPATCH", "/old.txt", b""),
    ] {
        receiving.tus(method, target, &[], body);
    }
    for name in ["old.txt", "sub/old.txt", "OLD.TXT"] {
        let fields = form(&[("file", Some(name), b"new")]);
        assert_eq!(receiving.send("POST", "/", &[FORM], &fields).status, 201);
    }
    assert_eq!(receiving.patch(&id, 0, b"new").status, 204);
    receiving.content("new.txt");
    for name in ["old.txt", "sub/old.txt"] {
        assert_eq!(receiving.content(name), b"old", "{name}");
    }
}

#[test]
fn what_is_not_complete_is_never_served() {
    let receiving = Receiving::folder();
    let location = receiving.create("a", BODY.len());
    assert_eq!(receiving.patch(&location, 0, &BODY[..5]).status, 204);
    let id = location.strip_prefix("/?upload=").unwrap();
    for target in [
        "/a".to_owned(),
        "/.spot-serve-parts/".to_owned(),
        format!("/.spot-serve-parts/{id}.part"),
        format!("/.spot-serve-parts/{id}.json"),
    ] {
        assert_eq!(receiving.share.get(&target).status, 404, "{target}");
        let put = receiving.send("PUT", &format!("{target}x/y"), &[], BODY);
        assert_eq!(put.status, 404, "{target}");
    }
    let list = receiving.share.get("/?json").text();
    assert!(!list.contains("parts") && !list.contains(id), "{list}");
}

#[test]
fn an_answer_to_a_file_that_is_refused_arrives() {
    let receiving = Receiving::folder();
    // As a program that sends everything before it looks for an answer.
    let body = vec![7; 8 << 20];
    for (target, status) in [("/", 400), ("/missing/a", 404)] {
        let mut client = receiving.share.client();
        let put = send(&mut client, "PUT", target, &[], &body);
        assert_eq!(put.status, status);
    }
    let mut client: Client = receiving.share.client();
    let patch = tus(&mut client, "PATCH", "/?upload=x", &part("0"), &body);
    assert_eq!(patch.status, 404);
}
