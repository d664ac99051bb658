//! More visitors than there is room for.

#![cfg(unix)]

use std::time::{Duration, Instant};
#[cfg(target_os = "linux")]
use std::{collections::BTreeMap, io::Read};

use crate::fixture::http::PATIENCE;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};

/// So many connections are served at a time.
const SERVED: usize = 480;

/// So many connections there are at a time.
const CONNECTIONS: usize = 512;

/// A share whose places are all taken, by visitors who have asked and do what `asked` does.
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

/// Begins a download and takes nothing of it.
fn download_slowly(client: &mut Client) {
    client.ask("GET", "/large", &[]);
    assert_eq!(client.read_head().unwrap().status, 200);
}

/// A file that no connection takes whole by itself, and a small one.
fn with_large_file() -> (Tree, Share) {
    let tree = Tree::empty();
    tree.write("a", b"a");
    tree.write("large", &vec![0; 24 << 20]);
    let share = Share::folder(&tree.root);
    (tree, share)
}

#[test]
fn whoever_asks_for_nothing_makes_room_for_a_visitor() {
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
        // Room may be made too late on a machine that is busy with other things.
        while share.get("/a").status != 200 {
            assert!(begun.elapsed() < PATIENCE);
        }
        assert_eq!(share.get("/a").body, b"a");
        drop(crowd);
    }
}

#[test]
fn visitors_beyond_480_wait_a_moment_and_are_told_that_there_are_too_many() {
    let (_tree, share) = with_large_file();
    let crowd = crowd(&share, download_slowly);
    let mut late: Vec<_> = (SERVED..CONNECTIONS + 8).map(|_| share.client()).collect();
    for client in &mut late {
        client.ask("GET", "/a", &[("Accept-Language", "de")]);
    }
    // Those that had not been let in are, when others have been told.
    for client in &mut late {
        let response = client.response(false);
        assert_eq!(response.status, 429);
        assert_eq!(response.header("retry-after"), Some("60"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert!(response.text().contains("<h1>Gerade ausgelastet</h1>"));
        assert!(client.is_closed());
    }
    drop(crowd);
    assert_eq!(share.get("/a").status, 200);
}

#[test]
fn a_visitor_who_waits_is_served_when_another_leaves() {
    let (_tree, share) = with_large_file();
    let mut crowd = crowd(&share, download_slowly);
    let begun = Instant::now();
    // The place may be free too late on a machine that is busy with other things.
    loop {
        let mut late = share.client();
        late.ask("GET", "/a", &[]);
        crowd.pop();
        match late.response(false).status {
            200 => break,
            status => assert_eq!(status, 429),
        }
        assert!(begun.elapsed() < PATIENCE);
    }
}

/// Connections of a share by who is at the other end, with whether it has accepted them.
#[cfg(target_os = "linux")]
fn connections(port: u16) -> BTreeMap<String, bool> {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let own = format!("0100007F:{port:04X}");
    let rows = table.lines().map(|row| row.split_whitespace().collect());
    let rows = rows.filter(|row: &Vec<_>| row.get(1) == Some(&own.as_str()) && row[3] == "01");
    // Only what was accepted has a file.
    rows.map(|row| (row[2].to_owned(), row[9] != "0")).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn there_are_at_most_512_connections() {
    const COME: usize = CONNECTIONS + 8;
    let (_tree, share) = with_large_file();
    let mut clients = crowd(&share, download_slowly);
    let begun = Instant::now();
    // The table is not read in one moment, so that only what two readings agree on tells anything.
    let mut last = BTreeMap::new();
    loop {
        let now = connections(share.port);
        // On a busy machine some are told to go before all have come.
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

/// Memory of this process, in bytes.
#[cfg(target_os = "linux")]
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.unwrap() * 1024
}

/// The same, when the server has made all that it makes for somebody who does not take it.
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
fn a_visitor_who_takes_nothing_costs_little_memory() {
    const MOST: u64 = 256 * 1024;
    // What the threads that serve keep, however many visitors there are.
    const THREADS: u64 = 16 << 20;
    let (tree, share) = with_large_file();
    // Text that hardly gets smaller.
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
        // What one visitor needs once is there before.
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
        // Whoever takes it in crumbs makes the server fill its buffers from the middle.
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
}
