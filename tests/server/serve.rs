//! What a visitor gets: files and listings, and that everything shared can be reached.

use crate::fixture::Share;
use crate::fixture::tree::{Tree, content_of, names, url};
use spot_serve::server::{Content, Settings};

#[test]
fn every_name_is_listed_and_can_be_downloaded() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let page = share.get("/");
    assert_eq!(page.status, 200);
    let page = page.text();
    let mut client = share.client();
    for name in names() {
        let expected = format!("href=\"./{}\"", url(&name));
        let is_listed = page.to_lowercase().contains(&expected.to_lowercase());
        assert!(is_listed, "{expected} is listed");
        let response = client.get(&format!("/{}", url(&name)), &[]);
        assert_eq!(response.status, 200, "{expected}");
        assert_eq!(response.body, content_of(&name), "{expected}");
    }
}

#[test]
fn a_large_file_arrives_whole() {
    let tree = Tree::empty();
    let content: Vec<u8> = (0..10_000_000_u32).flat_map(u32::to_le_bytes).collect();
    tree.write("large.bin", &content);
    let share = Share::folder(&tree.root);
    let mut client = share.client();
    for _ in 0..2 {
        let response = client.get("/large.bin", &[]);
        assert_eq!(response.status, 200);
        assert!(response.is_complete && response.body == content);
    }
}

#[test]
fn a_folder_without_its_slash_redirects_and_keeps_the_query() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let response = share.get("/sub?json&x=1");
    assert_eq!(response.status, 302);
    assert_eq!(response.header("location"), Some("/sub/?json&x=1"));
    assert_eq!(share.get("/sub/?json&x=1").status, 200);
}

#[test]
fn a_chosen_file_that_is_saved_again_is_served_as_saved() {
    let tree = Tree::empty();
    let file = tree.write("notes.txt", b"first");
    let share = Share::start(&Content::Files(vec![file.clone()]), &Settings::default()).unwrap();
    assert_eq!(share.get("/notes.txt").body, b"first");
    let new = tree.write("new", b"second");
    std::fs::rename(new, &file).unwrap();
    assert_eq!(share.get("/notes.txt").body, b"second");
    std::fs::remove_file(&file).unwrap();
    assert_eq!(share.get("/notes.txt").status, 404);
    assert_eq!(share.get("/").status, 200);
}

#[test]
fn chosen_files_with_equal_names_are_distinguished() {
    let tree = Tree::empty();
    let paths = vec![
        tree.write("a/x.txt", b"from a"),
        tree.write("b/x.txt", b"from b"),
    ];
    let share = Share::start(&Content::Files(paths), &Settings::default()).unwrap();
    assert_eq!(share.get("/x.txt").body, b"from a");
    assert_eq!(share.get("/x%20(2).txt").body, b"from b");
}

#[test]
fn an_inbox_shows_nothing_of_what_is_in_it() {
    let tree = Tree::empty();
    tree.write("secret.txt", b"secret");
    tree.write("index.html", b"secret");
    let share = Share::start(&Content::Inbox(tree.root.clone()), &Settings::default()).unwrap();
    for target in [
        "/secret.txt",
        "/index.html",
        "/?json",
        "/?total",
        "/?archive=zip",
        "/secret.txt?thumbnail",
    ] {
        let body = share.get(target).text();
        assert!(!body.contains("secret"), "{target}: {body}");
    }
    assert_eq!(share.get("/secret.txt").status, 404);
}
