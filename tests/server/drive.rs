//! A share as a drive that only shows: WebDAV, class 1.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::mpsc::channel,
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use spot_serve::server::{Access, Content, PasswordHash, Settings};

use crate::fixture::dated::{THEN, THEN_S, rest, set_time};
use crate::fixture::drive::{asking_for, items, items_of, propfind};
use crate::fixture::receiving::Receiving;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};

const NAME: &str = "quiet-river.trycloudflare.com";

fn hrefs(share: &Share, target: &str) -> BTreeSet<String> {
    let items = items(share, target, "1").into_iter();
    items.map(|item| item.href).collect()
}

#[test]
fn a_share_says_that_it_is_a_drive_and_an_inbox_is_none() {
    let tree = Tree::empty();
    let share = Share::folder(&tree.root);
    for target in ["/", "/missing", "*"] {
        let options = share.client().request("OPTIONS", target, &[]);
        assert_eq!(options.status, 200);
        assert_eq!(options.header("dav"), Some("1"));
        assert_eq!(options.header("ms-author-via"), Some("DAV"));
        let allowed = "GET, HEAD, OPTIONS, PROPFIND";
        assert_eq!(options.header("allow"), Some(allowed));
    }
    let inbox = Receiving::inbox();
    inbox.tree.write("secret.txt", b"secret");
    let options = inbox.send("OPTIONS", "/", &[], b"");
    assert_eq!((options.status, options.header("dav")), (200, None));
    for target in ["/", "/secret.txt"] {
        for method in ["PROPFIND", "MKCOL"] {
            let refused = inbox.send(method, target, &[("Depth", "0")], b"");
            assert_eq!(refused.status, 405, "{method} {target}");
            let allowed = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE";
            assert_eq!(refused.header("allow"), Some(allowed));
        }
    }
}

#[test]
fn a_drive_shows_what_the_page_shows_and_says_what_get_says() {
    let tree = Tree::hostile();
    tree.write("page.html", b"<p>page");
    tree.write("picture.svg", b"<svg/>");
    tree.write("site/index.html", b"<p>site");
    tree.write("site/data.bin", &[1; 3000]);
    rest();
    let share = Share::folder(&tree.root);
    let mut folders = vec!["/".to_owned()];
    let (mut files, mut seen) = (0, 0);
    while let Some(folder) = folders.pop() {
        let listed: serde_json::Value =
            serde_json::from_str(&share.get(&format!("{folder}?json")).text()).unwrap();
        let listed = listed["entries"].as_array().unwrap();
        let url = |entry: &serde_json::Value| {
            format!(
                "{folder}{}",
                entry["url"].as_str().unwrap().trim_start_matches("./")
            )
        };
        let mut expected: BTreeSet<String> = listed.iter().map(url).collect();
        expected.insert(folder.clone());
        let items = items(&share, &folder, "1");
        assert_eq!(items[0].href, folder);
        assert_eq!(items.len(), expected.len());
        for item in items {
            assert!(expected.contains(&item.href), "{}", item.href);
            seen += 1;
            // Alone, it is the same.
            let alone = self::items(&share, &item.href, "0");
            assert_eq!(alone.len(), 1);
            assert_eq!(alone[0].href, item.href);
            assert_eq!(alone[0].is_folder(), item.is_folder());
            if item.is_folder() {
                assert_eq!(item.get("getcontentlength"), None);
                let is_round = item.href.matches("link-").count() > 1;
                if item.href != folder && !is_round {
                    folders.push(item.href);
                }
                continue;
            }
            let head = share.head_with(&item.href, &[]);
            files += 1;
            for (property, header) in [
                ("getetag", "etag"),
                ("getcontentlength", "content-length"),
                ("getlastmodified", "last-modified"),
            ] {
                let value = item
                    .get(property)
                    .map(|value| value.replace("&quot;", "\""));
                assert_eq!(value.as_deref(), head.header(header), "{}", item.href);
                assert_eq!(alone[0].get(property), item.get(property), "{}", item.href);
            }
            if let Some(kind) = item.get("getcontenttype") {
                let essence = head.header("content-type").unwrap();
                assert_eq!(essence.split(';').next(), Some(kind), "{}", item.href);
            }
        }
    }
    assert!(files > 30 && seen > files, "{files} {seen}");
    for target in [
        "/.hidden",
        "/.git/",
        "/link-out",
        "/fifo",
        "/plain.txt/",
        "/nothing",
    ] {
        let response = propfind(&mut share.client(), target, &[("Depth", "0")], "");
        assert_eq!(response.status, 404, "{target}");
    }
}

