//! When to try again, and what to report until then.

use std::time::Duration;

use super::{backoff::FIRST, input::Timer, phase::TunnelPhase, state::Machine};
use crate::{
    app::{Problem, TunnelReport},
    tunnel::api_error::ApiError,
};

/// Problems only the user can fix wait as long as after this many more failures: 8 s at first.
const SELDOM: u32 = 3;
/// The pause after a 429 if no cool-down is known.
const TOO_MANY: Duration = Duration::from_secs(60);

impl Machine {
    /// Runs nothing until the timer fires.
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

    /// The only cloudflared of the attempt ended before it registered.
    pub(super) fn fail(&mut self, code: Option<i32>) {
        self.clear(&[Timer::Race, Timer::Fresh, Timer::NameServer, Timer::Refused]);
        self.failures += 1;
        let wait = self.backoff.of_failure(self.failures);
        let problem = self.problem(code, Some(wait));
        self.pause(wait, problem);
    }

    /// No cloudflared can be started. That may pass (no memory, a sidecar that is being replaced),
    /// so a link that was online is not reported as down the first time.
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

    /// A runner of the race ended. The others continue.
    pub(super) fn candidate_died(&mut self, code: Option<i32>) {
        if self.runners.counted().is_empty() {
            self.fail(code);
        }
    }

    /// The service gave no tunnel. The cloudflared that asked ends on its own.
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

    /// A cloudflared that never asks for its tunnel does not work.
    pub(super) fn asks_in_vain(&mut self) {
        self.evidence.is_silent = true;
        self.fail(None);
    }

    /// What was missing may be there now. The service is still not asked earlier.
    pub(super) fn network_came(&mut self) {
        if !self.waits_for_service {
            self.start_over();
        }
    }
}
