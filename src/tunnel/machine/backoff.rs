//! Growing pauses between attempts.

use std::time::Duration;

/// The shortest pause.
pub const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// The first pause after the edge refused two names in a row.
const FIRST_DROP: Duration = Duration::from_secs(60);
const LONGEST_DROP: Duration = Duration::from_secs(3600);
/// The first pause after a fault of the service.
const SERVICE_FIRST: Duration = Duration::from_secs(5);

/// Pauses that grow, with jitter so that many programs do not come back at once.
#[derive(Debug)]
pub struct Backoff(u64);

impl Backoff {
    /// Pauses whose jitter depends on `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 1 s to 5 min, doubling with each failure.
    pub fn of_failure(&mut self, failures: u32) -> Duration {
        self.spread(grown(FIRST, failures)).clamp(FIRST, LONGEST)
    }

    /// From 5 s to 5 min, doubling with each failure.
    pub fn of_service(&mut self, failures: u32) -> Duration {
        self.spread(grown(SERVICE_FIRST, failures))
            .clamp(FIRST, LONGEST)
    }

    /// From 1 min to 1 h, doubling with each dropped name.
    pub fn of_drop(&mut self, drops: u32) -> Duration {
        self.spread(grown(FIRST_DROP, drops.saturating_sub(1)))
            .clamp(FIRST_DROP, LONGEST_DROP)
    }

    /// Adds or removes up to a quarter.
    fn spread(&mut self, pause: Duration) -> Duration {
        // SplitMix64: small and random enough.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let per_mille = 750 + (mixed >> 33) as u32 % 501;
        pause * per_mille / 1000
    }
}

/// `first` for the first failure, doubled for each further one.
fn grown(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(12)))
}
