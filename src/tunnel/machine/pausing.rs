//! When to try again, and what is said until then.

use std::time::Duration;

use super::{Machine, Timer, TunnelPhase};
use crate::{
    app::{Problem, TunnelReport},
    tunnel::api_error::ApiError,
};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// What only the person can mend is tried as if it had failed so often more: the first time
/// after some 8 s.
const SELDOM: u32 = 3;
/// The first pause after the edge refused two names in a row.
const FIRST_DROP: Duration = Duration::from_secs(60);
const LONGEST_DROP: Duration = Duration::from_secs(3600);
/// The service is asked again no sooner than this when it has a fault of its own.
const SERVICE_FIRST: Duration = Duration::from_secs(5);
/// How long the service is left alone that said 429 and nothing is known of a cool-down.
const TOO_MANY: Duration = Duration::from_secs(60);

/// Pauses that grow, spread by chance so that many do not come at once.
#[derive(Debug)]
pub(super) struct Backoff(u64);

impl Backoff {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 1 s to 5 min, doubling with each failure from the first on.
    pub fn of_failure(&mut self, failures: u32) -> Duration {
        self.spread(grown(FIRST, failures)).clamp(FIRST, LONGEST)
    }

    fn of_service(&mut self, failures: u32) -> Duration {
        self.spread(grown(SERVICE_FIRST, failures))
            .clamp(FIRST, LONGEST)
    }

    pub fn of_drop(&mut self, drops: u32) -> Duration {
        self.spread(grown(FIRST_DROP, drops.saturating_sub(1)))
            .clamp(FIRST_DROP, LONGEST_DROP)
    }

    /// Up to a quarter more or less.
    fn spread(&mut self, pause: Duration) -> Duration {
        // SplitMix64: small, and good enough to be apart from each other.
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

impl Machine {
    /// Nothing runs until the timer rings.
    pub(super) fn pause(&mut self, wait: Duration, problem: Problem) {
        self.retire_all_but(None);
        self.phase = TunnelPhase::Pausing;
        self.set(Timer::Pause, wait);
        if !self.was_online {
            self.is_told = true;
            self.clear(&[Timer::Tell]);
            self.report(TunnelReport::Down(problem));
        } else if self.is_told || self.failures > 1 {
            self.is_told = true;
            self.report(TunnelReport::StillReconnecting(problem));
        }
    }

    /// The only cloudflared of the attempt ended before it was registered.
    pub(super) fn fail(&mut self, code: Option<i32>) {
        self.clear(&[Timer::Race, Timer::Fresh, Timer::NameServer, Timer::Refused]);
        self.failures += 1;
        let wait = self.backoff.of_failure(self.failures);
        let problem = self.problem(code, Some(wait));
        self.pause(wait, problem);
    }

    /// No cloudflared can be started. That may pass by itself (no memory, a sidecar that is just
    /// being replaced), and a link that was online is not said to be lost for a first time.
    pub(super) fn give_up(&mut self, problem: Problem) {
        self.quiet();
        self.phase = TunnelPhase::GivenUp;
        self.failures += 1;
        if self.was_online && self.failures == 1 {
            self.set(Timer::Pause, FIRST);
            self.report(TunnelReport::Reconnecting);
        } else {
            let wait = self.backoff.of_failure(self.failures + SELDOM);
            self.set(Timer::Pause, wait);
            self.report(TunnelReport::Down(problem));
        }
    }

    /// A runner of the race ended; the others go on.
    pub(super) fn candidate_died(&mut self, code: Option<i32>) {
        if self.runners.counted().is_empty() {
            self.fail(code);
        }
    }

    /// The service gave no tunnel; the cloudflared that asked ends by itself.
    pub(super) fn refused(&mut self, error: ApiError) {
        self.quiet();
        self.failures += 1;
        let wait = match &error {
            ApiError::TooMany { wait } => wait.unwrap_or(TOO_MANY),
            ApiError::TooManyBefore { wait } => *wait,
            ApiError::Status { .. } | ApiError::Nonsense | ApiError::NoAnswer { .. } => {
                self.backoff.of_service(self.failures)
            }
            _ => self.backoff.of_failure(self.failures),
        };
        let problem = Problem {
            short: error.short().into(),
            sentence: error.sentence(),
            retry_in: Some(wait),
            needs_download: false,
        };
        self.waits_for_service = matches!(
            error,
            ApiError::TooMany { .. } | ApiError::TooManyBefore { .. }
        );
        self.pause(wait, problem);
    }

    /// A cloudflared that never asks for its tunnel does not work at all.
    pub(super) fn asks_in_vain(&mut self) {
        self.evidence.is_silent = true;
        self.fail(None);
    }

    /// Whatever was missing may be there now; only the service is not asked earlier for it.
    pub(super) fn network_came(&mut self) {
        if !self.waits_for_service {
            self.start_over();
        }
    }
}
