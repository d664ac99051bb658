//! What the machine knows, and the steps that all phases use.

use std::time::Duration;

use super::{
    backoff::Backoff,
    input::Timer,
    output::Output,
    phase::TunnelPhase,
    runners::{RETIREMENT, RunnerId, Runners},
};
use crate::{
    app::{Problem, TunnelReport},
    tunnel::{
        problem::{self, Evidence},
        transport::{Transport, Transports},
    },
};

/// The state machine of one tunnel.
#[derive(Debug)]
pub struct Machine {
    pub(super) phase: TunnelPhase,
    /// The link of a named tunnel, which never changes; `None` for a quick tunnel.
    pub(super) fixed_link: Option<String>,
    pub(super) transports: Transports,
    pub(super) runners: Runners,
    /// The public link, once there is one.
    pub(super) link: Option<String>,
    /// The link was reported as online.
    pub(super) was_online: bool,
    /// The current problem was reported.
    pub(super) is_told: bool,
    pub(super) evidence: Evidence,
    /// How long this attempt may take before it is reported as a problem.
    pub(super) tell_after: Duration,
    /// Attempts in a row that never registered.
    pub(super) failures: u32,
    /// Serving cloudflareds that died since the tunnel settled.
    pub(super) deaths: u32,
    /// Names in a row that the edge refused.
    pub(super) drops: u32,
    /// Replacements in a row that did not help.
    pub(super) rotations: u32,
    /// Probes in a row that failed.
    pub(super) failed_probes: u32,
    /// The service answered 429: only the user may have it asked earlier.
    pub(super) waits_for_service: bool,
    pub(super) backoff: Backoff,
    pub(super) out: Vec<Output>,
}

impl Machine {
    pub(super) fn put(&mut self, output: Output) {
        self.out.push(output);
    }

    pub(super) fn report(&mut self, report: TunnelReport) {
        self.put(Output::Report(report));
    }

    pub(super) fn set(&mut self, timer: Timer, after: Duration) {
        self.put(Output::Set(timer, after));
    }

    pub(super) fn clear(&mut self, timers: &[Timer]) {
        self.out
            .extend(timers.iter().map(|timer| Output::Clear(*timer)));
    }

    pub(super) fn start(&mut self, transport: Transport) -> RunnerId {
        let id = self.runners.add(transport);
        self.put(Output::Start(id, transport));
        id
    }

    /// Asks a runner to end. From now on it does not count.
    pub(super) fn retire(&mut self, id: RunnerId) {
        if self.runners.let_go(id) {
            self.put(Output::Terminate(id));
            self.set(Timer::Kill(id), RETIREMENT);
        }
    }

    pub(super) fn retire_all_but(&mut self, kept: Option<RunnerId>) {
        for id in self.runners.counted() {
            if Some(id) != kept {
                self.retire(id);
            }
        }
    }

    /// Clears the timers of the phase that ends, so that none fires in the next one.
    pub(super) fn quiet(&mut self) {
        self.clear(&[
            Timer::Race,
            Timer::Fresh,
            Timer::NameServer,
            Timer::Tell,
            Timer::Refused,
            Timer::Pause,
            Timer::Settled,
            Timer::Ready,
            Timer::Probe,
        ]);
    }

    pub(super) fn problem(&self, code: Option<i32>, retry_in: Option<Duration>) -> Problem {
        if self.is_token_refused() {
            problem::token_refused(retry_in)
        } else {
            self.evidence.problem(code, retry_in)
        }
    }

    /// Whether Cloudflare refuses the token or credentials of a named tunnel.
    pub(super) fn is_token_refused(&self) -> bool {
        self.fixed_link.is_some() && self.evidence.is_unauthorized()
    }
}
