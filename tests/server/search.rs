//! What is found below a folder.

use spot_serve::server::{Access, Content, PasswordHash, Settings};

use crate::fixture::Share;
use crate::fixture::receiving::{Receiving, rules};
use crate::fixture::tree::Tree;

const BROWSER: [(&str, &str); 2] = [("User-Agent", "Mozilla/5.0"), ("Accept-Language", "de")];

fn tree() -> Tree {
    let tree = Tree::empty();
    tree.write("Trip/Day 1/Café.jpg", b"1234");
    tree.write("Trip/cafe menu.txt", b"menu");
    tree.write("other.txt", b"");
    tree.write("CAFE/x", b"");
    tree.write(".git/cafe", b"");
    tree.write("Trip/.cafe", b"");
    tree
}

/// The rows of an answer, in the order of their paths, and how it ends.
fn rows(share: &Share, target: &str) -> (Vec<Vec<serde_json::Value>>, serde_json::Value) {
    let answer = share.get(target);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let text = answer.text();
    let mut lines: Vec<&str> = text.lines().collect();
    let end = serde_json::from_str(lines.pop().unwrap()).unwrap();
    let mut rows: Vec<Vec<serde_json::Value>> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    rows.sort_by_key(|row| (row[5].to_string(), row[0].to_string()));
    (rows, end)
}

#[test]
fn everything_below_a_folder_is_searched() {
    let tree = tree();
    let share = Share::folder(&tree.root);
    let (found, end) = rows(&share, "/?rows&search=caf%C3%89");
    let names: Vec<String> = found
        .iter()
        .map(|row| format!("{}{}", row[5].as_str().unwrap(), row[0].as_str().unwrap()))
        .collect();
    assert_eq!(
        names,
        ["CAFE", "Trip/cafe menu.txt", "Trip/Day%201/Café.jpg"]
    );
    assert_eq!(end, serde_json::json!({ "cut": null, "looked": 7 }));
    // As in the rows of a folder.
    let of_folder = share.get("/Trip/Day%201/?rows").text();
    let of_folder: serde_json::Value = serde_json::from_str(&of_folder).unwrap();
    assert_eq!(found[2][..4], of_folder[0].as_array().unwrap()[..4]);
    let (below, _) = rows(&share, "/Trip/?rows&search=+cafe+m");
    assert_eq!(below.len(), 1);
    assert_eq!(below[0][5], "");
    for nothing in ["", "+", "%cc%81"] {
        assert_eq!(share.get(&format!("/?rows&search={nothing}")).status, 400);
    }
    let together = Content::Files(vec![tree.root.join("Trip"), tree.root.join("other.txt")]);
    let share = Share::start(&together, &Settings::default()).unwrap();
    assert_eq!(rows(&share, "/?rows&search=T").0.len(), 3);
}

#[test]
fn a_browser_without_a_script_gets_a_page() {
    let tree = tree();
    tree.write("Trip/<b>&cafe.txt", b"");
    let share = Share::folder(&tree.root);
    let page = share.get_with("/Trip/?search=cafe", &BROWSER);
    assert_eq!(page.status, 200);
    let text = page.text();
    for part in [
        "<h1>Suche</h1>",
        "value=\"cafe\"",
        "href=\"./Day%201/Caf%C3%A9.jpg\"",
        "<bdi>Day 1</bdi>",
        "&#60;b&#62;&#38;cafe.txt",
        "<a href=\"/\"><bdi>shared</bdi></a>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<script") && !text.contains(".git"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(!policy.contains("script-src"), "{policy}");
    let hostile = share
        .get_with("/?search=%22%3E%3Cscript%3E", &BROWSER)
        .text();
    assert!(!hostile.contains("<script"), "{hostile}");
    // A site may use the name for itself.
    tree.write("index.html", b"<p>site");
    assert_eq!(share.get("/?search=cafe").text(), "<p>site");
}

#[test]
fn a_search_needs_what_seeing_the_folder_needs() {
    let tree = tree();
    let access = Access::default();
    let hash = PasswordHash::of("quiet-river-lake-sand").unwrap();
    access.lock().set_password(Some(hash));
    let share = Share::public(&tree.root, &access, "quiet-river.trycloudflare.com");
    let answer = share.get("/?rows&search=cafe");
    assert_eq!(answer.status, 401);
    assert!(!answer.text().contains("menu"));
    let inbox = Receiving::start(Content::Inbox, rules());
    inbox.tree.write("cafe", b"");
    let answer = inbox.share.get("/?rows&search=cafe");
    assert!(!answer.text().contains("[\"cafe"), "{}", answer.text());
}

#[cfg(target_os = "linux")]
#[test]
fn a_search_ends_at_a_number_that_nobody_reads_and_takes_little_memory() {
    use crate::fixture::process;

    crate::fixture::alone(|| {
        let tree = Tree::empty();
        for folder in 0..30 {
            for number in 0..1_000 {
                tree.write(format!("{folder}/some file {number}"), b"");
            }
        }
        let share = Share::folder(&tree.root);
        rows(&share, "/?rows&search=xyz");
        let before = process::memory();
        process::reset_peak();
        let (found, end) = rows(&share, "/?rows&search=some");
        assert_eq!(found.len(), 5_000);
        assert_eq!(end["cut"], "hits");
        let (none, end) = rows(&share, "/?rows&search=elsewhere");
        assert_eq!(
            (none.len(), &end["looked"]),
            (0, &serde_json::json!(30_030))
        );
        let page = share.get_with("/?search=some", &BROWSER).text();
        assert_eq!(page.matches("<li class=\"e ").count(), 1_000);
        assert!(page.contains("1000"));
        let used = process::peak_memory().saturating_sub(before);
        assert!(used < 24 << 20, "{used}");
    });
}
