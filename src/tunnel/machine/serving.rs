//! While a connection is registered: is it routed, is it still there, does it really serve?

use std::time::Duration;

use super::{
    input::Timer,
    limits::{RACE_AFTER, TELL_AFTER},
    output::Output,
    phase::TunnelPhase,
    runners::{Runner, RunnerId},
    state::Machine,
};
use crate::{
    app::TunnelReport,
    tunnel::{problem::Evidence, transport::Transport},
};

/// How often to ask a runner whether it is ready.
const READY_EVERY: Duration = Duration::from_secs(15);
/// How often to check for visitors. Without any for a minute the link is probed, which takes up to
/// 10 s, and a replacement takes a few more. So an edge that freezes silently right after a visit
/// is noticed and replaced within 90 s.
const PROBE_EVERY: Duration = Duration::from_secs(30);
/// After this long online, earlier failures are forgotten.
const SETTLED_AFTER: Duration = Duration::from_secs(60);
/// A takeover is given up after this long: a silent DNS server costs it 30 s. Meanwhile probes
/// watch what serves.
const TAKEOVER_LIMIT: Duration = Duration::from_secs(90);
/// So many serving runners may die before pauses begin.
const DEATHS_WITHOUT_PAUSE: u32 = 12;

impl Machine {
    /// Registered: online at once if the link worked before, otherwise once the edge routes it.
    pub(super) fn serve(&mut self, id: RunnerId) {
        self.failures = 0;
        self.rotations = 0;
        self.is_told = false;
        self.tell_after = TELL_AFTER;
        self.evidence = Evidence::default();
        if self.was_online {
            self.online(true);
        } else {
            self.phase = TunnelPhase::Checking;
            self.report(TunnelReport::Connecting("checking the link…".into()));
            self.put(Output::AwaitRoute(id));
        }
    }

    /// The edge routes the name, or finding out took too long.
    pub(super) fn routed(&mut self, is_routed: bool) {
        self.was_online = true;
        self.online(is_routed);
    }

    fn online(&mut self, is_checked: bool) {
        self.phase = TunnelPhase::Online;
        if let Some(link) = self.link.clone() {
            self.report(TunnelReport::Online { link, is_checked });
        }
        self.set(Timer::Settled, SETTLED_AFTER);
        self.set(Timer::Ready, READY_EVERY);
        self.set(Timer::Probe, self.probe_pause());
    }

    /// Probes that fail while everything else works mean little, so they become rare.
    fn probe_pause(&self) -> Duration {
        match self.failed_probes {
            0 | 1 => PROBE_EVERY,
            more => PROBE_EVERY * 2_u32.pow(more.min(6)),
        }
    }

    pub(super) fn settled(&mut self) {
        self.deaths = 0;
        self.drops = 0;
    }

    pub(super) fn look(&mut self) {
        if let Some(id) = self.runners.serving() {
            self.put(Output::AskReady(id));
        }
        self.set(Timer::Ready, READY_EVERY);
    }

    pub(super) fn probe(&mut self) {
        if let Some(id) = self.runners.serving() {
            self.put(Output::Probe(id));
        }
        self.set(Timer::Probe, self.probe_pause());
    }

    /// The runner reports that it has no connection.
    pub(super) fn ready(&mut self, id: RunnerId, is_ready: bool) {
        if is_ready || self.runners.serving() != Some(id) {
            return;
        }
        if let Some(runner) = self.runners.get(id) {
            runner.connections.clear();
        }
        self.lose();
    }

    pub(super) fn probed(&mut self, id: RunnerId, works: bool) {
        if works {
            self.failed_probes = 0;
            return;
        }
        if self.runners.serving() != Some(id) {
            return;
        }
        self.failed_probes += 1;
        if let Some(runner) = self.runners.get(id) {
            runner.is_doubted = true;
        }
        self.lose();
        self.race();
    }

    /// Over HTTP/2 cloudflared does not notice that for minutes. Its connection may survive if the
    /// network is back soon, so it stays until another one registers.
    pub(super) fn network_gone(&mut self) {
        if let Some(id) = self.runners.serving()
            && let Some(runner) = self.runners.get(id)
        {
            runner.is_doubted = true;
        }
        self.lose();
    }

    /// Starts another runner beside those whose connections are all in doubt. It takes over.
    pub(super) fn join_doubted(&mut self) {
        let is_under_way = |runner: &Runner| runner.connections.is_empty();
        if !self.runners.iter().any(is_under_way) {
            self.start(self.transports.first);
        }
    }

    /// A runner has lost one of its connections. It may have others.
    pub(super) fn lost(&mut self, id: RunnerId, index: u8) {
        let was_serving = self.runners.serving() == Some(id);
        if let Some(runner) = self.runners.get(id) {
            runner.connections.remove(&index);
        }
        let serves = matches!(self.phase, TunnelPhase::Online | TunnelPhase::Checking);
        if serves && was_serving && self.runners.serving().is_none() {
            self.lose();
        }
    }

    /// A runner ended while one serves, or it was the one that served.
    pub(super) fn server_died(&mut self, gone: Runner, code: Option<i32>) {
        if self.runners.serving().is_some() {
            return;
        }
        self.deaths += 1;
        self.lose();
        if !self.runners.counted().is_empty() {
            return;
        }
        if self.deaths <= DEATHS_WITHOUT_PAUSE {
            self.start(gone.transport);
            self.set(Timer::Race, RACE_AFTER);
        } else {
            let wait = self.backoff.of_failure(self.deaths - DEATHS_WITHOUT_PAUSE);
            let problem = self.problem(code, Some(wait));
            self.pause(wait, problem);
        }
    }

    /// Starts a runner that takes over once it registers. Until then this one serves.
    pub(super) fn take_over(&mut self) {
        let is_under_way = self.runners.iter().any(|runner| !runner.was_registered);
        if is_under_way {
            return;
        }
        self.start_takeover(self.transports.first);
        self.set(Timer::Race, RACE_AFTER);
        self.set(Timer::Fresh, TAKEOVER_LIMIT);
    }

    fn start_takeover(&mut self, transport: Transport) {
        let id = self.start(transport);
        if let Some(runner) = self.runners.get(id) {
            runner.takes_over = true;
        }
    }

    /// The takeover does not get through: tries the other transport too.
    pub(super) fn race_to_take_over(&mut self) {
        let tried: Vec<Transport> = self
            .runners
            .iter()
            .filter(|runner| runner.takes_over)
            .map(|runner| runner.transport)
            .collect();
        let other = [Transport::Http2, Transport::Quic]
            .into_iter()
            .find(|transport| self.transports.has(*transport) && !tried.contains(transport));
        if let Some(transport) = other.filter(|_| !tried.is_empty()) {
            self.start_takeover(transport);
        }
    }

    /// The takeover failed. What serves still does.
    pub(super) fn give_up_takeover(&mut self) {
        let serving = self.runners.serving();
        self.retire_all_but(serving);
    }
}
