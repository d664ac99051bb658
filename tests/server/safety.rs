//! No request gets anything that is not shared.

use crate::fixture::{
    Share,
    safe::assert_safe,
    tree::{SECRET, Tree},
};
use spot_serve::server::{Content, Settings};

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
    for name in [".well-known", ".well-known%2Fsecurity.txt"] {
        let selected = share.get(&format!("/?archive=zip&only={name}"));
        assert_eq!(selected.status, 404, "{name}");
    }
    // A folder among several things is not the top of a share.
    let chosen = Content::Files(vec![tree.root.clone(), tree.root.join("plain.txt")]);
    let share = Share::start(&chosen, &Settings::default()).unwrap();
    assert_eq!(share.get("/shared/plain.txt").status, 200);
    assert_eq!(share.get("/shared/.well-known/security.txt").status, 404);
    assert_eq!(share.get("/.well-known/security.txt").status, 404);
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
