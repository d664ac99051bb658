//! Who has opened a share, and whose password was refused, as the owner is told.

use std::{net::IpAddr, sync::mpsc::channel};

use spot_serve::server::{Access, PasswordHash};

use crate::fixture::{Share, tree::Tree};

const NAME: &str = "quiet-river.trycloudflare.com";

/// A share of a file, whose owner watches it.
fn shared(tree: &Tree, access: &Access) -> Share {
    tree.write("a.txt", b"hello");
    Share::public(&tree.root, access, NAME)
}

fn from<'a>(address: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [("Host", NAME), ("CF-Connecting-IP", address)];
    [&fields[..], more].concat()
}

#[test]
fn who_is_shown_something_visits_once() {
    let (tree, access) = (Tree::empty(), Access::default());
    let share = shared(&tree, &access);
    let (sender, visits) = channel();
    access.visits().on_visit(move |address| {
        let _ = sender.send(address);
    });
    let check = share.head_with("/", &from("192.0.2.1", &[]));
    assert_eq!(check.status, 200);
    let search = share.get_with("/wp-login.php", &from("192.0.2.2", &[]));
    assert_eq!(search.status, 404);
    let preview = [("User-Agent", "WhatsApp/2.23.20.0")];
    assert_eq!(
        share.get_with("/", &from("192.0.2.3", &preview)).status,
        200
    );
    for target in ["/", "/a.txt", "/", "/a.txt"] {
        assert_eq!(share.get_with(target, &from("192.0.2.4", &[])).status, 200);
    }
    // Another address of the same network.
    for address in ["2001:db8::1", "2001:db8::2"] {
        assert_eq!(share.get_with("/", &from(address, &[])).status, 200);
    }
    assert_eq!(share.get("/").status, 200);
    let visits: Vec<Option<IpAddr>> = visits.try_iter().collect();
    let expected = ["192.0.2.4", "2001:db8::1", "127.0.0.1"];
    assert_eq!(visits, expected.map(|address| address.parse().ok()));
}

#[test]
fn each_wrong_password_is_told_and_no_question_for_one() {
    let (tree, access) = (Tree::empty(), Access::default());
    let hash = PasswordHash::of("right").unwrap();
    access.lock().set_password(Some(hash));
    let share = shared(&tree, &access);
    let (sender, refused) = channel();
    access.lock().on_wrong(move |address| {
        let _ = sender.send(address);
    });
    let (seen, visits) = channel();
    access.visits().on_visit(move |address| {
        let _ = seen.send(address);
    });
    let status = |address, credentials| {
        let fields = from(address, credentials);
        share.get_with("/a.txt", &fields).status
    };
    assert_eq!(status("192.0.2.1", &[]), 401);
    // "x:wrong" and "x:right".
    let wrong = [("Authorization", "Basic eDp3cm9uZw==")];
    let right = [("Authorization", "Basic eDpyaWdodA==")];
    assert_eq!(status("192.0.2.2", &wrong), 401);
    assert_eq!(status("192.0.2.2", &wrong), 401);
    assert_eq!(status("192.0.2.3", &right), 200);
    let refused: Vec<Option<IpAddr>> = refused.try_iter().collect();
    assert_eq!(refused, [Some("192.0.2.2".parse().unwrap()); 2]);
    let visits: Vec<Option<IpAddr>> = visits.try_iter().collect();
    assert_eq!(visits, [Some("192.0.2.3".parse().unwrap())]);
}
