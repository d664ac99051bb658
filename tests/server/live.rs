//! Who is looking and what is on its way, as the owner sees it; and what the owner can do about it.

use std::{
    io::Write,
    thread::sleep,
    time::{Duration, Instant},
};

use spot_serve::server::{
    Access, Direction, Live, LiveView, PasswordHash, TransferView, VisitorView,
};

use crate::fixture::{Client, Share, http::PATIENCE, receiving::Receiving, tree::Tree};

const NAME: &str = "quiet-river.trycloudflare.com";
const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Too large for the buffers of a connection.
const LARGE: usize = 24 << 20;

struct Shared {
    _tree: Tree,
    share: Share,
    access: Access,
}

impl Shared {
    fn new() -> Self {
        let (tree, access) = (Tree::empty(), Access::default());
        tree.write("film.mkv", &vec![7; LARGE]);
        tree.write("a.txt", b"hello");
        let share = Share::public(&tree.root, &access, NAME);
        Self {
            _tree: tree,
            share,
            access,
        }
    }

    fn live(&self) -> &Live {
        self.access.live()
    }

    /// Begins to take the film, and takes no more than its head.
    fn take(&self, address: &str, agent: &str) -> Client {
        let mut client = self.share.client();
        client.ask("GET", "/film.mkv", &from(address, agent));
        assert_eq!(client.read_head().unwrap().status, 200);
        client
    }
}

fn from<'a>(address: &'a str, agent: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("Host", NAME),
        ("CF-Connecting-IP", address),
        ("CF-IPCountry", "DE"),
        ("User-Agent", agent),
    ]
}

/// Waits until the owner sees this.
fn until(live: &Live, is_seen: impl Fn(&LiveView) -> bool) -> LiveView {
    let start = Instant::now();
    loop {
        let view = live.snapshot();
        if is_seen(&view) {
            return view;
        }
        assert!(start.elapsed() < PATIENCE, "{view:?}");
        sleep(Duration::from_millis(5));
    }
}

fn visitor<'a>(view: &'a LiveView, address: &str) -> &'a VisitorView {
    let mut visitors = view.visitors.iter();
    let found = visitors.find(|visitor| visitor.address.as_deref() == Some(address));
    found.expect("the visitor is seen")
}

fn transfer_of<'a>(view: &'a LiveView, address: &str) -> &'a TransferView {
    let visitor = visitor(view, address);
    let mut transfers = view.transfers.iter();
    let found = transfers.find(|transfer| transfer.visitor == visitor.id);
    found.expect("it is on its way")
}

/// The rest of a body.
fn rest(client: &mut Client) -> usize {
    let mut length = client.take_rest().len();
    while !client.is_closed() {
        length += client.take_rest().len();
    }
    length
}

#[test]
fn two_who_download_are_seen_and_ending_one_cuts_off_exactly_that() {
    let shared = Shared::new();
    // Nobody watches when they begin.
    let mut slow = shared.take("192.0.2.1", FIREFOX);
    let mut other = shared.take("192.0.2.2", "curl/8.14.1");
    let _guard = shared.live().watch();
    let view = until(shared.live(), |view| {
        view.transfers.len() == 2 && view.transfers.iter().all(|transfer| transfer.bytes > 0)
    });
    let seen = visitor(&view, "192.0.2.1");
    assert_eq!(seen.agent, "Firefox on Windows");
    assert_eq!(seen.country.as_deref(), Some("DE"));
    assert!(seen.is_here && !seen.is_blocked);
    assert_eq!(visitor(&view, "192.0.2.2").agent, "curl");
    for transfer in &view.transfers {
        assert_eq!(transfer.file, "film.mkv");
        assert_eq!(transfer.direction, Direction::Down);
        assert_eq!(transfer.size, Some(LARGE as u64));
        // What the visitors haven't taken is not sent.
        assert!(transfer.bytes < LARGE as u64, "{transfer:?}");
    }
    let ended = transfer_of(&view, "192.0.2.1").id;
    assert!(shared.live().end(ended));
    assert!(rest(&mut slow) < LARGE);
    until(shared.live(), |view| view.transfers.len() == 1);
    // Its browser tries to go on, by itself.
    let again = [
        &from("192.0.2.1", FIREFOX)[..],
        &[("Range", "bytes=1000000-")],
    ]
    .concat();
    let again = shared.share.get_with("/film.mkv", &again);
    assert_eq!(again.status, 403);
    assert!(
        again.text().contains("has stopped this download"),
        "{}",
        again.text()
    );
    let others = shared.share.get_with("/a.txt", &from("192.0.2.1", FIREFOX));
    assert_eq!(others.status, 200);
    let mut taken = other.take_rest().len();
    while taken < LARGE {
        assert!(!other.is_closed(), "cut off after {taken}");
        taken += other.take_rest().len();
    }
    until(shared.live(), |view| view.transfers.is_empty());
    assert!(!shared.live().end(ended));
}

