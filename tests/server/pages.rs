//! What the pages of a share contain, and where they lead.

use crate::fixture::{Share, safe::assert_safe, tree::Tree};

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
