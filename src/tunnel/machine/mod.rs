//! The life of a share's tunnel as a pure state machine: what it was told, what is to be done.
//!
//! A tunnel keeps its name over any number of cloudflareds. Here each of them is a [`Runner`]:
//! whenever nothing serves, or what serves is doubtful, another runner is started beside, and
//! the first one that registers stays.
//!
//! - `runners`: the cloudflareds of the moment
//! - `connecting`: from nothing, or from a loss, to a registered connection
//! - `serving`: while a connection is registered
//! - `pausing`: when to try again

mod connecting;
mod pausing;
mod runners;
mod serving;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::runners::RunnerId;
use self::{pausing::Backoff, runners::Runners};
use super::{
    api_error::ApiError,
    line::Line,
    problem::{self, Evidence},
    transport::{Transport, Transports},
};
use crate::app::{Problem, TunnelReport};

/// How long a cloudflared may take to end when the share is stopped; the whole has 3 s.
const STOP_GRACE: Duration = Duration::from_millis(1500);

/// Where a tunnel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelPhase {
    /// A cloudflared runs and has no name yet.
    Asking,
    /// The name is known, and it was never online; no connection is registered.
    Connecting,
    /// Registered; whether the edge routes the name is being found out.
    Checking,
    Online,
    /// It was online under this name, and no connection is registered.
    Reconnecting,
    /// Nothing runs; another attempt follows when the timer rings.
    Pausing,
    /// No cloudflared can be started: only the person can help, and now and then it is looked
    /// whether they have.
    GivenUp,
    /// Every cloudflared was asked to end.
    Stopping,
    Ended,
}

/// Whose tunnel it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The service gives out a name.
    Quick,
    /// The person's own, under this link.
    NamedTunnel { link: String },
}

/// What can ring. Each has one time at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Another runner is to join the race.
    Race,
    /// The runners that failed so far are to be replaced by fresh ones; while one serves, those
    /// that were to take over are given up.
    Fresh,
    /// It takes long enough to say what it waits for.
    NameServer,
    /// It takes long enough to tell the person.
    Tell,
    /// The edge has refused the tunnel for long enough.
    Refused,
    /// The pause is over.
    Pause,
    /// It has been online for long enough to forget its troubles.
    Settled,
    /// Time to ask the runner whether it is ready.
    Ready,
    /// Time to find out whether the link works.
    Probe,
    /// The stop took too long.
    Stop,
    /// This runner was asked to end and took too long.
    Kill(RunnerId),
}

/// What can happen to a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The proxy handed out the tunnel of this link.
    Named(String),
    /// The service gave no tunnel.
    Refused(ApiError),
    Said(RunnerId, Line),
    Exited(RunnerId, Option<i32>),
    /// This cloudflared could not be started, and trying again would not help.
    CantStart(RunnerId, Problem),
    /// The answer of a runner's `/ready`.
    Ready(RunnerId, bool),
    /// The answer to [`Output::AwaitRoute`].
    Routed(bool),
    /// Whether the link works that this runner serves, as a probe found.
    Probed(RunnerId, bool),
    Rang(Timer),
    /// This computer has no network any more, whatever cloudflared thinks of it.
    NetworkGone,
    /// Another network, or back from sleep: links may have died without a word.
    NetworkChanged(Transports),
    RetryNow,
    Stop,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Start(RunnerId, Transport),
    Terminate(RunnerId),
    Kill(RunnerId),
    /// Ring after this long; replaces the time that was set before.
    Set(Timer, Duration),
    Clear(Timer),
    /// Ask this runner's `/ready`.
    AskReady(RunnerId),
    /// Find out whether the link works, unless visitors have shown it since the last time or
    /// it was probed within the last minute.
    Probe(RunnerId),
    /// Find out, for some seconds, whether the edge routes the name yet.
    AwaitRoute(RunnerId),
    /// Drop the kept answer of the service: the next cloudflared gets a new name.
    Forget,
    /// This protocol got through.
    Remember(Transport),
    Report(TunnelReport),
}

