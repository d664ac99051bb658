//! Compares this build with an earlier one, alternately.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::data::{Data, LARGE_BYTES};
use crate::load::{Kind, Target, download, open, requests_per_second};
use crate::peers::Peer;
use crate::process::memory_mb;
use crate::table::{median, ratio, rounds_of, speeds_and_costs};

/// Prints one table. `earlier` is this program, built from an earlier commit.
pub fn compare(earlier: &Path, data: &Data, time: Duration, rounds: usize) {
    println!("| | before | after | after / before |");
    println!("|---|---|---|---|");
    let peers = [
        Peer::serving("before", earlier, &data.root, 18085),
        Peer::ours(&data.root, 18086),
    ];
    for (name, kind, connections) in [
        ("small files, 1 connection", Kind::Small, 1),
        ("small files, 16 connections", Kind::Small, 16),
        ("small files, 100 connections", Kind::Small, 100),
        ("304, 16 connections", Kind::NotModified, 16),
        ("64 KiB ranges, 16 connections", Kind::Range, 16),
    ] {
        let (speeds, costs) = speeds_and_costs(&peers, rounds, time, |_, peer| {
            requests_per_second(&Target::of(peer.port), kind, connections, time)
        });
        print_row(&format!("{name}, requests/s"), &speeds);
        print_row(&format!("{name}, CPU µs per request"), &costs);
    }
    for connections in [1, 8] {
        let speeds = rounds_of(&peers, rounds, |_, peer| {
            let speed = download(&Target::of(peer.port), "/large.bin", connections);
            speed / (1 << 30) as f64
        });
        let gib = LARGE_BYTES >> 30;
        let name = format!("{gib} GiB file, {connections} connections, GiB/s");
        print_row(&name, &speeds);
    }
    drop(peers);

    let mib = (1 << 20) as f64;
    let starts = |begun: Instant| begun.elapsed().as_secs_f64() * 1e3;
    measure(
        earlier,
        &data.many,
        rounds,
        "100,000 entries, first byte, ms",
        |port, begun| {
            let _response = open(&Target::of(port), "/?page=1");
            starts(begun)
        },
    );
    measure(
        earlier,
        &data.many,
        rounds,
        "100,000 entries, whole page, ms",
        |port, begun| {
            download(&Target::of(port), "/?page=1", 1);
            starts(begun)
        },
    );
    measure(
        earlier,
        &data.archive,
        rounds,
        "zip of 50,000 small files, MiB/s",
        |port, _| download(&Target::of(port), "/?archive=zip", 1) / mib,
    );
    measure(
        earlier,
        &data.photos,
        rounds,
        "zip of 500 photos, MiB/s",
        |port, _| download(&Target::of(port), "/?archive=zip", 1) / mib,
    );
    for (name, path) in [
        ("100 slow downloads", "/large.bin"),
        ("100 slow zips", "/?archive=zip"),
    ] {
        measure(earlier, &data.root, 1, name, |port, _| {
            let downloads: Vec<_> = (0..100).map(|_| open(&Target::of(port), path)).collect();
            // Let the server fill its buffers for visitors who don't read.
            std::thread::sleep(Duration::from_secs(1));
            downloads.len() as f64
        });
    }
}

/// Measures both builds, each time with a new process, and the most memory that it takes.
fn measure(
    earlier: &Path,
    folder: &Path,
    rounds: usize,
    name: &str,
    work: impl Fn(u16, Instant) -> f64,
) {
    let mut values = vec![Vec::new(); 2];
    let mut peaks = vec![Vec::new(); 2];
    for round in 0..rounds {
        for turn in 0..2 {
            let index = (round + turn) % 2;
            let peer = match index {
                0 => Peer::serving("before", earlier, folder, 18090),
                _ => Peer::ours(folder, 18090),
            };
            values[index].push(work(peer.port, Instant::now()));
            peaks[index].push(memory_mb(peer.pid(), "VmHWM"));
        }
    }
    print_row(name, &values);
    print_row(&format!("{name}: peak memory, MB"), &peaks);
}

fn print_row(name: &str, runs: &[Vec<f64>]) {
    let [before, after] = runs else { return };
    println!(
        "| {name} | {:.1} | {:.1} | {:.2} |",
        median(before),
        median(after),
        ratio(after, before)
    );
}
