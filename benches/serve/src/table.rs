//! The measurements, printed as tables.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::data::{Data, LARGE_BYTES};
use crate::load::{Kind, Target, download, download_start, list_drive, open, requests_per_second};
use crate::peers::Peer;
use crate::process::{cpu, memory_mb, pss_mb};
use crate::tunnel::{Edge, Tunnel};

/// Small requests: all servers alternately, with ratios to nginx in both ways, miniserve and dufs.
pub fn requests(peers: &[Peer], time: Duration, rounds: usize) {
    println!(
        "| requests/s (CPU µs each) | {} | vs nginx | vs nginx with open_file_cache | vs miniserve | vs dufs | goal |",
        names(peers)
    );
    println!("|---|{}---|---|---|---|---|", "---|".repeat(peers.len()));
    for (name, kind, connections, wanted) in [
        ("hot, 1 connection", Kind::Hot, 1, "nginx 1.0"),
        ("hot, 16 connections", Kind::Hot, 16, "nginx 1.1"),
        ("hot, 100 connections", Kind::Hot, 100, "nginx 1.1"),
        ("small, 1 connection", Kind::Small, 1, "nginx 1.0"),
        ("small, 16 connections", Kind::Small, 16, "nginx 1.1"),
        ("small, 100 connections", Kind::Small, 100, "nginx 1.1"),
        ("304, 1 connection", Kind::NotModified, 1, "nginx 1.1"),
        ("304, 16 connections", Kind::NotModified, 16, "nginx 1.1"),
        ("64 KiB range, 16 connections", Kind::Range, 16, "nginx 1.0"),
    ] {
        let (runs, costs) = speeds_and_costs(peers, rounds, time, |_, peer| {
            requests_per_second(&peer.target(), kind, connections, time)
        });
        let cells: Vec<String> = runs
            .iter()
            .zip(&costs)
            .map(|(runs, costs)| format!("{:.0} ({:.0})", median(runs), median(costs)))
            .collect();
        println!(
            "| {name} | {} | {:.2} (CPU {:.2}) | {:.2} (CPU {:.2}) | {:.1} | {:.1} | {wanted} |",
            cells.join(" | "),
            ratio(&runs[0], &runs[1]),
            ratio(&costs[0], &costs[1]),
            ratio(&runs[0], &runs[5]),
            ratio(&costs[0], &costs[5]),
            ratio(&runs[0], &runs[3]),
            ratio(&runs[0], &runs[4]),
        );
    }
    println!();
}

/// The large file: speed and processor time.
pub fn large(peers: &[Peer], rounds: usize) {
    println!(
        "| 2 GiB file: GiB/s (CPU s/GiB) | {} | vs nginx | vs miniserve | goal |",
        names(peers)
    );
    println!("|---|{}---|---|---|", "---|".repeat(peers.len()));
    for connections in [1, 8] {
        let runs = Downloads::of(peers, connections, rounds);
        println!(
            "| {connections} connections | {} | {} | {} | nginx 0.75 (CPU 1.6), miniserve 2 (CPU 0.5) |",
            runs.cells(),
            runs.versus(1),
            runs.versus(3),
        );
    }
    println!();
}

/// The large file over a network: ours and nginx.
pub fn large_over_network(peers: &[Peer], rounds: usize) {
    println!(
        "| 2 GiB file: GiB/s (CPU s/GiB) | {} | vs nginx | goal |",
        names(peers)
    );
    println!("|---|---|---|---|---|");
    for connections in [1, 8] {
        let runs = Downloads::of(peers, connections, rounds);
        println!(
            "| {connections} connections | {} | {} | 0.9 |",
            runs.cells(),
            runs.versus(1)
        );
    }
    println!();
}

/// Downloads of the large file from each server.
struct Downloads {
    /// GiB/s.
    speeds: Vec<Vec<f64>>,
    /// Seconds of processor time for each GiB.
    costs: Vec<Vec<f64>>,
}

