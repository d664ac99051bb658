//! Hidden files, which the owner may show at any time.

use std::io::Read;

use spot_serve::server::{Content, HiddenFiles, Settings};

use crate::fixture::{Share, tree::Tree};

/// Too large for the buffers of a connection.
const LARGE: usize = 24 << 20;

#[test]
fn the_owner_shows_and_hides_them_while_visitors_are_there() {
    let tree = Tree::empty();
    tree.write("plain.txt", b"plain");
    tree.write(".env", b"secret");
    tree.write("sub/.notes/a.txt", b"noted");
    let hidden = HiddenFiles::default();
    let settings = Settings {
        hidden: hidden.clone(),
        ..Settings::default()
    };
    for content in [
        Content::Folder(tree.root.clone()),
        Content::Files(vec![tree.root.clone(), tree.root.join("plain.txt")]),
    ] {
        let start = match content {
            Content::Files(_) => tree.root.file_name().unwrap().to_str().unwrap(),
            _ => "",
        };
        let start = format!("/{start}/").replace("//", "/");
        let share = Share::start(&content, &settings).unwrap();
        let mut seen = Vec::new();
        // A visitor who keeps the handles open.
        let mut visitor = share.client();
        for are_served in [false, true, false, true] {
            hidden.serve(are_served);
            let status = if are_served { 200 } else { 404 };
            for path in [".env", "sub/.notes/a.txt", "sub/.notes/?json"] {
                let target = format!("{start}{path}");
                // The change also ends a connection whose last answer the server still holds. Browsers
                // ask again on a new one.
                let answer = visitor.try_get(&target).unwrap_or_else(|| {
                    visitor = share.client();
                    visitor.get(&target, &[])
                });
                assert_eq!(answer.status, status, "{path} with {are_served}");
            }
            let listing = visitor.get(&format!("{start}?json"), &[]);
            assert_eq!(listing.text().contains(".env"), are_served);
            let files = if are_served { 3 } else { 1 };
            let total = visitor.get(&format!("{start}?total"), &[]).text();
            assert!(total.contains(&format!("\"files\":{files}")), "{total}");
            let archive = visitor.get(&format!("{start}?archive=zip"), &[]).body;
            let has_it = archive.windows(6).any(|bytes| bytes == b"secret");
            assert_eq!(has_it, are_served);
            // What a browser remembers is not taken for the other.
            let page = visitor.get(&start, &[]);
            let tag = page.header("etag").map(str::to_owned);
            if let Some(tag) = &tag {
                assert!(!seen.contains(&(tag.clone(), !are_served)), "{tag}");
                seen.push((tag.clone(), are_served));
            }
        }
        hidden.serve(false);
    }
}

#[test]
fn what_is_being_sent_ends_when_they_are_hidden() {
    let tree = Tree::empty();
    tree.write(".large", &vec![b'z'; LARGE]);
    let hidden = HiddenFiles::from(true);
    let settings = Settings {
        hidden: hidden.clone(),
        ..Settings::default()
    };
    let share = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
    for target in ["/.large", "/?archive=zip", "/?archive=tar"] {
        hidden.serve(true);
        let mut visitor = share.client();
        visitor.ask("GET", target, &[]);
        assert_eq!(visitor.read_head().unwrap().status, 200);
        hidden.serve(false);
        let mut rest = Vec::new();
        // An error is an end, too.
        let _ = visitor.stream().read_to_end(&mut rest);
        assert!(rest.len() < LARGE, "{target}: {} bytes", rest.len());
    }
}