/// The state machine of one tunnel.
#[derive(Debug)]
pub struct Machine {
    phase: TunnelPhase,
    kind: Kind,
    transports: Transports,
    runners: Runners,
    /// The public link, while it has one.
    link: Option<String>,
    /// The link was reported as online.
    was_online: bool,
    /// The trouble of the moment was told.
    is_told: bool,
    evidence: Evidence,
    /// How long this attempt may take before the person is told.
    tell_after: Duration,
    /// Attempts in a row that never registered.
    failures: u32,
    /// Serving cloudflareds that died since it was settled.
    deaths: u32,
    /// Names in a row that the edge refused.
    drops: u32,
    /// Replacements in a row that brought nothing.
    rotations: u32,
    /// Probes in a row that failed.
    failed_probes: u32,
    /// The service said 429: it is asked no earlier for anything but the person's wish.
    waits_for_service: bool,
    backoff: Backoff,
    out: Vec<Output>,
}

impl Machine {
    /// A tunnel that begins now, and what that takes. `seed` spreads the pauses.
    pub fn begin(kind: Kind, transports: Transports, seed: u64) -> (Self, Vec<Output>) {
        let mut machine = Self {
            phase: TunnelPhase::Asking,
            kind,
            transports,
            runners: Runners::default(),
            link: None,
            was_online: false,
            is_told: false,
            tell_after: connecting::TELL_AFTER,
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

    /// How often to look whether the network is another one; `None` when it does not matter.
    pub fn network_pace(&self) -> Option<Duration> {
        match self.phase {
            // What is shown as online must not be a lie for longer than this.
            TunnelPhase::Checking | TunnelPhase::Online => Some(Duration::from_secs(2)),
            TunnelPhase::Connecting | TunnelPhase::Reconnecting => Some(Duration::from_secs(1)),
            TunnelPhase::Pausing => Some(Duration::from_secs(5)),
            TunnelPhase::Asking
            | TunnelPhase::GivenUp
            | TunnelPhase::Stopping
            | TunnelPhase::Ended => None,
        }
    }

    /// Takes what happened; every phase has an answer to every input.
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

            (_, Input::Rang(timer)) => self.rang(timer),
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

    fn put(&mut self, output: Output) {
        self.out.push(output);
    }

    fn report(&mut self, report: TunnelReport) {
        self.put(Output::Report(report));
    }

    fn set(&mut self, timer: Timer, after: Duration) {
        self.put(Output::Set(timer, after));
    }

    fn clear(&mut self, timers: &[Timer]) {
        self.out
            .extend(timers.iter().map(|timer| Output::Clear(*timer)));
    }

    fn rang(&mut self, timer: Timer) {
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

    /// What a cloudflared says matters to the phase, and as evidence.
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

    fn start(&mut self, transport: Transport) -> RunnerId {
        let id = self.runners.add(transport);
        self.put(Output::Start(id, transport));
        id
    }

    /// Asks a runner to end; it counts no longer.
    fn retire(&mut self, id: RunnerId) {
        if self.runners.let_go(id) {
            self.put(Output::Terminate(id));
            self.set(Timer::Kill(id), runners::RETIREMENT);
        }
    }

    fn retire_all_but(&mut self, kept: Option<RunnerId>) {
        for id in self.runners.counted() {
            if Some(id) != kept {
                self.retire(id);
            }
        }
    }

    /// Another one that is under way may still do it; without one there is nothing to try.
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

    /// No timer of the phase that ends may ring in the next one.
    fn quiet(&mut self) {
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

    fn problem(&self, code: Option<i32>, retry_in: Option<Duration>) -> Problem {
        match self.kind {
            Kind::NamedTunnel { .. } if self.evidence.is_unauthorized() => {
                problem::token_refused(retry_in)
            }
            _ => self.evidence.problem(code, retry_in),
        }
    }
}
