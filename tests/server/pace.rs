//! A limit of how fast a share may send.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};
use spot_serve::server::{Access, Content, Settings};

/// Bytes in a second.
const LIMIT: u64 = 400_000;
/// What may come at once, before the limit holds: a quarter of a second, and what is on its way.
const AT_ONCE: u64 = LIMIT / 4 + LIMIT / 20;

/// Bytes that can't be compressed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    });
    next.take(length).collect()
}

fn limited(tree: &Tree, limit: u64) -> (Share, Access) {
    let access = Access::default();
    access.pace().set(NonZeroU64::new(limit));
    let settings = Settings {
        access: access.clone(),
        ..Settings::default()
    };
    let content = Content::Folder(tree.root.clone());
    (Share::start(&content, &settings).unwrap(), access)
}

fn assert_takes_its_time(bytes: usize, began: Instant) {
    let least = Duration::from_secs_f64((bytes as u64 - AT_ONCE) as f64 / LIMIT as f64);
    let took = began.elapsed();
    assert!(took >= least, "{bytes} bytes took {took:?}");
}

#[test]
fn nothing_is_sent_faster_than_the_limit_and_all_of_it_arrives() {
    let tree = Tree::empty();
    let content = noise(280_000);
    tree.write("film.mp4", &content);
    tree.write("page.html", &content);
    // A file, one that is sent as a stream, parts of a file, and a connection that ends with its answer.
    for (target, headers) in [
        ("/film.mp4", &[][..]),
        ("/?archive=zip", &[]),
        ("/film.mp4", &[("Range", "bytes=0-99999,100000-279999")]),
        ("/page.html", &[("Connection", "close")]),
        ("/page.html", &[("Accept-Encoding", "gzip")]),
    ] {
        let (share, _) = limited(&tree, LIMIT);
        let began = Instant::now();
        let response = share.get_with(target, headers);
        assert!(response.is_complete, "{target}");
        assert!(response.status < 300, "{target}");
        assert!(response.body.len() >= content.len(), "{target}");
        assert_takes_its_time(response.body.len(), began);
        if response.header("content-encoding").is_none() && response.status == 200 {
            let is_whole = response.body == content || target.contains("zip");
            assert!(is_whole, "{target}");
        }
    }
}

#[test]
fn what_several_visitors_get_together_is_limited() {
    let tree = Tree::empty();
    let content = noise(80_000);
    tree.write("film.mp4", &content);
    let (share, _) = limited(&tree, LIMIT);
    let began = Instant::now();
    let mut clients: Vec<Client> = (0..4).map(|_| share.client()).collect();
    for client in &mut clients {
        client.ask("GET", "/film.mp4", &[]);
    }
    for client in &mut clients {
        assert_eq!(client.response(false).body, content);
    }
    assert_takes_its_time(4 * content.len(), began);
}

#[test]
fn a_change_holds_for_what_is_being_sent() {
    let tree = Tree::empty();
    tree.write("film.mp4", &noise(30_000_000));
    let (share, access) = limited(&tree, 1000);
    let mut client = share.client();
    client.ask("GET", "/film.mp4", &[]);
    assert_eq!(client.read_head().unwrap().status, 200);
    // At the first limit, this would take hours; at the second, half a minute.
    access.pace().set(NonZeroU64::new(1_000_000));
    let mut received = 0;
    while received < 600_000 {
        assert!(!client.is_closed());
        received += client.take_rest().len();
    }
    let began = Instant::now();
    access.pace().set(None);
    while received < 30_000_000 {
        assert!(!client.is_closed());
        received += client.take_rest().len();
    }
    assert!(began.elapsed() < Duration::from_secs(20));
}