#[test]
fn a_resumed_file_is_as_far_as_it_was_and_a_zip_is_seen_too() {
    let shared = Shared::new();
    let _guard = shared.live().watch();
    let (mut film, mut zip) = (shared.share.client(), shared.share.client());
    let range = [("Range", "bytes=10000000-")];
    let headers = [&from("192.0.2.1", "curl/8")[..], &range].concat();
    film.ask("GET", "/film.mkv", &headers);
    assert_eq!(film.read_head().unwrap().status, 206);
    zip.ask("GET", "/?archive=zip", &from("192.0.2.2", "curl/8"));
    assert_eq!(zip.read_head().unwrap().status, 200);
    let view = until(shared.live(), |view| {
        let is_seen = |from| (view.transfers.iter()).any(|transfer| transfer.bytes > from);
        view.transfers.len() == 2 && is_seen(10_000_000)
    });
    let zip = transfer_of(&view, "192.0.2.2");
    assert!(
        zip.size > Some(LARGE as u64) && zip.file.ends_with(".zip"),
        "{zip:?}"
    );
}

#[test]
fn who_is_blocked_stays_so_on_a_new_connection_and_with_another_browser() {
    let shared = Shared::new();
    let guard = shared.live().watch();
    let mut running = shared.take("192.0.2.1", FIREFOX);
    let view = until(shared.live(), |view| view.transfers.len() == 1);
    assert!(shared.live().block(visitor(&view, "192.0.2.1").id));
    assert!(rest(&mut running) < LARGE, "what is on its way ends");
    // It holds, whoever watches.
    drop(guard);
    for agent in [FIREFOX, "curl/8", ""] {
        for target in ["/", "/a.txt", "/?archive=zip", "/nowhere"] {
            let refused = shared.share.get_with(target, &from("192.0.2.1", agent));
            assert_eq!(refused.status, 403, "{target} {agent}");
            assert!(
                refused.text().contains("no longer lets you in"),
                "{}",
                refused.text()
            );
            assert!(!refused.text().contains("hello"));
        }
    }
    assert_eq!(
        shared
            .share
            .get_with("/a.txt", &from("192.0.2.2", FIREFOX))
            .status,
        200
    );
    assert_eq!(shared.share.get("/a.txt").status, 200);
    let view = shared.live().snapshot();
    let blocked = visitor(&view, "192.0.2.1");
    assert!(blocked.is_blocked && !blocked.is_here);
    shared.live().unblock(blocked.id);
    assert_eq!(
        shared
            .share
            .get_with("/a.txt", &from("192.0.2.1", FIREFOX))
            .status,
        200
    );
}

#[test]
fn one_of_a_class_is_blocked_without_the_others() {
    let shared = Shared::new();
    let _guard = shared.live().watch();
    for agent in [FIREFOX, "curl/8"] {
        assert_eq!(
            shared.share.get_with("/", &from("192.0.2.1", agent)).status,
            200
        );
    }
    let view = until(shared.live(), |view| view.visitors.len() == 2);
    let firefox = view
        .visitors
        .iter()
        .find(|visitor| visitor.agent == "Firefox on Windows");
    assert_eq!(firefox.unwrap().neighbours, 1);
    shared.live().block(firefox.unwrap().id);
    assert_eq!(
        shared
            .share
            .get_with("/", &from("192.0.2.1", FIREFOX))
            .status,
        403
    );
    assert_eq!(
        shared
            .share
            .get_with("/", &from("192.0.2.1", "curl/8"))
            .status,
        200
    );
}

