//! A text that the owner shares, on a page of its own.

use crate::fixture::Share;
use crate::fixture::tree::Tree;
use spot_serve::server::{Content, Settings};

fn shared(text: &[u8]) -> (Tree, Share) {
    let tree = Tree::empty();
    tree.write("clipboard.txt", text);
    let settings = Settings {
        is_text: true,
        ..Settings::default()
    };
    let content = Content::Files(vec![tree.root.join("clipboard.txt")]);
    let share = Share::start(&content, &settings).unwrap();
    (tree, share)
}

#[test]
fn a_text_is_a_page_and_raw_as_it_is() {
    let text = "\r\n<script>alert(1)</script> & \u{202e}größe\n";
    let (_tree, share) = shared(text.as_bytes());
    let page = share.get("/");
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    assert!(!page.text().contains("<script>alert"));
    assert!(
        page.text().contains("&#60;script&#62;alert(1)"),
        "{}",
        page.text()
    );
    let raw = share.get("/?raw");
    assert_eq!(raw.body, text.as_bytes());
    assert_eq!(
        raw.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let french = share.get_with("/", &[("Accept-Language", "fr")]);
    assert!(french.text().contains("Un texte pour vous"));
    let head = share.head_with("/", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    // For programs it is a share of one file, like others.
    assert!(share.get("/?json").text().contains("clipboard.txt"));
    assert_eq!(share.get("/clipboard.txt").body, text.as_bytes());
    assert_eq!(share.get("/other").status, 404);
}

#[test]
fn of_a_long_text_the_page_shows_the_beginning() {
    let text = "line\n".repeat(200_000);
    let (_tree, share) = shared(text.as_bytes());
    let page = share.get("/");
    assert!(page.body.len() < 300_000);
    assert!(page.text().contains("Only the beginning is shown here."));
    assert_eq!(share.get("/?raw").body, text.as_bytes());
}
