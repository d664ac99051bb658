//! Gone means gone: whatever happened before, a stop leaves no process, within 3 s.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loopback_edge::{Fault, faults::Which, namespace};
use rustix::process::Signal;
use spot_serve::app::TunnelReport;
use tokio::time::{sleep, timeout};

use crate::rig::{LIMIT, Rig, cloudflareds, signal, until_cloudflareds, within};

const SEQUENCES: u32 = 200;

/// A random generator; a printed seed repeats its sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[test]
fn two_hundred_random_sequences_leave_no_process() {
    namespace::run(async {
        let seed = match std::env::var("SPOT_SERVE_TEST_SEED") {
            Ok(seed) => seed.parse().unwrap(),
            Err(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_nanos() as u64,
        };
        println!("SPOT_SERVE_TEST_SEED={seed}");
        let mut random = Random(seed);
        let mut rig = Rig::start(&[]).await;
        let mut ends = Vec::new();
        for sequence in 0..SEQUENCES {
            let mut done = Vec::new();
            for _ in 0..random.below(5) {
                let what = random.below(6);
                done.push(what);
                match what {
                    0 => drop(timeout(Duration::from_millis(1500), rig.online()).await),
                    1 => rig.fault(Fault::Cut(Which::All)).await,
                    2 => {
                        for pid in cloudflareds() {
                            signal(pid, Signal::KILL);
                        }
                    }
                    3 => {
                        for pid in cloudflareds() {
                            signal(pid, Signal::TERM);
                        }
                    }
                    4 => rig.tunnel.as_ref().unwrap().retry_now(),
                    _ => sleep(Duration::from_millis(random.below(300))).await,
                }
            }
            // Half of them are stopped; the others are dropped, as when the program quits.
            let took = if random.below(2) == 0 {
                rig.stop().await
            } else {
                drop(rig.tunnel.take());
                let begin = std::time::Instant::now();
                rig.report(|report| matches!(report, TunnelReport::Ended))
                    .await;
                until_cloudflareds(0).await;
                begin.elapsed()
            };
            ends.push(took);
            assert!(took <= LIMIT, "sequence {sequence} {done:?}: {took:?}");
            rig.start_again();
        }
        // The machine may pause during one of them.
        ends.sort();
        let median = ends[ends.len() / 2];
        println!("median end: {} ms", median.as_millis());
        assert!(median <= Duration::from_secs(3), "{ends:?}");
        rig.stop().await;
    });
}

#[test]
fn a_stop_with_a_request_in_flight_takes_at_most_3_s() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        rig.served(&link).await;
        // A request whose body never ends keeps cloudflared's grace period busy.
        let host = link.trim_start_matches("https://").to_owned();
        let mut stream = tokio::net::TcpStream::connect(rig.edge.public_addr())
            .await
            .unwrap();
        let ask = format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10\r\n\r\n12");
        tokio::io::AsyncWriteExt::write_all(&mut stream, ask.as_bytes())
            .await
            .unwrap();
        sleep(Duration::from_millis(300)).await;
        let begin = std::time::Instant::now();
        rig.stop().await;
        within(
            Duration::from_secs(3),
            begin,
            std::time::Instant::now(),
            "stopped",
        );
    });
}
