//! A share as a drive to which visitors may add.

use std::fs;

use spot_serve::server::Content;

use crate::fixture::drive::{items, items_of, propfind};
use crate::fixture::{
    receiving::{Receiving, rules},
    tree,
};

/// Where uploads are until they are complete.
const PARTS: &str = ".spot-serve-parts";

const DRIVE: (&str, &str) = ("User-Agent", "davfs2/1.6.1 neon/0.32.5");

/// A program that has looked at the drive.
fn looked(receiving: &Receiving) {
    let headers = [("Depth", "1"), DRIVE];
    propfind(&mut receiving.share.client(), "/", &headers, "");
}

#[test]
fn new_files_and_folders_are_there_at_once() {
    let receiving = Receiving::folder();
    looked(&receiving);
    for (target, status) in [
        ("/new", 201),
        ("/new/deeper/", 201),
        ("/new", 405),
        ("/", 405),
        ("/missing/new", 409),
    ] {
        let made = receiving.send("MKCOL", target, &[DRIVE], b"");
        assert_eq!(made.status, status, "{target}: {}", made.text());
    }
    assert!(receiving.tree.root.join("new/deeper").is_dir());
    for (target, content) in [("/new/a.txt", &b"hello"[..]), ("/new/deeper/empty", b"")] {
        let put = receiving.send("PUT", target, &[DRIVE], content);
        assert_eq!(put.status, 201, "{}", put.text());
        let item = &items(&receiving.share, target, "0")[0];
        assert_eq!(
            item.get("getcontentlength"),
            Some(content.len().to_string().as_str())
        );
        assert_eq!(receiving.share.get(target).body, content);
    }
    let hrefs: Vec<_> = items(&receiving.share, "/new/", "1")
        .into_iter()
        .map(|item| item.href)
        .collect();
    assert_eq!(hrefs.len(), 3, "{hrefs:?}");
}

#[test]
fn nothing_is_replaced_moved_or_removed() {
    let receiving = Receiving::folder();
    receiving.tree.write("a.txt", b"old");
    receiving.tree.write("sub/b.txt", b"old");
    // Somebody with curl gets another name, and is told so.
    let curl = receiving.send("PUT", "/a.txt", &[("User-Agent", "curl/8.5.0")], b"new");
    assert_eq!(
        (curl.status, curl.text().as_str()),
        (201, "Received: a (2).txt\n")
    );
    receiving.content("a (2).txt");
    // A drive would take that for the file that it has written.
    looked(&receiving);
    let put = receiving.send("PUT", "/a.txt", &[DRIVE], b"new");
    assert_eq!(put.status, 403);
    assert!(
        put.text().contains("nothing is ever replaced"),
        "{}",
        put.text()
    );
    // It would look in vain for another name.
    for target in ["/.DS_Store", "/a%3Ab", "/index.html", "/cafe%CC%81"] {
        let put = receiving.send("PUT", target, &[DRIVE], b"new");
        assert_eq!(put.status, 403, "{target}");
        assert!(put.text().contains("another name"), "{}", put.text());
    }
    for headers in [
        &[("If-None-Match", "*")][..],
        &[("If-Match", "*")],
        &[("If-Match", "\"x\"")],
        &[("If", "(<urn:uuid:x>)")],
    ] {
        let put = receiving.send("PUT", "/a.txt", headers, b"new");
        assert_eq!(put.status, 412, "{headers:?}");
    }
    let new = receiving.send("PUT", "/c.txt", &[("If-None-Match", "*")], b"new");
    assert_eq!(new.status, 201);
    receiving.content("c.txt");
    for method in ["DELETE", "MOVE", "COPY", "PROPPATCH", "LOCK", "UNLOCK"] {
        for target in ["/a.txt", "/sub/", "/sub"] {
            let headers = [DRIVE, ("Destination", "/d"), ("Overwrite", "T")];
            let refused = receiving.send(method, target, &headers, b"");
            assert_eq!(refused.status, 405, "{method} {target}");
            let allowed = "GET, HEAD, OPTIONS, PROPFIND, POST, PUT, MKCOL, PATCH, DELETE";
            assert_eq!(refused.header("allow"), Some(allowed), "{method} {target}");
        }
    }
    receiving.assert_names(["a (2).txt", "a.txt", "c.txt", "sub/b.txt"]);
    assert_eq!(receiving.content("a.txt"), b"old");
}

