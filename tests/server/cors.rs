//! Scripts of other websites read a share only if its owner lets them.

use spot_serve::server::{Access, Content, PasswordHash, Settings, UploadRules};

use crate::fixture::tree::Tree;
use crate::fixture::{Response, Share};

const NAME: &str = "quiet-river.trycloudflare.com";
const HOST: (&str, &str) = ("Host", NAME);
const ORIGIN: (&str, &str) = ("Origin", "https://elsewhere.example");

fn share(cors: bool, access: &Access) -> (Tree, Share) {
    let tree = Tree::empty();
    tree.write("a.txt", b"content");
    tree.write("sub/b.txt", b"b");
    access.cors().allow(cors);
    let settings = Settings {
        access: access.clone(),
        ..Settings::default()
    };
    let share = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
    share.names.set(Some(NAME.to_owned()));
    (tree, share)
}

/// The names of its headers that let others read it.
fn allowances(response: &Response) -> Vec<&str> {
    let names = response.headers.iter().map(|(name, _)| name.as_str());
    names
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

fn is_open(response: &Response) -> bool {
    assert_eq!(response.header("access-control-allow-credentials"), None);
    match response.header("access-control-allow-origin") {
        Some(origin) => origin == "*",
        None => {
            assert!(allowances(response).is_empty(), "{response:?}");
            false
        }
    }
}

#[test]
fn scripts_of_other_websites_read_a_share_whose_owner_lets_them() {
    let (_tree, share) = share(true, &Access::default());
    let mut client = share.client();
    for (target, header, status) in [
        ("/a.txt", ORIGIN, 200),
        ("/a.txt", ("Range", "bytes=1-2"), 206),
        ("/a.txt", ("Range", "bytes=99-"), 416),
        ("/", ORIGIN, 200),
        ("/?json", ORIGIN, 200),
        ("/?archive=zip", ORIGIN, 200),
        ("/a.txt?sha256", ORIGIN, 200),
        ("/missing", ORIGIN, 404),
        ("/sub", ORIGIN, 302),
        ("//sub/", ("User-Agent", "Mozilla/5.0"), 302),
    ] {
        let response = client.get(target, &[HOST, ORIGIN, header]);
        assert_eq!(response.status, status, "{target}");
        assert!(is_open(&response), "{target}");
        let shown = response.header("access-control-expose-headers").unwrap();
        for name in ["ETag", "Content-Length", "Content-Range", "Accept-Ranges"] {
            assert!(shown.contains(name), "{shown}");
        }
    }
    assert!(is_open(&client.request("HEAD", "/a.txt", &[HOST])));
    let asks = [
        HOST,
        ORIGIN,
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "range"),
    ];
    let answer = client.request("OPTIONS", "/a.txt", &asks);
    assert_eq!(answer.status, 200);
    assert!(is_open(&answer));
    let allowed = |name| answer.header(name).unwrap_or_default();
    assert_eq!(
        allowed("access-control-allow-methods"),
        "GET, HEAD, OPTIONS"
    );
    assert!(allowed("access-control-allow-headers").contains("Range"));
    assert!(!allowed("access-control-allow-headers").contains("Authorization"));
    // A website could try all ports of its visitor's own computer.
    for target in ["/a.txt", "/"] {
        assert!(!is_open(&client.get(target, &[ORIGIN])), "{target}");
    }
}

#[test]
fn the_owner_lets_them_in_and_keeps_them_out_while_it_is_online() {
    let access = Access::default();
    let (_tree, share) = share(false, &access);
    let mut client = share.client();
    for may_read in [true, false, true] {
        access.cors().allow(may_read);
        let answer = client.get("/a.txt", &[HOST, ORIGIN]);
        assert_eq!((answer.status, is_open(&answer)), (200, may_read));
    }
}

#[test]
fn nobody_else_lets_them() {
    let (_tree, share) = share(false, &Access::default());
    for method in ["GET", "HEAD", "OPTIONS"] {
        let asks = [HOST, ORIGIN, ("Access-Control-Request-Method", "GET")];
        let answer = share.client().request(method, "/a.txt", &asks);
        assert!(!is_open(&answer), "{method}");
    }
}

#[test]
fn a_password_and_what_is_handed_in_stay_closed_to_them() {
    let access = Access::default();
    access
        .lock()
        .set_password(Some(PasswordHash::of("secret").unwrap()));
    let (_tree, locked) = share(true, &access);
    // `:secret`
    let knows = ("Authorization", "Basic OnNlY3JldA==");
    for headers in [
        &[HOST, ORIGIN][..],
        &[HOST, ORIGIN, knows],
        &[HOST, ORIGIN, ("Accept", "text/html")],
    ] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let answer = locked.client().request(method, "/a.txt", headers);
            assert!(!is_open(&answer), "{method} {headers:?}");
        }
    }
    assert_eq!(
        locked.get_with("/a.txt", &[HOST, ORIGIN, knows]).status,
        200
    );

    let access = Access::default();
    access.uploads().set_rules(Some(UploadRules::default()));
    let (_tree, taking) = share(true, &access);
    let mut client = taking.client();
    for (method, target) in [
        ("GET", "/?upload"),
        ("PUT", "/new.txt"),
        ("POST", "/?upload"),
        ("DELETE", "/a.txt"),
    ] {
        let answer = client.request(method, target, &[HOST, ORIGIN, ("Content-Length", "0")]);
        assert!(!is_open(&answer), "{method} {target}");
    }
    let asks = [HOST, ORIGIN, ("Access-Control-Request-Method", "PUT")];
    let answer = client.request("OPTIONS", "/new.txt", &asks);
    let methods = answer.header("access-control-allow-methods");
    assert_eq!(methods, Some("GET, HEAD, OPTIONS"));
}