#[test]
fn every_property_has_its_value() {
    let tree = Tree::empty();
    let path = tree.write("a & <b>.txt", b"hello");
    set_time(&path, UNIX_EPOCH + Duration::from_secs(THEN_S));
    tree.mkdir("sub");
    rest();
    let share = Share::folder(&tree.root);
    let all = items(&share, "/", "1");
    let file = all.iter().find(|item| !item.is_folder()).unwrap();
    assert_eq!(file.href, "/a%20%26%20%3Cb%3E.txt");
    assert_eq!(file.get("displayname"), Some("a &amp; &lt;b&gt;.txt"));
    assert_eq!(file.get("getcontentlength"), Some("5"));
    assert_eq!(file.get("getcontenttype"), Some("text/plain"));
    assert_eq!(file.get("getlastmodified"), Some(THEN));
    assert!(file.there.contains("<D:resourcetype/>"));
    #[cfg(target_os = "linux")]
    if let Some(created) = file.get("creationdate") {
        assert!(
            created.starts_with("20") && created.ends_with('Z'),
            "{created}"
        );
    }
    // Nobody asked for these.
    assert!(all.iter().all(|item| item.missing.is_empty()));
    assert!(
        all.iter()
            .all(|item| item.get("quota-available-bytes").is_none())
    );

    let body = asking_for(
        "<a:quota-available-bytes/><a:quota-used-bytes/><a:getetag/><a:lockdiscovery/>\
         <z:odd xmlns:z=\"urn:&quot;&lt;\"/><plain xmlns=\"\"/>",
    );
    let response = propfind(&mut share.client(), "/", &[("Depth", "1")], &body);
    for item in items_of(&response) {
        let (room, tag) = (
            "<D:quota-available-bytes>0</D:quota-available-bytes>",
            "<D:getetag>",
        );
        let (there, missing) = if item.is_folder() || item.href.ends_with('/') {
            (room, "<D:getetag/>")
        } else {
            (tag, "<D:quota-available-bytes/>")
        };
        assert!(item.there.starts_with(there), "{item:?}");
        assert!(item.missing.contains(missing), "{item:?}");
        for name in [
            "<D:quota-used-bytes/>",
            "<D:lockdiscovery/>",
            "<n0:odd/>",
            "<plain/>",
        ] {
            assert!(item.missing.contains(name), "{item:?}");
        }
    }
    assert!(response.text().contains(" xmlns:n0=\"urn:&quot;&lt;\""));

    let names = "<propfind xmlns=\"DAV:\"><propname/></propfind>";
    let names = propfind(&mut share.client(), "/sub", &[("Depth", "0")], names);
    let names = &items_of(&names)[0].there;
    for name in [
        "<D:displayname/>",
        "<D:resourcetype/>",
        "<D:getlastmodified/>",
    ] {
        assert!(names.contains(name), "{names}");
    }
    assert!(!names.contains("getcontentlength"), "{names}");
}

#[test]
fn only_a_folder_and_what_is_directly_in_it_can_be_asked_for_at_once() {
    let tree = Tree::empty();
    tree.write("sub/a.txt", b"a");
    let share = Share::folder(&tree.root);
    for headers in [&[][..], &[("Depth", "infinity")], &[("Depth", "Infinity")]] {
        let refused = propfind(&mut share.client(), "/", headers, "");
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("<D:propfind-finite-depth/>"));
        // There is nothing below a file.
        let file = propfind(&mut share.client(), "/sub/a.txt", headers, "");
        assert_eq!(items_of(&file).len(), 1);
    }
    for depth in ["2", "", "one"] {
        let refused = propfind(&mut share.client(), "/", &[("Depth", depth)], "");
        assert_eq!(refused.status, 400, "{depth}");
    }
    assert_eq!(hrefs(&share, "/"), ["/", "/sub/"].map(str::to_owned).into());
}

#[test]
fn a_body_that_is_long_or_wrong_is_refused_and_a_connection_survives_the_right_one() {
    let tree = Tree::empty();
    let share = Share::folder(&tree.root);
    let long = " ".repeat(64 * 1024 + 1);
    for (body, status) in [
        (long.as_str(), 413),
        ("<foo>", 400),
        (
            "<propfind xmlns=\"DAV:\"><prop><b:a xmlns:b=\"\"/></prop></propfind>",
            400,
        ),
        (
            "<!DOCTYPE a [<!ENTITY a \"aaaa\">]><propfind xmlns=\"DAV:\"><allprop/></propfind>",
            400,
        ),
    ] {
        let response = propfind(&mut share.client(), "/", &[("Depth", "0")], body);
        assert_eq!(response.status, status, "{body:.40}");
    }
    // Of unknown length, it may be endless.
    let mut client = share.client();
    client.ask(
        "PROPFIND",
        "/",
        &[("Depth", "0"), ("Transfer-Encoding", "chunked")],
    );
    client.send(format!("{:x}\r\n{long}\r\n", long.len()).as_bytes());
    assert_eq!(client.response(false).status, 413);

    let mut client = share.client();
    for _ in 0..3 {
        let body = asking_for("<a:getetag/>");
        let response = propfind(&mut client, "/", &[("Depth", "0")], &body);
        assert_eq!(items_of(&response).len(), 1);
    }
    let head = [("Depth", "0"), ("Transfer-Encoding", "chunked")];
    client.ask("PROPFIND", "/", &head);
    client.send(b"0\r\n\r\n");
    assert_eq!(items_of(&client.response(false)).len(), 1);
    assert_eq!(client.get("/", &[]).status, 200);
}

