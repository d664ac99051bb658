//! Files and folders that a visitor selects, as one archive.

use spot_serve::server::{Access, Content, PasswordHash, Settings};

use crate::fixture::receiving::{Receiving, rules, send};
use crate::fixture::tree::Tree;
use crate::fixture::{Response, Share};

/// The names in a zip, in order.
fn names(zip: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for start in
        (0..zip.len().saturating_sub(46)).filter(|at| zip[*at..].starts_with(b"PK\x01\x02"))
    {
        let length = usize::from(u16::from_le_bytes([zip[start + 28], zip[start + 29]]));
        let name = &zip[start + 46..start + 46 + length];
        names.push(String::from_utf8_lossy(name).into_owned());
    }
    names
}

fn select(share: &Share, target: &str, list: &str) -> Response {
    let kind = [("Content-Type", "text/plain")];
    send(&mut share.client(), "POST", target, &kind, list.as_bytes())
}

/// The URL that a list is answered with.
fn url_of(answer: &Response) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    answer["url"].as_str().unwrap().to_owned()
}

fn tree() -> Tree {
    let tree = Tree::empty();
    tree.write("a/1.txt", b"one");
    tree.write("a/deep/2.txt", b"two");
    tree.write("b c/1.txt", b"another");
    tree.write("b c/unwanted.txt", b"unwanted");
    tree.write("top.txt", b"top");
    tree.write(".hidden/x.txt", b"secret");
    tree
}

#[test]
fn a_selection_is_one_zip_that_can_be_resumed() {
    let tree = tree();
    let share = Share::folder(&tree.root);
    let list = "./a/\nb%20c/1.txt\r\ntop.txt\na/1.txt\ngone.txt\n.hidden/x.txt\ntop.txt";
    let answer = select(&share, "/?selection", list);
    let told: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    let url = format!("/{}", url_of(&answer).strip_prefix("./").unwrap());
    let head = share.head_with(&url, &[]);
    let whole = share.get(&url);
    assert_eq!(head.sorted_headers(), whole.sorted_headers());
    assert_eq!(
        names(&whole.body),
        [
            "b c/1.txt",
            "top.txt",
            "a/",
            "a/1.txt",
            "a/deep/",
            "a/deep/2.txt"
        ]
    );
    assert_eq!(told["files"], 4);
    assert_eq!(told["size"], 3 + 3 + 7 + 3);
    assert_eq!(told["zip"], whole.body.len());
    let middle = whole.body.len() / 2;
    let rest = share.get_with(&url, &[("Range", &format!("bytes={middle}-"))]);
    assert_eq!(rest.status, 206);
    assert!(rest.body == whole.body[middle..]);
    // Any order and any way to write it is the same selection.
    let again = "top.txt\ngone.txt\n.hidden/x.txt\nb%20c/1.txt\n./a";
    let again = format!(
        "/{}",
        url_of(&select(&share, "/?selection", again))
            .strip_prefix("./")
            .unwrap()
    );
    assert_eq!(again, url);
    // A total that took too long can be asked for.
    let total = share.get(&url.replace("archive=zip", "total"));
    assert!(total.text().contains("\"files\":4"), "{}", total.text());
    let tar = share.get(&url.replace("=zip", "=tar"));
    assert_eq!(tar.header("content-type"), Some("application/x-tar"));
    // Names lead from the folder that was asked.
    let below = select(&share, "/a/?selection", "deep/2.txt\n1.txt");
    let below = share.get(&format!("/a/{}", &url_of(&below)[2..]));
    assert_eq!(names(&below.body), ["1.txt", "deep/2.txt"]);
    assert_eq!(
        below.header("content-disposition"),
        Some("attachment; filename=\"a.zip\"")
    );
}

#[test]
fn a_short_selection_needs_no_list_and_a_form_no_script() {
    let tree = tree();
    let share = Share::folder(&tree.root);
    let short = share.get("/?archive=zip&only=.%2Fb%2520c%2F1.txt&only=b%2520c%2Funwanted.txt");
    assert_eq!(names(&short.body), ["1.txt", "unwanted.txt"]);
    let total = share.get("/?total&only=a");
    assert!(total.text().contains("\"files\":2"), "{}", total.text());
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    let form = b"only=.%2Fb%2520c%2F1.txt&only=top.txt";
    let answer = send(&mut share.client(), "POST", "/?selection", &kind, form);
    assert_eq!(answer.status, 303);
    let location = answer.header("location").unwrap();
    let sent = share.get(&location[1..]);
    assert_eq!(names(&sent.body), ["b c/1.txt", "top.txt"]);
}

