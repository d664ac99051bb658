//! Floods of guesses: a thousand a second, from one address and from many.

#![cfg(target_os = "linux")]

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use spot_serve::server::{Access, PasswordHash};

use crate::fixture::{
    Client, Share, as_the_program,
    process::{memory, peak_memory, reset_peak},
    tree::Tree,
};

const NAME: &str = "quiet-river.trycloudflare.com";
const MIB: u64 = 1 << 20;

/// Guessers, and how often each of them guesses: a thousand a second in all.
const GUESSERS: u32 = 50;
const PERIOD: Duration = Duration::from_millis(50);

/// Nobody else may be kept out for longer.
const LONGEST: Duration = Duration::from_secs(5);

/// How many times longer that may take on a machine that is busy with other tests.
const SLACK: u32 = 3;

/// Who comes back when told to gets in, at the latest with this request.
const REQUESTS: u32 = 3;

/// The status of a program's request with a password, and when to try again.
fn try_password(client: &mut Client, address: &str, password: &str) -> (u16, Duration) {
    let authorization = format!("Basic {}", BASE64.encode(format!("x:{password}")));
    let fields = [
        ("Host", NAME),
        ("CF-Connecting-IP", address),
        ("Authorization", &authorization),
    ];
    let response = client.get("/small.txt", &fields);
    let wait = response.header("retry-after").unwrap_or("0");
    (response.status, Duration::from_secs(wait.parse().unwrap()))
}

/// Guesses, of which `address` gives where each comes from, while others enter the right password.
/// `hash` gives what the share knows of it.
fn flood(address: impl Fn(u32) -> String + Sync, hash: impl Fn() -> PasswordHash) {
    let tree = Tree::empty();
    tree.write("small.txt", b"small");
    let access = Access::default();
    let share = Share::public(&tree.root, &access, NAME);
    access.lock().set_password(Some(hash()));

    reset_peak();
    let before = memory();
    let (is_over, guesses) = (AtomicBool::new(false), AtomicU32::new(0));
    let (mut longest, mut most) = (Duration::ZERO, 0);
    thread::scope(|scope| {
        for _ in 0..GUESSERS {
            scope.spawn(|| {
                let mut client = share.client();
                let mut next = Instant::now();
                while !is_over.load(Ordering::Relaxed) {
                    let number = guesses.fetch_add(1, Ordering::Relaxed);
                    let guess = format!("wrong {number}");
                    let (status, _) = try_password(&mut client, &address(number), &guess);
                    assert!([401, 429].contains(&status), "{status}");
                    next += PERIOD;
                    thread::sleep(next.saturating_duration_since(Instant::now()));
                }
            });
        }
        for number in 0..4 {
            // Nobody has entered this one before.
            access.lock().set_password(Some(hash()));
            let address = format!("192.0.2.{number}");
            let begun = Instant::now();
            for request in 1.. {
                let (status, wait) = try_password(&mut share.client(), &address, "right");
                most = most.max(request);
                if status == 200 || begun.elapsed() > LONGEST * SLACK {
                    break;
                }
                assert_eq!(status, 429);
                thread::sleep(wait);
            }
            longest = longest.max(begun.elapsed());
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let taken = peak_memory().saturating_sub(before);
    println!("kept out for {longest:?} at most, let in with request {most} at the latest");
    assert!(
        longest <= LONGEST * SLACK,
        "somebody was kept out for {longest:?}"
    );
    assert!(most <= REQUESTS, "somebody had to try {most} times");
    assert!(taken <= 60 * MIB, "{} MiB", taken / MIB);
}

#[test]
fn a_flood_of_guesses_from_one_address_keeps_nobody_else_out() {
    // As after a restart: every password has to be hashed until the right one is known.
    let stored = PasswordHash::of("right").unwrap();
    let restored = || PasswordHash::parse(stored.as_str()).unwrap();
    as_the_program(|| flood(|_| "10.1.0.0".to_owned(), restored));
}

#[test]
fn a_flood_of_guesses_from_new_networks_only_keeps_out_nobody_who_comes_back() {
    let stored = PasswordHash::of("right").unwrap();
    let restored = || PasswordHash::parse(stored.as_str()).unwrap();
    let network = |number| format!("2001:{:x}:{:x}::1", number / 65_536, number % 65_536);
    as_the_program(|| flood(network, restored));
}

#[test]
fn a_flood_of_guesses_from_many_addresses_keeps_nobody_else_out() {
    let address = |number| format!("10.1.{}.{}", number % 1000 / 256, number % 1000 % 256);
    as_the_program(|| flood(address, || PasswordHash::of("right").unwrap()));
}