#[test]
fn a_long_list_is_compressed_for_those_who_accept_it() {
    let tree = Tree::empty();
    for number in 0..3000 {
        tree.write(format!("{number}.txt"), b"");
    }
    let share = Share::folder(&tree.root);
    let headers = [("Depth", "1"), ("Accept-Encoding", "gzip")];
    let packed = propfind(&mut share.client(), "/", &headers, "");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < 200_000, "{}", packed.body.len());
    assert_eq!(hrefs(&share, "/").len(), 3001);
}

#[test]
fn chosen_files_and_websites_are_drives_too() {
    let tree = Tree::empty();
    let (one, two) = (
        tree.write("one.txt", b"one"),
        tree.write("sub/two.html", b"two"),
    );
    rest();
    let content = Content::Files(vec![one, two.clone(), tree.root.join("sub")]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    let expected = ["/", "/one.txt", "/two.html", "/sub/"];
    assert_eq!(hrefs(&share, "/"), expected.map(str::to_owned).into());
    let expected = ["/sub/", "/sub/two.html"];
    assert_eq!(hrefs(&share, "/sub"), expected.map(str::to_owned).into());
    for (target, folder) in [("/two.html", "/"), ("/sub/two.html", "/sub/")] {
        let tag = share
            .head_with(target, &[])
            .header("etag")
            .unwrap()
            .to_owned();
        let all = items(&share, folder, "1");
        let item = all.iter().find(|item| item.href == target).unwrap();
        assert_eq!(item.get("getetag").unwrap().replace("&quot;", "\""), tag);
    }
    // What a browser gets at the address of a folder is a file of its own here.
    let website = Tree::empty();
    website.write("index.html", b"home");
    website.write("docs/index.html", b"docs");
    rest();
    let share = Share::folder(&website.root);
    let expected = ["/", "/docs/", "/index.html"];
    assert_eq!(hrefs(&share, "/"), expected.map(str::to_owned).into());
    let tag = share
        .head_with("/index.html", &[])
        .header("etag")
        .unwrap()
        .to_owned();
    let file = &items(&share, "/index.html", "0")[0];
    assert_eq!(file.get("getetag").unwrap().replace("&quot;", "\""), tag);
    assert!(!tag.contains("sandbox"));
    let page = propfind(&mut share.client(), "/docs/index", &[("Depth", "0")], "");
    assert_eq!(page.status, 404);
}

#[test]
fn a_drive_is_asked_for_the_password() {
    let tree = Tree::empty();
    tree.write("a.txt", b"hello");
    let access = Access::default();
    let hash = PasswordHash::of("right").unwrap();
    access.lock().set_password(Some(hash));
    let share = Share::public(&tree.root, &access, NAME);
    let ask = |method: &str, more: &[(&str, &str)]| {
        let headers = [("Host", NAME), ("Depth", "1"), ("Accept", "text/html, */*")];
        let headers = [&headers[..], more].concat();
        share.client().request(method, "/", &headers)
    };
    for method in ["OPTIONS", "PROPFIND", "PROPPATCH", "MKCOL", "LOCK", "MOVE"] {
        let asked = ask(method, &[]);
        assert_eq!(asked.status, 401, "{method}");
        let challenge = asked.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Basic realm="), "{challenge}");
        assert!(!asked.text().contains("a.txt"));
    }
    let right = format!("Basic {}", BASE64.encode("anyone:right"));
    let headers = [("Authorization", right.as_str())];
    assert_eq!(items_of(&ask("PROPFIND", &headers)).len(), 2);
    assert_eq!(ask("OPTIONS", &headers).header("dav"), Some("1"));
    let wrong = format!("Basic {}", BASE64.encode("anyone:wrong"));
    let refused = ask("PROPFIND", &[("Authorization", wrong.as_str())]);
    assert_eq!(refused.status, 401);
    // A script of a page gets no window of the browser's own.
    let script = ask("PROPFIND", &[("Sec-Fetch-Mode", "cors")]);
    assert_eq!(
        (script.status, script.header("www-authenticate")),
        (401, None)
    );
}

#[test]
fn what_changes_something_is_refused() {
    let tree = Tree::empty();
    tree.write("a.txt", b"hello");
    let share = Share::folder(&tree.root);
    for method in [
        "PUT",
        "DELETE",
        "MKCOL",
        "MOVE",
        "COPY",
        "PROPPATCH",
        "LOCK",
        "UNLOCK",
        "REPORT",
    ] {
        let headers = [
            ("Destination", "/b.txt"),
            ("Overwrite", "T"),
            ("Content-Length", "3"),
        ];
        let mut client = share.client();
        client.ask(method, "/a.txt", &headers);
        client.send(b"new");
        let refused = client.response(false);
        assert_eq!(refused.status, 405, "{method}");
        let allowed = "GET, HEAD, OPTIONS, PROPFIND";
        assert_eq!(refused.header("allow"), Some(allowed), "{method}");
    }
    assert_eq!(std::fs::read(tree.root.join("a.txt")).unwrap(), b"hello");
    assert_eq!(std::fs::read_dir(&tree.root).unwrap().count(), 1);
}

#[test]
fn a_mounted_drive_is_one_visit_and_no_download() {
    let tree = Tree::empty();
    tree.write("a.txt", b"hello");
    let access = Access::default();
    let (seen, visits) = channel();
    access.visits().on_visit(move |address: Option<IpAddr>| {
        let _ = seen.send(address);
    });
    let (sender, downloads) = channel();
    access.downloads().on_report(move |report| {
        let _ = sender.send(format!("{report:?}"));
    });
    let share = Share::public(&tree.root, &access, NAME);
    let fields = [
        ("Host", NAME),
        ("CF-Connecting-IP", "192.0.2.4"),
        ("Depth", "1"),
    ];
    let mut client = share.client();
    assert_eq!(client.request("OPTIONS", "/", &fields).status, 200);
    assert_eq!(visits.try_iter().count(), 0);
    for target in ["/", "/", "/a.txt", "/missing"] {
        propfind(&mut client, target, &fields, "");
    }
    let visits: Vec<_> = visits.try_iter().collect();
    assert_eq!(visits, ["192.0.2.4".parse().ok()]);
    assert_eq!(downloads.try_iter().count(), 0);
    assert_eq!(client.get("/a.txt", &fields).status, 200);
    share.get("/?cover");
    assert!(downloads.try_iter().count() > 0);
}

/// What the redirector of Windows sends when a drive is connected and a file is opened, according to its
/// documentation and to logs of servers.
#[test]
fn windows_connects_a_drive_and_opens_a_file() {
    let tree = Tree::empty();
    tree.write("sub/größe.txt", b"hello");
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    let ask = |client: &mut Client, method: &str, target: &str, more: &[(&str, &str)]| {
        let headers = [
            ("Connection", "Keep-Alive"),
            ("User-Agent", "Microsoft-WebDAV-MiniRedir/10.0.19045"),
            ("Translate", "f"),
        ];
        client.request(method, target, &[&headers[..], more].concat())
    };
    let zero = [("Depth", "0"), ("Content-Length", "0")];
    let one = [("Depth", "1"), ("Content-Length", "0")];
    let options = ask(&mut client, "OPTIONS", "/", &[]);
    assert_eq!((options.status, options.header("dav")), (200, Some("1")));
    assert_eq!(options.header("ms-author-via"), Some("DAV"));
    // Neither the root nor a folder without a slash may be redirected.
    for (target, href) in [("/", "/"), ("/sub", "/sub/")] {
        let folder = ask(&mut client, "PROPFIND", target, &zero);
        assert_eq!(items_of(&folder)[0].href, href);
        assert!(items_of(&folder)[0].is_folder());
    }
    for missing in ["/desktop.ini", "/sub/AutoRun.inf", "/sub/folder.jpg"] {
        assert_eq!(ask(&mut client, "PROPFIND", missing, &zero).status, 404);
    }
    let folder = ask(&mut client, "PROPFIND", "/sub", &one);
    assert_eq!(folder.header("content-location"), Some("/sub/"));
    let file = &items_of(&folder)[1];
    assert_eq!(file.href, "/sub/gr%C3%B6%C3%9Fe.txt");
    assert_eq!(file.get("displayname"), Some("größe.txt"));
    let opened = ask(&mut client, "GET", "/sub/gr%C3%B6%C3%9Fe.txt", &[]);
    assert_eq!(
        (opened.status, opened.body.as_slice()),
        (200, &b"hello"[..])
    );
    let lock = ask(&mut client, "LOCK", "/sub/gr%C3%B6%C3%9Fe.txt", &zero);
    assert_eq!(lock.status, 405);
}
