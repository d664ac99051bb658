//! More visitors than the server accepts at a time.

#![cfg(unix)]

use std::time::{Duration, Instant};
#[cfg(target_os = "linux")]
use std::{collections::BTreeMap, io::Read};

use crate::fixture::http::PATIENCE;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};
#[cfg(target_os = "linux")]
use crate::fixture::{as_the_program, process::memory};

/// The number of connections that are served at a time.
const SERVED: usize = 480;

/// The number of connections that are accepted at a time.
const CONNECTIONS: usize = 512;

/// Fills all places of a share with visitors who do what `asked` does.
fn crowd(share: &Share, asked: fn(&mut Client)) -> Vec<Client> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let clients = (0..SERVED).map(|_| {
        let mut client = share.client();
        asked(&mut client);
        client
    });
    clients.collect()
}

/// Begins a download and reads none of it.
fn download_slowly(client: &mut Client) {
    client.ask("GET", "/large", &[]);
    assert_eq!(client.read_head().unwrap().status, 200);
}

/// A file too large for the buffers of a connection, and a small one.
fn with_large_file() -> (Tree, Share) {
    let tree = Tree::empty();
    tree.write("a", b"a");
    tree.write("large", &vec![0; 24 << 20]);
    let share = Share::folder(&tree.root);
    (tree, share)
}

#[test]
fn idle_connections_make_room_for_a_visitor() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    for asked in [
        |client: &mut Client| client.send(b"GET /a HTTP/1.1\r\nX-Slow: "),
        |client: &mut Client| assert_eq!(client.get("/a", &[]).status, 200),
        |_: &mut Client| {},
    ] {
        let crowd = crowd(&share, asked);
        let begun = Instant::now();
        // On a busy machine the server may make room too late.
        while share.get("/a").status != 200 {
            assert!(begun.elapsed() < PATIENCE);
        }
        assert_eq!(share.get("/a").body, b"a");
        drop(crowd);
    }
}

#[test]
fn silent_connections_keep_nobody_out() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    let crowd = crowd(&share, |_| {});
    let more: Vec<_> = (0..SERVED).map(|_| share.client()).collect();
    let mut visitors: Vec<_> = (0..10).map(|_| share.client()).collect();
    for visitor in &mut visitors {
        visitor.ask("GET", "/a", &[]);
    }
    for visitor in &mut visitors {
        assert_eq!(visitor.response(false).status, 200);
    }
    drop((crowd, more));
}

#[test]
fn visitors_beyond_480_wait_briefly_and_then_get_a_busy_page() {
    let (_tree, share) = with_large_file();
    let crowd = crowd(&share, download_slowly);
    let mut late: Vec<_> = (SERVED..CONNECTIONS + 8).map(|_| share.client()).collect();
    for client in &mut late {
        client.ask("GET", "/a", &[("Accept-Language", "de")]);
    }
    // Those who were waiting get in when others have been turned away.
    for client in &mut late {
        let response = client.response(false);
        assert_eq!(response.status, 503);
        assert_eq!(response.header("retry-after"), Some("60"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert!(response.text().contains("<h1>Gerade ausgelastet</h1>"));
        assert!(client.is_closed());
    }
    drop(crowd);
    assert_eq!(share.get("/a").status, 200);
}

#[test]
fn a_waiting_visitor_is_served_when_another_leaves() {
    let (_tree, share) = with_large_file();
    let mut crowd = crowd(&share, download_slowly);
    let begun = Instant::now();
    // On a busy machine the place may become free too late.
    loop {
        let mut late = share.client();
        late.ask("GET", "/a", &[]);
        crowd.pop();
        match late.response(false).status {
            200 => break,
            status => assert_eq!(status, 503),
        }
        assert!(begun.elapsed() < PATIENCE);
    }
}

/// The connections of a share by their other end, and whether the share has accepted them.
#[cfg(target_os = "linux")]
fn connections(port: u16) -> BTreeMap<String, bool> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let own = format!("0100007F:{port:04X}");
    let rows = table.lines().map(|row| row.split_whitespace().collect());
    let rows = rows.filter(|row: &Vec<_>| row.get(1) == Some(&own.as_str()) && row[3] == "01");
    // Only accepted connections have an inode.
    rows.map(|row| (row[2].to_owned(), row[9] != "0")).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn there_are_at_most_512_connections() {
    const COME: usize = CONNECTIONS + 8;
    let (_tree, share) = with_large_file();
    let mut clients = crowd(&share, download_slowly);
    let begun = Instant::now();
    // The table is not read atomically, so only what two readings agree on counts.
    let mut last = BTreeMap::new();
    loop {
        let now = connections(share.port);
        // On a busy machine some are turned away before all have arrived.
        clients.extend((now.len()..COME).map(|_| share.client()));
        if now.len() >= COME && now == last {
            let accepted = now.values().filter(|accepted| **accepted).count();
            assert!(accepted <= CONNECTIONS, "{accepted} are accepted");
            if accepted == CONNECTIONS {
                break;
            }
        }
        assert!(begun.elapsed() < PATIENCE, "{now:?}");
        last = now;
    }
}

/// The memory of this process, once the server has filled its buffers for those who read nothing.
#[cfg(target_os = "linux")]
fn settled_memory() -> u64 {
    let mut last = 0;
    loop {
        std::thread::sleep(Duration::from_millis(300));
        let now = memory();
        if now <= last {
            return last;
        }
        last = now;
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_visitor_who_reads_nothing_costs_little_memory() {
    as_the_program(|| {
        const MOST: u64 = 256 * 1024;
        // What the serving threads keep, regardless of the number of visitors.
        const THREADS: u64 = 16 << 20;
        let (tree, share) = with_large_file();
        // Text that hardly compresses.
        let mut noise = 1_u64;
        let letter = |_| {
            noise = noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            b'0' + (noise >> 58) as u8
        };
        let text: Vec<u8> = (0..8 << 20).map(letter).collect();
        tree.write("large.txt", &text);
        let gzip: &[(&str, &str)] = &[("Accept-Encoding", "gzip")];
        for (visitors, path, headers) in [
            (200, "/large", &[][..]),
            // Compressing takes long without optimisation.
            (50, "/large.txt", gzip),
            (200, "/?archive=zip", &[]),
        ] {
            // What is allocated once, for the first visitor.
            assert!(share.get_with(path, headers).is_complete);
            let before = memory();
            let clients = (0..visitors).map(|_| {
                let mut client = share.client();
                client.ask("GET", path, headers);
                assert_eq!(client.read_head().unwrap().status, 200);
                client
            });
            let mut clients: Vec<_> = clients.collect();
            let idle = settled_memory();
            // Reading in small pieces makes the server refill its buffers.
            for _ in 0..20 {
                for client in &mut clients {
                    let read = client.stream().read_exact(&mut [0; 16 * 1024]);
                    assert!(read.is_ok(), "{path}: {read:?}");
                }
            }
            let last = idle.max(settled_memory());
            // What the clients of this test have read is in this process as well.
            let read: usize = clients
                .iter_mut()
                .map(|client| client.take_rest().capacity())
                .sum();
            let cost = last.saturating_sub(before + read as u64);
            assert!(
                cost <= visitors * MOST + THREADS,
                "{path}: {visitors} visitors cost {cost} bytes"
            );
        }
    });
}
