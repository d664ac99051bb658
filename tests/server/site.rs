//! A folder with an index.html is a site, checked against the real server.

use crate::fixture::Share;
use crate::fixture::tree::Tree;

#[test]
fn a_folder_with_an_index_is_a_site() {
    let tree = Tree::empty();
    tree.write("index.html", b"home");
    tree.write("about.html", b"about");
    tree.write("404.html", b"lost");
    tree.write("docs/index.html", b"docs");
    tree.write("docs/page.html", b"page");
    tree.write("assets/app.js", b"1");
    let share = Share::folder(&tree.root);
    for (path, status, body) in [
        ("/", 200, "home"),
        ("/index.html", 200, "home"),
        ("/about", 200, "about"),
        ("/about.html", 200, "about"),
        ("/docs/", 200, "docs"),
        ("/docs/page", 200, "page"),
        ("/nothing", 404, "lost"),
        ("/assets/nothing", 404, "lost"),
        ("/about/", 404, "lost"),
    ] {
        let response = share.get(path);
        assert_eq!(
            (response.status, response.text().as_str()),
            (status, body),
            "{path}"
        );
        assert_eq!(
            response.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
    }
    assert_eq!(
        share.get("/docs?a=1").header("location"),
        Some("/docs/?a=1")
    );
    assert!(share.get("/assets/").text().contains("./app.js"));
    assert!(share.get("/?json").text().contains("about.html"));
    assert_eq!(share.get("/nothing").header("accept-ranges"), Some("bytes"));
    let lost = share.get_with(
        "/nothing",
        &[("Range", "bytes=0-1"), ("If-None-Match", "*")],
    );
    assert_eq!((lost.status, lost.text().as_str()), (404, "lost"));
}

#[test]
fn a_page_is_found_next_to_a_folder_of_the_same_name() {
    let tree = Tree::empty();
    tree.write("index.html", b"home");
    tree.write("docs.html", b"docs");
    tree.write("docs/intro.html", b"intro");
    tree.write("blog.html", b"beside");
    tree.write("blog/index.html", b"blog");
    let share = Share::folder(&tree.root);
    assert_eq!(share.get("/docs?a=1").body, b"docs");
    assert_eq!(share.get("/docs/intro").body, b"intro");
    // A folder with an index comes first.
    assert_eq!(share.get("/blog").header("location"), Some("/blog/"));
    assert_eq!(
        share.get("/docs?json").header("location"),
        Some("/docs/?json")
    );
}

#[test]
fn without_an_index_nothing_is_a_site() {
    let tree = Tree::empty();
    tree.write("about.html", b"about");
    tree.write("404.html", b"lost");
    let share = Share::folder(&tree.root);
    tree.write("more/a.txt", b"a");
    tree.write("more.html", b"more");
    assert_eq!(share.get("/more").header("location"), Some("/more/"));
    assert_eq!(share.get("/about").status, 404);
    assert!(!share.get("/nothing").text().contains("lost"));
}
