//! What a visitor gets: files, listings, and that everything shared can be reached.

mod fixture;

use fixture::Share;
use fixture::tree::{Tree, content_of, names, url};

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
fn a_folder_without_its_slash_leads_to_it_and_keeps_the_query() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    let response = share.get("/sub?json&x=1");
    assert_eq!(response.status, 302);
    assert_eq!(response.header("location"), Some("/sub/?json&x=1"));
    assert_eq!(share.get("/sub/?json&x=1").status, 200);
}
