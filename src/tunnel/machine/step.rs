//! Which input does what in which phase.

use std::time::Duration;

use super::{
    backoff::Backoff,
    input::{Input, Timer},
    limits::TELL_AFTER,
    output::Output,
    phase::TunnelPhase,
    runners::{RunnerId, Runners},
    state::Machine,
};
use crate::{
    app::{Problem, TunnelReport},
    tunnel::{line::Line, problem::Evidence, transport::Transports},
};

/// How long a cloudflared may take to end when the share is stopped. Stopping may take 3 s.
const STOP_GRACE: Duration = Duration::from_millis(1500);

impl Machine {
    /// A new tunnel and what to do first. `fixed_link` is the link of a named tunnel. `seed` spreads
    /// the pauses.
    pub fn begin(
        fixed_link: Option<String>,
        transports: Transports,
        seed: u64,
    ) -> (Self, Vec<Output>) {
        let mut machine = Self {
            phase: TunnelPhase::Asking,
            fixed_link,
            transports,
            runners: Runners::default(),
            link: None,
            was_online: false,
            is_told: false,
            tell_after: TELL_AFTER,
            evidence: Evidence::default(),
            failures: 0,
            deaths: 0,
            drops: 0,
            rotations: 0,
            failed_probes: 0,
            waits_for_service: false,
            backoff: Backoff::new(seed),
            out: Vec::new(),
        };
        machine.start_over();
        let outputs = std::mem::take(&mut machine.out);
        (machine, outputs)
    }

    pub fn has_ended(&self) -> bool {
        self.phase == TunnelPhase::Ended
    }

    /// How often to check for a network change; `None` if it does not matter now.
    pub fn network_pace(&self) -> Option<Duration> {
        match self.phase {
            // A link must not be shown as online for longer than this if it is not.
            TunnelPhase::Checking | TunnelPhase::Online => Some(Duration::from_secs(2)),
            TunnelPhase::Connecting | TunnelPhase::Reconnecting => Some(Duration::from_secs(1)),
            TunnelPhase::Pausing => Some(Duration::from_secs(5)),
            TunnelPhase::Asking
            | TunnelPhase::GivenUp
            | TunnelPhase::Stopping
            | TunnelPhase::Ended => None,
        }
    }

    /// Handles an input. Every phase has an answer to every input.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        match (self.phase, input) {
            (TunnelPhase::Ended, _) => {}
            (_, Input::Stop) => self.stop(),
            (_, Input::Exited(id, code)) => self.exited(id, code),
            (_, Input::Rang(Timer::Kill(id))) => self.put(Output::Kill(id)),
            (TunnelPhase::Stopping, Input::CantStart(id, _)) => self.exited(id, None),
            (TunnelPhase::Stopping, Input::Rang(Timer::Stop)) => {
                let all = self.runners.ids();
                self.out.extend(all.into_iter().map(Output::Kill));
            }
            (TunnelPhase::Stopping, _) => {}

            (_, Input::Said(id, line)) => self.hear(id, line),
            (_, Input::CantStart(id, problem)) => self.cant_start(id, problem),

            (TunnelPhase::Asking, Input::Named(link)) => self.named(link),
            (_, Input::Named(link)) => self.named_late(link),
            (TunnelPhase::Asking, Input::Refused(error)) => self.refused(error),
            (_, Input::Refused(_)) => {}

            (_, Input::Rang(timer)) => self.fired(timer),
            (TunnelPhase::Online, Input::Ready(id, is_ready)) => self.ready(id, is_ready),
            (_, Input::Ready(..)) => {}
            (TunnelPhase::Checking, Input::Routed(is_routed)) => self.routed(is_routed),
            (_, Input::Routed(_)) => {}
            (TunnelPhase::Online, Input::Probed(id, works)) => self.probed(id, works),
            (_, Input::Probed(..)) => {}

            (TunnelPhase::Pausing, Input::RetryNow) => self.start_over(),
            (TunnelPhase::GivenUp, Input::RetryNow) => self.start_over(),
            (TunnelPhase::Connecting | TunnelPhase::Reconnecting, Input::RetryNow) => {
                self.refresh(true)
            }
            (_, Input::RetryNow) => {}