#[test]
fn a_folder_follows_the_rules_for_files() {
    let mut few = rules().unwrap();
    few.max_files = Some(2);
    let receiving = Receiving::start(Content::Folder, Some(few));
    receiving.tree.mkdir(".secret");
    for (target, headers, body, status) in [
        ("/.hidden", &[][..], &b""[..], 400),
        ("/a%3Ab", &[], b"", 400),
        ("/con", &[], b"", 400),
        ("/%FF", &[], b"", if cfg!(windows) { 404 } else { 400 }),
        ("/.secret/a", &[], b"", 409),
        ("/.spot-serve-parts/a", &[], b"", 409),
        ("/a%2Fb", &[], b"", 404),
        ("/body", &[], b"<mkcol/>", 415),
        ("/when", &[("If", "(<urn:uuid:x>)")], b"", 412),
        ("/one", &[], b"", 201),
        ("/two", &[], b"", 201),
        ("/three", &[], b"", 413),
    ] {
        let made = receiving.send("MKCOL", target, headers, body);
        assert_eq!(made.status, status, "{target}: {}", made.text());
    }
    let mut folders: Vec<_> = fs::read_dir(&receiving.tree.root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect();
    folders.sort();
    assert_eq!(folders, ["one", "two"]);
    // No room on the disk, none for a folder.
    let mut none = rules().unwrap();
    none.min_free = u64::MAX;
    receiving.access.uploads().set_rules(Some(none));
    assert_eq!(receiving.send("MKCOL", "/four", &[], b"").status, 507);
    receiving.access.uploads().set_rules(None);
    assert_eq!(receiving.send("MKCOL", "/five", &[], b"").status, 405);
}

#[cfg(unix)]
#[test]
fn a_folder_is_made_nowhere_else() {
    use std::os::unix::fs::symlink;

    let receiving = Receiving::folder();
    fs::create_dir(receiving.tree.outside("elsewhere")).unwrap();
    receiving.tree.mkdir("sub");
    symlink("../elsewhere", receiving.tree.root.join("out")).unwrap();
    symlink("sub", receiving.tree.root.join("in")).unwrap();
    symlink("nowhere", receiving.tree.root.join("broken")).unwrap();
    assert_eq!(receiving.send("MKCOL", "/out/a", &[], b"").status, 409);
    assert_eq!(receiving.send("MKCOL", "/in/a", &[], b"").status, 201);
    assert!(receiving.tree.root.join("sub/a").is_dir());
    assert_eq!(receiving.send("MKCOL", "/broken", &[], b"").status, 405);
    assert!(!receiving.tree.root.join("nowhere").exists());
    let elsewhere = fs::read_dir(receiving.tree.outside("elsewhere")).unwrap();
    assert_eq!(elsewhere.count(), 0);
}

#[test]
fn a_drive_learns_how_much_it_may_add() {
    let mut limited = rules().unwrap();
    limited.max_bytes = Some(1000);
    let receiving = Receiving::start(Content::Folder, Some(limited));
    receiving.send("PUT", "/a", &[], b"0123456789");
    receiving.content("a");
    let body = crate::fixture::drive::asking_for("<a:quota-available-bytes/>");
    let ask = || {
        let mut client = receiving.share.client();
        let asked = propfind(&mut client, "/", &[("Depth", "0")], &body);
        items_of(&asked)[0].clone()
    };
    assert_eq!(ask().get("quota-available-bytes"), Some("990"));
    // Without a limit, the disk is one, except for what stays free.
    let free = || -> u64 { ask().get("quota-available-bytes").unwrap().parse().unwrap() };
    let mut unlimited = rules().unwrap();
    receiving
        .access
        .uploads()
        .set_rules(Some(unlimited.clone()));
    assert!(free() > 0);
    unlimited.min_free = u64::MAX;
    receiving.access.uploads().set_rules(Some(unlimited));
    assert_eq!(free(), 0);
}

#[test]
fn of_two_files_with_one_name_at_the_same_time_one_is_refused() {
    let receiving = Receiving::folder();
    looked(&receiving);
    for round in 0..30 {
        let target = format!("/race{round}.txt");
        let put = || receiving.send("PUT", &target, &[DRIVE], b"mine").status;
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(put);
            (put(), other.join().unwrap())
        });
        let [taken, refused] = [one.min(other), one.max(other)];
        // It is there, or on its way.
        assert!(
            taken == 201 && [403, 423].contains(&refused),
            "{one} {other}"
        );
    }
    let there = tree::files(&receiving.tree.root);
    // The program's own notes are hidden.
    let shown = there.keys().filter(|path| !path.starts_with(PARTS));
    assert_eq!(shown.count(), 30, "{:?}", there.keys());
}
