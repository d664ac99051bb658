//! Visitors who send slowly, or much at once, while others want to hand something in.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;

use crate::fixture::Client;
use crate::fixture::receiving::{Receiving, send, tus};

const HOST: &str = "quiet-river.trycloudflare.com";

/// How many requests a share answers at once through a quick tunnel.
const LIMIT: usize = 180;

/// How many bodies each visitor may send while others wait.
const MAX_BODIES: usize = 16;

const FIRST: &str = "192.0.2.1";
const SECOND: &str = "192.0.2.2";

fn behind_quick_tunnel() -> Receiving {
    let receiving = Receiving::inbox();
    receiving.share.names.set(Some(HOST.to_owned()));
    receiving.access.traffic().set_limit(Some(LIMIT));
    receiving
}

fn of(address: &str) -> [(&str, &str); 2] {
    [("Host", HOST), ("CF-Connecting-IP", address)]
}

/// Begins to hand in a file, and sends nothing of it. Returns the status: 100 if the file is wanted.
fn begin(receiving: &Receiving, address: &str) -> (Client, u16) {
    let mut client = receiving.share.client();
    let expects = [("Content-Length", "4"), ("Expect", "100-continue")];
    let headers = [&of(address)[..], &expects].concat();
    client.ask("PUT", "/slow", &headers);
    let status = client.read_head().expect("an answer").status;
    (client, status)
}

/// Sends the rest of such a file; whether that was possible.
fn finish(mut client: Client) -> bool {
    use std::io::Write;
    // The system may not know yet that the connection has ended.
    client.stream().write_all(b"done").is_ok()
        && client.read_head().is_some_and(|head| head.status == 201)
}

fn put(receiving: &Receiving, address: &str, target: &str) -> u16 {
    send(
        &mut receiving.share.client(),
        "PUT",
        target,
        &of(address),
        b"hello",
    )
    .status
}

#[test]
fn a_visitor_with_180_slow_uploads_keeps_nobody_out() {
    let receiving = behind_quick_tunnel();
    let mut slow: Vec<_> = (0..LIMIT)
        .map(|_| {
            let (client, status) = begin(&receiving, FIRST);
            assert_eq!(status, 100);
            client
        })
        .collect();
    assert_eq!(receiving.access.traffic().under_way(), LIMIT);
    assert_eq!(begin(&receiving, FIRST).1, 503, "it has the most itself");
    let mut others = Vec::new();
    for number in 2..30 {
        let (client, status) = begin(&receiving, &format!("192.0.2.{number}"));
        assert_eq!(status, 100);
        others.push(client);
    }
    // They come and go as they like.
    assert_eq!(put(&receiving, SECOND, "/quick"), 201);
    // Its place is free soon after its answer.
    while receiving.access.traffic().under_way() == LIMIT {
        thread::yield_now();
    }
    let page = receiving.share.get_with("/", &of("192.0.2.30"));
    assert_eq!(page.status, 200);
    receiving.wait_until(|_| receiving.names() == ["quick"]);
    assert_eq!(receiving.content("quick"), b"hello");
    // Nobody else has lost anything, and the first no more than was needed.
    assert!(others.into_iter().all(finish));
    let kept = slow.drain(..).map(finish).filter(|is_kept| *is_kept);
    assert_eq!(kept.count(), LIMIT - 28 - 1);
}

#[test]
fn a_visitor_keeps_16_slow_uploads_while_others_wait() {
    let receiving = behind_quick_tunnel();
    receiving.access.traffic().set_limit(Some(MAX_BODIES + 2));
    let slow: Vec<_> = (0..MAX_BODIES + 2)
        .map(|_| begin(&receiving, FIRST).0)
        .collect();
    // Both have two more than they may keep, or none.
    let others: Vec<_> = (0..2).map(|_| begin(&receiving, SECOND)).collect();
    assert!(others.iter().all(|(_, status)| *status == 100));
    let kept = slow.into_iter().map(finish).filter(|is_kept| *is_kept);
    assert_eq!(kept.count(), MAX_BODIES);
}

#[test]
fn a_visitor_who_opens_uploads_for_ever_does_not_delay_another() {
    let receiving = behind_quick_tunnel();
    let is_refused = AtomicBool::new(false);
    thread::scope(|scope| {
        // The first visitor ends when this is dropped, also by a panic.
        let (others_try, is_over) = channel::<()>();
        let (receiving, is_refused) = (&receiving, &is_refused);
        scope.spawn(move || {
            let mut client = receiving.share.client();
            let headers = [&of(FIRST)[..], &[("Upload-Length", "1000")]].concat();
            while is_over.try_recv() == Err(TryRecvError::Empty) {
                let created = tus(&mut client, "POST", "/?upload", &headers, b"");
                assert!(matches!(created.status, 201 | 429));
                is_refused.fetch_or(created.status == 429, Ordering::Relaxed);
            }
        });
        let mut handed_in = 0;
        // From the first upload on until after the first has as many as it may have.
        while handed_in < 20 || !is_refused.load(Ordering::Relaxed) {
            let target = format!("/{handed_in}");
            assert_eq!(put(receiving, SECOND, &target), 201);
            handed_in += 1;
        }
        drop(others_try);
        receiving.wait_until(|_| receiving.names().len() == handed_in);
        assert_eq!(receiving.names().len(), handed_in);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn uploads_that_stand_still_take_little_memory() {
    use crate::fixture::{as_the_program, process::memory};
    as_the_program(|| {
        const SLOW: u64 = 150;
        // Of each visitor, with what is written together, and of all who were fast.
        const EACH: u64 = 192 * 1024;
        const POOL: u64 = 4 << 20;
        // What the serving threads and the disk threads keep, and what is lost in between.
        const THREADS: u64 = 16 << 20;
        const SENT: usize = 1 << 20;
        let receiving = Receiving::inbox();
        let fast = vec![7; SENT];
        assert_eq!(receiving.send("PUT", "/first", &[], &fast).status, 201);
        let before = memory();
        let length = (2 * SENT).to_string();
        for framing in [
            ("Content-Length", &*length),
            ("Transfer-Encoding", "chunked"),
        ] {
            let slow: Vec<_> = (0..SLOW)
                .map(|_| {
                    let mut client = receiving.share.client();
                    client.ask("PUT", "/slow", &[framing]);
                    if framing.0 == "Transfer-Encoding" {
                        client.send(format!("{SENT:x}\r\n").as_bytes());
                    }
                    client.send(&fast);
                    client
                })
                .collect();
            let parts = receiving.tree.root.join(".spot-serve-parts");
            // Other files come and go.
            let written = || {
                let parts = fs::read_dir(&parts).unwrap();
                let parts = parts.filter_map(|part| part.unwrap().metadata().ok());
                parts.filter(|part| part.len() == SENT as u64).count() as u64
            };
            while written() < SLOW {
                thread::yield_now();
            }
            let cost = memory().saturating_sub(before);
            assert!(cost <= SLOW * EACH + POOL + THREADS, "{framing:?}: {cost}");
            drop(slow);
            while written() > 0 {
                thread::yield_now();
            }
        }
    });
}
