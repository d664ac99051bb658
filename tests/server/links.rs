//! Symbolic links in a share.

use crate::fixture::{
    Share,
    safe::assert_safe,
    tree::{SECRET, Tree},
};
use spot_serve::server::{Content, Settings};

#[test]
fn links_that_stay_inside_are_followed() {
    let tree = Tree::hostile();
    let share = Share::folder(&tree.root);
    for (path, content) in [
        ("/link-in", &b"inner"[..]),
        ("/link-to-folder/inner.txt", b"inner"),
        ("/sub/link-up/sub/inner.txt", b"inner"),
        (
            "/link-to-self/link-to-self/sub/deeper/deepest.txt",
            b"deepest",
        ),
    ] {
        assert_eq!(share.get(path).body, content, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn absolute_links_are_followed_if_they_stay_inside() {
    use std::os::unix::fs::symlink;
    let tree = Tree::hostile();
    let root = tree.root.display();
    for (name, target) in [
        ("whole-in", format!("{root}/sub/inner.txt")),
        ("whole-folder", format!("{root}/sub")),
        ("whole-self", format!("{root}")),
        ("whole-hidden", format!("{root}/.hidden")),
        ("whole-up", format!("{root}/sub/../../secret.txt")),
        ("whole-beside", format!("{root}-beside/secret.txt")),
        ("whole-link", format!("{root}/link-out")),
    ] {
        symlink(target, tree.root.join(name)).unwrap();
    }
    std::fs::create_dir(tree.outside("shared-beside")).unwrap();
    std::fs::write(tree.outside("shared-beside/secret.txt"), SECRET).unwrap();
    let share = Share::folder(&tree.root);
    for path in [
        "/whole-in",
        "/whole-folder/inner.txt",
        "/whole-self/whole-folder/link-up/sub/inner.txt",
    ] {
        assert_eq!(share.get(path).body, b"inner", "{path}");
    }
    let page = share.get("/").text();
    assert!(page.contains("./whole-in") && page.contains("./whole-folder/"));
    for path in ["/whole-hidden", "/whole-up", "/whole-beside", "/whole-link"] {
        let response = share.get(path);
        assert_eq!(response.status, 404, "{path}");
        assert_safe(&response, path);
        assert!(!page.contains(path), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_replaces_a_chosen_file_is_not_followed() {
    let tree = Tree::hostile();
    let chosen = tree.root.join("plain.txt");
    let content = Content::Files(vec![chosen.clone()]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    assert_eq!(share.get("/plain.txt").status, 200);
    std::fs::remove_file(&chosen).unwrap();
    std::os::unix::fs::symlink(".git/config", &chosen).unwrap();
    let response = share.get("/plain.txt");
    assert_eq!(response.status, 404);
    assert_safe(&response, "/plain.txt");
    let zip = share.get("/?archive=zip");
    assert_safe(&zip, "the zip");
    // A program that saves a file replaces it with a new one.
    std::fs::remove_file(&chosen).unwrap();
    tree.write("plain.txt", b"saved again");
    assert_eq!(share.get("/plain.txt").body, b"saved again");
}
