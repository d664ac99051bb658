//! How many requests a share serves at once through its tunnel, and how it ends.

use std::{
    io::Read,
    pin::pin,
    task::{Context, Poll, Waker},
};

use spot_serve::server::{Access, PasswordHash, UploadRules};

use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};

const NAME: &str = "quiet-river.trycloudflare.com";
/// Too large for the buffers of a connection.
const LARGE: usize = 24 << 20;

fn share(access: &Access) -> (Tree, Share) {
    let tree = Tree::empty();
    tree.write("small.txt", b"small");
    tree.write("large.bin", &vec![7; LARGE]);
    let share = Share::public(&tree.root, access, NAME);
    (tree, share)
}

/// A visitor through the tunnel who has begun to download the large file.
fn slow_download(share: &Share) -> Client {
    let mut client = share.client();
    client.ask("GET", "/large.bin", &[("Host", NAME)]);
    assert_eq!(client.read_head().unwrap().status, 200);
    client
}

/// Takes the rest of the large file.
fn take(client: &mut Client) {
    let mut rest = client.take_rest().len();
    let mut buffer = vec![0; 1 << 20];
    while rest < LARGE {
        let read = client.stream().read(&mut buffer).unwrap();
        assert!(read > 0, "the download was cut off after {rest} bytes");
        rest += read;
    }
}

/// Whether nothing is under way right now.
fn is_idle(access: &Access) -> bool {
    let idle = pin!(access.traffic().idle());
    idle.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
}

fn wait_until_idle(access: &Access) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(access.traffic().idle());
}

#[test]
fn after_the_end_the_queries_of_uploads_open_no_files() {
    for rules in [None, Some(UploadRules::default())] {
        let access = Access::default();
        let (_tree, share) = share(&access);
        access.uploads().set_rules(rules);
        access.traffic().end();
        let id = "0123456789abcdef".repeat(2);
        for (method, query) in [
            ("GET", format!("delivery={id}")),
            ("GET", "delivery=x".to_owned()),
            ("HEAD", format!("upload={id}")),
            ("GET", format!("upload={id}")),
            ("GET", "upload".to_owned()),
        ] {
            let mut client = share.client();
            client.ask(method, &format!("/small.txt?{query}"), &[]);
            let head = client.read_head().unwrap();
            assert_ne!(head.status, 200, "{method} ?{query}");
        }
    }
}

#[test]
fn more_visitors_of_the_tunnel_than_it_carries_get_a_busy_page_to_come_back_to() {
    let access = Access::default();
    access.traffic().set_limit(Some(2));
    let (_tree, share) = share(&access);
    let mut downloads = [slow_download(&share), slow_download(&share)];
    let mut late = share.client();
    for (language, title) in [("en", "Busy right now"), ("de", "Gerade ausgelastet")] {
        let busy = late.get(
            "/small.txt",
            &[("Host", NAME), ("Accept-Language", language)],
        );
        assert_eq!(busy.status, 503);
        assert_eq!(busy.header("retry-after"), Some("60"));
        assert!(busy.text().contains(title), "{}", busy.text());
    }
    // Visitors on this computer don't count, and are not turned away.
    assert_eq!(share.get("/small.txt").body, b"small");
    take(&mut downloads[0]);
    // The same connection is served as soon as there is room.
    while late.get("/small.txt", &[("Host", NAME)]).status != 200 {}
    access.traffic().set_limit(Some(1));
    assert_eq!(late.get("/small.txt", &[("Host", NAME)]).status, 503);
    access.traffic().set_limit(None);
    assert_eq!(late.get("/small.txt", &[("Host", NAME)]).status, 200);
}

#[test]
fn a_request_counts_until_its_last_byte_is_sent_or_its_visitor_has_left() {
    let access = Access::default();
    let (_tree, share) = share(&access);
    for leaves in [false, true] {
        let mut client = slow_download(&share);
        assert!(!is_idle(&access));
        assert_eq!(access.traffic().under_way(), 1);
        if leaves {
            drop(client);
            wait_until_idle(&access);
        } else {
            take(&mut client);
            wait_until_idle(&access);
            // An idle connection is no request.
            assert_eq!(client.get("/small.txt", &[]).status, 200);
            wait_until_idle(&access);
        }
    }
    for target in ["/", "/small.txt", "/?json", "/missing", "/?archive=zip"] {
        let mut client = share.client();
        assert!(
            client
                .get(target, &[("Accept-Encoding", "gzip")])
                .is_complete
        );
        wait_until_idle(&access);
        assert_eq!(client.request("HEAD", target, &[]).body, b"");
        wait_until_idle(&access);
    }
}

#[test]
fn a_share_that_ends_lets_downloads_finish_and_turns_everyone_else_away() {
    let access = Access::default();
    let (_tree, share) = share(&access);
    let mut used = share.client();
    assert_eq!(used.get("/small.txt", &[]).status, 200);
    let mut download = slow_download(&share);
    access.traffic().end();
    for target in ["/small.txt", "/", "/?json", "/?archive=zip", "/missing"] {
        for host in [NAME, &format!("127.0.0.1:{}", share.port)] {
            let gone = share.get_with(target, &[("Host", host), ("Accept-Language", "fr")]);
            assert_eq!(gone.status, 410, "{target}");
            assert!(
                gone.text().contains("<h1>Le partage est terminé</h1>"),
                "{}",
                gone.text()
            );
        }
    }
    let gone = used.get("/small.txt", &[]);
    assert_eq!(gone.status, 410);
    assert!(gone.header("clear-site-data").is_some());
    let ranged = [("Host", NAME), ("Range", "bytes=0-1")];
    assert_eq!(share.get_with("/large.bin", &ranged).status, 410);
    // A request for another name learns nothing, not even that.
    assert_eq!(share.get_with("/", &[("Host", "example.org")]).status, 421);
    assert!(!is_idle(&access));
    take(&mut download);
    wait_until_idle(&access);
}

#[test]
fn forms_that_never_end_keep_nobody_out() {
    let access = Access::default();
    let (_tree, share) = share(&access);
    access
        .lock()
        .set_password(Some(PasswordHash::of("right").unwrap()));
    // Fewer than forms have begun.
    access.traffic().set_limit(Some(40));
    let form = |number: u8, length: usize, body: &[u8]| {
        let mut client = share.client();
        let (address, length) = (format!("192.0.2.{number}"), length.to_string());
        let fields = [
            ("Host", NAME),
            ("CF-Connecting-IP", &*address),
            ("Content-Length", &*length),
        ];
        client.ask("POST", "/?unlock", &fields);
        client.send(body);
        client
    };
    let begun: Vec<Client> = (0..60)
        .map(|number| form(number, 4096, b"password="))
        .collect();
    let entered = form(200, 14, b"password=right").response(false);
    assert_eq!(entered.status, 303, "{}", entered.text());
    drop(begun);
}