#[test]
fn who_has_entered_the_password_is_blocked_with_and_without_the_session() {
    let shared = Shared::new();
    let hash = PasswordHash::of("right").unwrap();
    shared.access.lock().set_password(Some(hash));
    let _guard = shared.live().watch();
    let mut client = shared.share.client();
    let form = b"password=right";
    let length = form.len().to_string();
    let headers = [
        &from("192.0.2.1", FIREFOX)[..],
        &[
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", &length),
        ],
    ]
    .concat();
    client.ask("POST", "/?unlock", &headers);
    client.send(form);
    let entered = client.response(false);
    let cookie = entered.header("set-cookie").expect("a session");
    let cookie = cookie.split(';').next().unwrap();
    let session = [&from("192.0.2.1", FIREFOX)[..], &[("Cookie", cookie)]].concat();
    assert_eq!(shared.share.get_with("/a.txt", &session).status, 200);
    let view = until(shared.live(), |view| view.visitors.len() == 1);
    shared.live().block(view.visitors[0].id);
    let elsewhere = [&from("192.0.2.9", "curl/8")[..], &[("Cookie", cookie)]].concat();
    for headers in [&session[..], &from("192.0.2.1", FIREFOX), &elsewhere] {
        assert_eq!(shared.share.get_with("/a.txt", headers).status, 403);
    }
    assert_eq!(
        shared
            .share
            .get_with("/a.txt", &from("192.0.2.9", "curl/8"))
            .status,
        401
    );
}

#[test]
fn nobody_is_remembered_unless_somebody_watches_and_checks_are_no_visitors() {
    let shared = Shared::new();
    assert_eq!(
        shared
            .share
            .get_with("/", &from("192.0.2.1", FIREFOX))
            .status,
        200
    );
    let _guard = shared.live().watch();
    assert_eq!(shared.live().snapshot(), LiveView::default());
    assert_eq!(
        shared
            .share
            .head_with("/", &from("192.0.2.2", FIREFOX))
            .status,
        200
    );
    assert_eq!(shared.live().snapshot(), LiveView::default());
}

#[test]
fn what_strangers_say_about_themselves_is_harmless() {
    let shared = Shared::new();
    let _guard = shared.live().watch();
    let long = "x".repeat(9000);
    for agent in [
        "<script>alert(1)</script>",
        "=HYPERLINK(\"http://evil\")",
        "\u{202e}xoferiF",
        &long,
    ] {
        let headers = [
            ("CF-Connecting-IP", "192.0.2.1"),
            // Not through the tunnel: anybody could say that.
            ("CF-IPCountry", "<b>"),
            ("User-Agent", agent),
        ];
        assert_eq!(shared.share.get_with("/", &headers).status, 200);
    }
    let view = until(shared.live(), |view| view.visitors.len() == 4);
    for visitor in &view.visitors {
        assert_eq!(visitor.agent, "Unknown program");
        assert_eq!(
            (&visitor.browser, &visitor.device, &visitor.country),
            (&None, &None, &None)
        );
        assert_eq!(visitor.address.as_deref(), Some("127.0.0.1"));
    }
}

#[test]
fn an_upload_is_seen_and_can_be_ended() {
    let receiving = Receiving::folder();
    let live = receiving.access.live();
    let _guard = live.watch();
    let mut client = receiving.share.client();
    let length = LARGE.to_string();
    client.ask(
        "PUT",
        "/film.mkv",
        &[("Content-Length", &length), ("User-Agent", "curl/8")],
    );
    client.send(&vec![1; 1_000_000]);
    let view = until(live, |view| {
        view.transfers
            .iter()
            .any(|transfer| transfer.bytes == 1_000_000)
    });
    let transfer = &view.transfers[0];
    assert_eq!(transfer.direction, Direction::Up);
    assert_eq!(
        (&*transfer.file, transfer.size),
        ("film.mkv", Some(LARGE as u64))
    );
    assert!(live.end(transfer.id));
    assert!(client.is_closed());
    until(live, |view| view.transfers.is_empty());
    let mut again = receiving.share.client();
    again.ask(
        "PUT",
        "/film.mkv",
        &[("Content-Length", &length), ("User-Agent", "curl/8")],
    );
    let _ = again.stream().write_all(&[1; 100_000]);
    let refused = again.response(false);
    assert_eq!(refused.status, 403);
    assert!(
        refused.text().contains("stopped this upload"),
        "{}",
        refused.text()
    );
}