impl Downloads {
    fn of(peers: &[Peer], connections: usize, rounds: usize) -> Self {
        let mut costs = vec![Vec::new(); peers.len()];
        let speeds = rounds_of(peers, rounds, |index, peer| {
            let before = cpu(peer.pid());
            let speed = download(&peer.target(), "/large.bin", connections);
            let used = (cpu(peer.pid()) - before).as_secs_f64();
            let gib = (LARGE_BYTES >> 30) as f64 * connections as f64;
            costs[index].push(used / gib);
            speed / (1 << 30) as f64
        });
        Self { speeds, costs }
    }

    /// A cell for each server.
    fn cells(&self) -> String {
        let cells = self.speeds.iter().zip(&self.costs);
        cells
            .map(|(speed, cost)| format!("{:.1} ({:.2})", median(speed), median(cost)))
            .collect::<Vec<_>>()
            .join(" | ")
    }

    /// Ours against another server.
    fn versus(&self, peer: usize) -> String {
        format!(
            "{:.2} (CPU {:.2})",
            ratio(&self.speeds[0], &self.speeds[peer]),
            ratio(&self.costs[0], &self.costs[peer]),
        )
    }
}

/// How much of the large file is downloaded through a tunnel.
const THROUGH_BYTES: u64 = 512 << 20;

/// Our server and nginx, each behind its own cloudflared.
pub fn through_tunnel(
    peers: &[Peer],
    cloudflared: &Path,
    edge: &Path,
    time: Duration,
    rounds: usize,
) {
    println!("| through cloudflared | spot-serve | nginx | vs nginx | goal |");
    println!("|---|---|---|---|---|");
    let peers = &peers[..2];
    for protocol in ["quic", "http2"] {
        let edge = Edge::start(edge);
        let tunnels: Vec<_> = peers
            .iter()
            .map(|peer| Tunnel::start(cloudflared, &edge, protocol, peer.port))
            .collect();
        let (small, costs) = speeds_and_costs(peers, rounds, time, |index, _| {
            requests_per_second(&tunnels[index].target, Kind::Small, 32, time)
        });
        println!(
            "| {protocol}, small, 32 connections: requests/s (CPU µs of the origin) | {:.0} ({:.0}) | {:.0} ({:.0}) | {:.2} | 1.0 |",
            median(&small[0]),
            median(&costs[0]),
            median(&small[1]),
            median(&costs[1]),
            ratio(&small[0], &small[1]),
        );
        let big = rounds_of(peers, rounds, |index, _| {
            let target = &tunnels[index].target;
            download_start(target, "/large.bin", THROUGH_BYTES) / (1 << 20) as f64
        });
        println!(
            "| {protocol}, one big file, MiB/s | {:.0} | {:.0} | {:.2} | 1.0 |",
            median(&big[0]),
            median(&big[1]),
            ratio(&big[0], &big[1]),
        );
    }
    println!();
}

