//! What the files of a share may do in a browser, checked against the real server.

use std::time::{Duration, Instant};

use spot_serve::server::{Content, Settings};

use crate::fixture::Share;
use crate::fixture::dated::rest;
use crate::fixture::tree::Tree;

const SANDBOX: &str = "sandbox allow-scripts allow-forms allow-popups allow-downloads";
const POLICY: &str = "content-security-policy";
const RESOURCES: &str = "cross-origin-resource-policy";
const WORKER: (&str, &str) = ("Service-Worker", "script");

/// Files that can run scripts, and others.
const FILES: [(&str, bool); 9] = [
    ("page.html", true),
    ("page.xhtml", true),
    ("drawing.svg", true),
    ("data.xml", true),
    ("style.xsl", true),
    ("feed.rss", true),
    ("notes.txt", false),
    ("code.js", false),
    ("paper.pdf", false),
];

fn with_files() -> Tree {
    let tree = Tree::empty();
    for (name, _) in FILES {
        tree.write(name, b"<p>content");
        tree.write(format!("site/{name}"), b"<p>content");
    }
    tree.write("site/index.html", b"home");
    tree.write("site/404.html", b"lost");
    tree.write("site/about.html", b"about");
    tree
}

#[test]
fn documents_of_a_list_are_sandboxed_and_no_other_site_can_embed_its_files() {
    let tree = with_files();
    let share = Share::folder(&tree.root);
    for (name, runs_scripts) in FILES {
        let response = share.get(&format!("/{name}"));
        let expected = runs_scripts.then_some(SANDBOX);
        assert_eq!(response.header(POLICY), expected, "{name}");
        assert_eq!(response.header(RESOURCES), Some("same-origin"), "{name}");
        // A copy in the browser's cache must not have more rights than a new one.
        let again = share.get_with(&format!("/{name}"), &[("If-None-Match", "*")]);
        assert_eq!(
            (again.status, again.header(POLICY)),
            (304, expected),
            "{name}"
        );
    }
    for path in ["/", "/?json", "/?archive=zip", "/?cover", "/nothing"] {
        let response = share.get(path);
        assert_eq!(response.header(RESOURCES), Some("same-origin"), "{path}");
        assert_ne!(response.header(POLICY), Some(SANDBOX), "{path}");
    }
    let part = share.get_with("/page.html", &[("Range", "bytes=0-1")]);
    assert_eq!((part.status, part.header(POLICY)), (206, Some(SANDBOX)));
}

#[test]
fn a_site_in_a_subfolder_is_sandboxed_but_may_embed_its_files() {
    let tree = with_files();
    let share = Share::folder(&tree.root);
    for path in ["/site/", "/site/about", "/site/page.html", "/site/nothing"] {
        let response = share.get(path);
        assert_eq!(response.header(POLICY), Some(SANDBOX), "{path}");
        assert_eq!(response.header(RESOURCES), Some("cross-origin"), "{path}");
    }
    let script = share.get("/site/code.js");
    assert_eq!(script.header(RESOURCES), Some("cross-origin"));
    let chosen = Content::Files(vec![tree.root.join("site"), tree.root.join("page.html")]);
    let share = Share::start(&chosen, &Settings::default()).unwrap();
    for path in ["/site/", "/page.html"] {
        assert_eq!(share.get(path).header(POLICY), Some(SANDBOX), "{path}");
    }
}

#[test]
fn a_website_is_served_without_restrictions() {
    let tree = with_files();
    let share = Share::folder(&tree.root.join("site"));
    for path in ["/", "/about", "/page.html", "/drawing.svg", "/nothing"] {
        let response = share.get(path);
        assert_eq!(response.header(POLICY), None, "{path}");
        assert_eq!(response.header(RESOURCES), Some("cross-origin"), "{path}");
    }
    assert_eq!(share.get_with("/code.js", &[WORKER]).status, 200);
}

#[test]
fn a_copy_from_the_time_as_a_website_is_not_used_for_a_list() {
    let tree = Tree::empty();
    tree.write("index.html", b"home");
    tree.write("page.html", b"page");
    rest();
    let share = Share::folder(&tree.root);
    let before = share.get("/page.html");
    let tag = before.header("etag").unwrap();
    assert_eq!(before.header(POLICY), None);
    std::fs::remove_file(tree.root.join("index.html")).unwrap();
    // What was a website is remembered for half a second.
    let removed = Instant::now();
    let after = loop {
        let response = share.get_with("/page.html", &[("If-None-Match", tag)]);
        if response.status != 304 || removed.elapsed() > Duration::from_secs(10) {
            break response;
        }
    };
    assert_eq!((after.status, after.header(POLICY)), (200, Some(SANDBOX)));
}

#[test]
fn service_workers_are_refused_and_those_of_earlier_shares_removed() {
    let tree = with_files();
    let share = Share::folder(&tree.root);
    // Nothing but a script can have started a worker.
    let options = share.client().request("OPTIONS", "/nothing", &[WORKER]);
    assert_eq!(options.status, 200);
    for path in ["/code.js", "/site/code.js", "/nothing.js", "/?json"] {
        let refused = share.get_with(path, &[WORKER]);
        assert_eq!(refused.status, 403, "{path}");
        assert!(refused.text().contains("not a website"), "{path}");
        let clears = refused.header("clear-site-data");
        assert_eq!(clears, Some("\"cache\", \"storage\""), "{path}");
    }
    assert_eq!(share.get("/code.js").header("clear-site-data"), None);
    let website = Share::folder(&tree.root.join("site"));
    let gone = website.get_with("/old-worker.js", &[WORKER]);
    assert_eq!(gone.status, 404);
    assert!(gone.header("clear-site-data").is_some());
    assert_eq!(website.get("/nothing").header("clear-site-data"), None);
}

#[test]
fn a_website_that_is_rebuilt_keeps_its_data_in_browsers() {
    let tree = Tree::empty();
    tree.write("index.html", b"home");
    tree.write("worker.js", b"1");
    let share = Share::folder(&tree.root);
    assert_eq!(share.get_with("/worker.js", &[WORKER]).status, 200);
    std::fs::remove_file(tree.root.join("index.html")).unwrap();
    let rebuilt = share.get_with("/worker.js", &[WORKER]);
    assert_eq!(rebuilt.status, 503);
    assert_eq!(rebuilt.header("clear-site-data"), None);
    tree.write("index.html", b"home");
    std::fs::remove_file(tree.root.join("worker.js")).unwrap();
    let missing = share.get_with("/worker.js", &[WORKER]);
    assert_eq!(missing.status, 404);
    assert_eq!(missing.header("clear-site-data"), None);
}