            (TunnelPhase::Online | TunnelPhase::Checking, Input::NetworkGone) => {
                self.network_gone()
            }
            (_, Input::NetworkGone) => {}
            (_, Input::NetworkChanged(transports)) => self.network_changed(transports),
        }
        std::mem::take(&mut self.out)
    }

    fn network_changed(&mut self, transports: Transports) {
        self.transports = transports;
        match self.phase {
            TunnelPhase::Pausing => self.network_came(),
            TunnelPhase::Connecting | TunnelPhase::Reconnecting => {
                self.refresh(true);
                self.join_doubted();
            }
            TunnelPhase::Online | TunnelPhase::Checking => self.take_over(),
            TunnelPhase::Asking
            | TunnelPhase::GivenUp
            | TunnelPhase::Stopping
            | TunnelPhase::Ended => {}
        }
    }

    fn fired(&mut self, timer: Timer) {
        use TunnelPhase::{Asking, Checking, Connecting, GivenUp, Online, Pausing, Reconnecting};
        match (timer, self.phase) {
            (Timer::Race, Connecting | Reconnecting) => self.race(),
            (Timer::Race, Online | Checking) => self.race_to_take_over(),
            (Timer::Fresh, Connecting | Reconnecting) => self.refresh(false),
            (Timer::Fresh, Online | Checking) => self.give_up_takeover(),
            (Timer::NameServer, Connecting) => self.name_server(),
            (Timer::Tell, Asking) => self.asks_in_vain(),
            (Timer::Tell, Connecting | Reconnecting | Pausing) => self.tell(),
            (Timer::Refused, Connecting | Reconnecting) => self.drop_name(),
            (Timer::Pause, Pausing | GivenUp) => self.start_over(),
            (Timer::Settled, Online) => self.settled(),
            (Timer::Ready, Online) => self.look(),
            (Timer::Probe, Online) => self.probe(),
            _ => {}
        }
    }

    /// A line matters to the phase and as evidence.
    fn hear(&mut self, id: RunnerId, line: Line) {
        if !self.runners.is_counted(id) {
            return;
        }
        match line {
            Line::Metrics(_) => {}
            Line::Dials => self.runners.mark_dialled(id),
            Line::Registered { index, .. } => self.registered(id, index),
            Line::Lost { index, error } => {
                self.runners.mark_dialled(id);
                if error.is_some() {
                    self.evidence.last_error = error;
                }
                self.lost(id, index);
            }
            Line::Unauthorized(error) => {
                self.runners.mark_dialled(id);
                self.evidence.last_error = Some(error);
                self.unauthorized(id);
            }
            Line::Usage(why) => {
                self.evidence.last_error = Some(why);
                self.evidence.is_usage = true;
            }
            Line::Error(_) if self.evidence.is_usage => {}
            Line::Error(error) => self.evidence.last_error = Some(error),
        }
    }

    /// If another runner is under way, it may still succeed. Otherwise there is nothing to try.
    fn cant_start(&mut self, id: RunnerId, problem: Problem) {
        let is_only = self.runners.counted() == [id];
        if !is_only {
            return self.exited(id, None);
        }
        self.runners.remove(id);
        self.give_up(problem);
    }

    fn exited(&mut self, id: RunnerId, code: Option<i32>) {
        let Some(gone) = self.runners.remove(id) else {
            return;
        };
        self.clear(&[Timer::Kill(id)]);
        match self.phase {
            TunnelPhase::Stopping if self.runners.ids().is_empty() => self.end(),
            TunnelPhase::Stopping
            | TunnelPhase::Pausing
            | TunnelPhase::GivenUp
            | TunnelPhase::Ended => {}
            _ if !gone.counts => {}
            TunnelPhase::Asking => self.fail(code),
            TunnelPhase::Connecting | TunnelPhase::Reconnecting => self.candidate_died(code),
            TunnelPhase::Online | TunnelPhase::Checking => self.server_died(gone, code),
        }
    }

    fn stop(&mut self) {
        if self.phase == TunnelPhase::Stopping {
            return;
        }
        self.quiet();
        let all = self.runners.ids();
        if all.is_empty() {
            return self.end();
        }
        self.phase = TunnelPhase::Stopping;
        self.out.extend(all.into_iter().map(Output::Terminate));
        self.set(Timer::Stop, STOP_GRACE);
    }

    fn end(&mut self) {
        self.phase = TunnelPhase::Ended;
        self.report(TunnelReport::Ended);
    }
}