/// Measurements of our server alone, with a new process for each.
pub fn alone(data: &Data, rounds: usize) {
    println!("| alone | median | memory peak, MB | goal |");
    println!("|---|---|---|---|");
    for (what, address, goal) in [
        ("listing", "/?page=1", "50 ms"),
        ("all rows", "/?all", "100 ms"),
    ] {
        let first = measure(rounds, &data.many, |port| {
            let begun = Instant::now();
            let _response = open(&Target::of(port), address);
            begun.elapsed().as_secs_f64() * 1e3
        });
        print_row(&format!("{what} of 100,000: first byte, ms"), first, goal);
        let whole = measure(rounds, &data.many, |port| {
            let begun = Instant::now();
            download(&Target::of(port), address, 1);
            begun.elapsed().as_secs_f64() * 1e3
        });
        print_row(&format!("{what} of 100,000: whole, ms"), whole, "60 MB");
    }
    let drive = measure(rounds, &data.many, |port| {
        let begun = Instant::now();
        let answer = list_drive(&Target::of(port));
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let entries = String::from_utf8_lossy(&answer)
            .matches("</D:response>")
            .count();
        assert_eq!(entries, 100_001, "the folder and all that is in it");
        took
    });
    print_row(
        "a drive's list of 100,000 (PROPFIND): whole, ms",
        drive,
        "2,000 ms, 60 MB",
    );
    let mib = (1 << 20) as f64;
    let zip = measure(rounds, &data.archive, |port| {
        download(&Target::of(port), "/?archive=zip", 1) / mib
    });
    print_row("zip of 50,000 small files, MiB/s", zip, "500 MiB/s, 40 MB");
    let zip = measure(rounds, &data.photos, |port| {
        download(&Target::of(port), "/?archive=zip", 1) / mib
    });
    print_row("zip of 500 photos, MiB/s", zip, "1,500 MiB/s, 40 MB");
    for (name, path) in [
        ("100 slow downloads", "/large.bin"),
        ("100 slow zips", "/?archive=zip"),
    ] {
        let slow = measure(1, &data.root, |port| {
            let downloads: Vec<_> = (0..100).map(|_| open(&Target::of(port), path)).collect();
            // Let the server fill its buffers for visitors who don't read.
            std::thread::sleep(Duration::from_secs(1));
            downloads.len() as f64
        });
        print_row(name, slow, "25 MB");
    }
    let start = measure_starts(rounds * 4, &data.root);
    println!(
        "| start to first byte, ms | {:.1} | | 15 ms |",
        median(&start)
    );
    let peer = Peer::ours(&data.root, 18090);
    drop(open(&Target::of(peer.port), "/small/1.bin"));
    println!(
        "| memory idle after a visit (PSS), MB | {:.1} | | |",
        pss_mb(peer.pid())
    );
}

fn measure(rounds: usize, folder: &Path, work: impl Fn(u16) -> f64) -> (Vec<f64>, Vec<f64>) {
    let mut values = Vec::new();
    let mut peaks = Vec::new();
    for _ in 0..rounds {
        let peer = Peer::ours(folder, 18090);
        values.push(work(peer.port));
        peaks.push(memory_mb(peer.pid(), "VmHWM"));
    }
    (values, peaks)
}

fn measure_starts(rounds: usize, folder: &Path) -> Vec<f64> {
    (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            let peer = Peer::ours(folder, 18090);
            drop(open(&Target::of(peer.port), "/small/1.bin"));
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect()
}

fn print_row(name: &str, (values, peaks): (Vec<f64>, Vec<f64>), wanted: &str) {
    println!(
        "| {name} | {:.1} | {:.1} | {wanted} |",
        median(&values),
        median(&peaks)
    );
}

/// Measures the servers alternately. Each round starts with another server, because the first one pays
/// for reading files from the disk.
pub fn rounds_of(
    peers: &[Peer],
    rounds: usize,
    mut run: impl FnMut(usize, &Peer) -> f64,
) -> Vec<Vec<f64>> {
    let mut runs = vec![Vec::new(); peers.len()];
    for round in 0..rounds {
        for turn in 0..peers.len() {
            let index = (round + turn) % peers.len();
            runs[index].push(run(index, &peers[index]));
        }
    }
    runs
}

/// Requests per second of each server, and the CPU µs that a request costs it.
pub fn speeds_and_costs(
    peers: &[Peer],
    rounds: usize,
    time: Duration,
    mut speed_of: impl FnMut(usize, &Peer) -> f64,
) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut costs = vec![Vec::new(); peers.len()];
    let speeds = rounds_of(peers, rounds, |index, peer| {
        let before = cpu(peer.pid());
        let speed = speed_of(index, peer);
        let used = (cpu(peer.pid()) - before).as_secs_f64();
        costs[index].push(used * 1e6 / (speed * time.as_secs_f64()));
        speed
    });
    (speeds, costs)
}

/// The median of the ratios of paired runs.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> f64 {
    let ratios: Vec<f64> = ours
        .iter()
        .zip(theirs)
        .map(|(ours, theirs)| ours / theirs)
        .collect();
    median(&ratios)
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A cell for each server.
pub fn names<P: std::borrow::Borrow<Peer>>(peers: &[P]) -> String {
    peers
        .iter()
        .map(|peer| peer.borrow().name)
        .collect::<Vec<_>>()
        .join(" | ")
}