#[test]
fn what_is_chosen_together_can_be_selected_from() {
    let tree = tree();
    let content = Content::Files(vec![
        tree.root.join("a"),
        tree.root.join("b c"),
        tree.root.join("top.txt"),
    ]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    let url = url_of(&select(
        &share,
        "/?selection",
        "a/1.txt\nb%20c\ntop.txt\nb.txt",
    ));
    let zip = share.get(&url[1..]).body;
    assert_eq!(
        names(&zip),
        [
            "a/1.txt",
            "top.txt",
            "b c/",
            "b c/1.txt",
            "b c/unwanted.txt"
        ]
    );
}

#[test]
fn what_is_no_selection_is_refused() {
    let tree = tree();
    let share = Share::folder(&tree.root);
    for list in ["", "..", "a/../../x", "%", "a\n%2e%2e/x"] {
        assert_eq!(select(&share, "/?selection", list).status, 400, "{list}");
    }
    assert_eq!(select(&share, "/top.txt?selection", "a").status, 404);
    assert_eq!(select(&share, "/nowhere/?selection", "a").status, 404);
    assert_eq!(
        select(&share, "/?selection", &"a\n".repeat(20_001)).status,
        413
    );
    assert_eq!(
        select(&share, "/?selection", &"a".repeat(1_100_000)).status,
        413
    );
    let unknown = format!("/?archive=zip&selection={}", "0".repeat(32));
    assert_eq!(share.get(&unknown).status, 404);
    assert_eq!(share.get("/?archive=zip&selection=x").status, 404);
    // Nothing of it is there, or visible.
    assert_eq!(
        share.get("/?archive=zip&only=gone&only=.hidden").status,
        404
    );
    assert_eq!(share.get("/?archive=zip&only=..").status, 400);
    // Anything else that is handed in is still refused.
    assert_eq!(select(&share, "/?selection=x", "a").status, 405);
    let elsewhere = [
        ("Origin", "https://elsewhere.example"),
        ("Content-Type", "text/plain"),
    ];
    let answer = send(&mut share.client(), "POST", "/?selection", &elsewhere, b"a");
    assert_eq!(answer.status, 403);
    let inbox = Receiving::start(Content::Inbox, rules());
    assert_eq!(select(&inbox.share, "/?selection", "a").status, 405);
}

#[test]
fn a_password_keeps_out_lists_as_well() {
    let tree = tree();
    let access = Access::default();
    let hash = PasswordHash::of("quiet-river-lake-sand").unwrap();
    access.lock().set_password(Some(hash));
    let share = Share::public(&tree.root, &access, "quiet-river.trycloudflare.com");
    let answer = select(&share, "/?selection", "a");
    assert_eq!(answer.status, 401);
    assert!(!answer.text().contains("archive=zip"));
}

#[test]
fn a_complete_selection_is_one_download() {
    let tree = tree();
    let content = Content::Folder(tree.root.clone());
    let (share, reports) = Share::reporting(&content, &Settings::default());
    let url = url_of(&select(&share, "/?selection", "a\ntop.txt"));
    share.get(&url[1..]);
    assert_eq!(reports.recv().unwrap(), "shared.zip");
    drop(share);
    assert!(reports.try_recv().is_err());
}

/// Links make no archive larger than what there is.
#[cfg(unix)]
#[test]
fn a_folder_is_in_it_once_whatever_it_is_called() {
    use std::os::unix::fs::symlink;

    let tree = tree();
    symlink(".", tree.root.join("loop")).unwrap();
    symlink("a", tree.root.join("alias")).unwrap();
    let share = Share::folder(&tree.root);
    let list: String = (0..200)
        .map(|depth| {
            format!(
                "{0}a\n{0}alias\n{0}top.txt\n{0}a/deep\n",
                "loop/".repeat(depth % 30)
            )
        })
        .collect();
    let zip = share
        .get(&url_of(&select(&share, "/?selection", &list))[1..])
        .body;
    let names = names(&zip);
    let count = |end: &str| names.iter().filter(|name| name.ends_with(end)).count();
    assert_eq!(
        (count("/1.txt"), count("/2.txt"), count("top.txt")),
        (1, 1, 1),
        "{names:?}"
    );
}
