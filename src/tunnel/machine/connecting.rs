//! From nothing, or from a lost connection, to a registered one.

use std::time::Duration;

use super::{
    input::Timer, limits::RACE_AFTER, output::Output, phase::TunnelPhase, runners::RunnerId,
    state::Machine,
};
use crate::{
    app::TunnelReport,
    tunnel::{
        problem::{self, Evidence},
        transport::Transport,
    },
};

/// How long a lost connection may come back on its own.
const OWN_RETURN: Duration = Duration::from_secs(1);
/// cloudflared waits longer and longer between its attempts, so fresh ones replace it.
const FRESH_AFTER: Duration = Duration::from_secs(8);
/// The same in a long outage.
const FRESH_AFTER_LONG: Duration = Duration::from_secs(30);
/// Runners that wait for DNS survive this many replacements; DNS takes 30 s at most. A runner that
/// has not dialled after 48 s hangs.
const PATIENCE: u32 = 6;
/// After this many replacements, two minutes, it is a long outage.
const LONG_LOSS: u32 = 15;
/// A runner that has not dialled the edge after this long is waiting for DNS.
const NAME_SERVER_AFTER: Duration = Duration::from_secs(5);
/// How long connecting may take if DNS is slow: cloudflared waits for it for up to 30 s.
const TELL_AFTER_NAME_SERVER: Duration = Duration::from_secs(40);
/// How long a second name may take: the first one has used up most of the time.
const TELL_AFTER_DROP: Duration = Duration::from_secs(9);
/// The edge may refuse a new tunnel for a moment. One that it refuses for this long is gone.
const REFUSED_AFTER: Duration = Duration::from_secs(15);
/// A tunnel that the edge refuses this often is gone.
const REFUSED_TIMES: u32 = 3;

impl Machine {
    /// Starts an attempt with its first runner.
    pub(super) fn start_over(&mut self) {
        self.quiet();
        self.evidence = Evidence::default();
        self.waits_for_service = false;
        if let Some(link) = self.fixed_link.clone()
            && self.link.is_none()
        {
            self.link = Some(link.clone());
            self.report(TunnelReport::Named { link });
        }
        if self.link.is_none() {
            self.phase = TunnelPhase::Asking;
            self.set(Timer::Tell, self.tell_after);
        } else if self.was_online {
            self.phase = TunnelPhase::Reconnecting;
            self.report(TunnelReport::Reconnecting);
            self.expect_registration();
        } else {
            self.phase = TunnelPhase::Connecting;
            self.expect_registration();
        }
        if !self.was_online {
            self.report(TunnelReport::Connecting("connecting…".into()));
        }
        self.start(self.transports.first);
    }

    fn expect_registration(&mut self) {
        self.set(Timer::Race, RACE_AFTER);
        self.set(Timer::Fresh, FRESH_AFTER);
        self.set(Timer::NameServer, NAME_SERVER_AFTER);
        if !self.is_told {
            self.set(Timer::Tell, self.tell_after);
        }
    }

    pub(super) fn named(&mut self, link: String) {
        self.phase = TunnelPhase::Connecting;
        self.link = Some(link.clone());
        self.report(TunnelReport::Named { link });
        match self.runners.serving() {
            None => self.expect_registration(),
            // cloudflared was faster than the event from the proxy.
            Some(id) => self.stays(id),
        }
    }

    /// The name came after its cloudflared had ended. The next one gets it.
    pub(super) fn named_late(&mut self, link: String) {
        if self.link.is_none() {
            self.link = Some(link.clone());
            self.report(TunnelReport::Named { link });
        }
    }

    /// Starts a runner over a transport that has none in the race.
    pub(super) fn race(&mut self) {
        let mut missing = [Transport::Http2, Transport::Quic]
            .into_iter()
            .filter(|transport| self.transports.has(*transport))
            .filter(|transport| {
                !self.runners.iter().any(|runner| {
                    // After losing HTTP/2 cloudflared waits up to 9 s. Over QUIC it tries at once.
                    let is_slow = runner.was_registered && runner.transport == Transport::Http2;
                    runner.transport == *transport && !runner.is_doubted && !is_slow
                })
            });
        let Some(transport) = missing.next() else {
            return;
        };
        let is_more = missing.next().is_some();
        self.start(transport);
        if self.phase == TunnelPhase::Connecting && !self.is_told {
            let words = format!("also trying {}…", transport.name());
            self.report(TunnelReport::Connecting(words));
        }
        if is_more {
            self.set(Timer::Race, RACE_AFTER);
        }
    }

    /// Replaces the runners that have tried and failed with fresh ones. Spares runners that wait
    /// for DNS for a while, unless `all` are to be replaced.
    pub(super) fn refresh(&mut self, all: bool) {
        self.rotations = if all { 0 } else { self.rotations + 1 };
        let all = all || self.rotations.is_multiple_of(PATIENCE);
        let stale: Vec<_> = self
            .runners
            .iter()
            .filter(|runner| runner.connections.is_empty() && (all || runner.has_dialled))
            .map(|runner| (runner.id, runner.transport))
            .collect();
        let mut fresh: Vec<Transport> = Vec::new();
        for (id, transport) in stale {
            self.retire(id);
            if !fresh.contains(&transport) {
                fresh.push(transport);
            }
        }
        for transport in fresh {
            self.start(transport);
        }
        let after = if self.rotations < LONG_LOSS {
            FRESH_AFTER
        } else {
            FRESH_AFTER_LONG
        };
        self.set(Timer::Fresh, after);
        self.set(Timer::Race, OWN_RETURN);
    }

    pub(super) fn name_server(&mut self) {
        if self.runners.iter().any(|runner| runner.has_dialled) {
            return;
        }
        self.report(TunnelReport::Connecting("waiting for DNS…".into()));
        self.set(Timer::Tell, TELL_AFTER_NAME_SERVER);
    }

    /// Connecting takes too long: reports the problem and keeps trying.
    pub(super) fn tell(&mut self) {
        if self.is_told {
            return;
        }
        self.is_told = true;
        let problem = if self.is_token_refused() {
            problem::token_refused(None)
        } else {
            self.evidence.unreachable_edge(self.was_online)
        };
        self.report(if self.was_online {
            TunnelReport::StillReconnecting(problem)
        } else {
            TunnelReport::Down(problem)
        });
    }

    /// A connection is registered: this runner stays.
    pub(super) fn registered(&mut self, id: RunnerId, index: u8) {
        let serving = self.runners.serving();
        let Some(runner) = self.runners.get(id) else {
            return;
        };
        let is_takeover = std::mem::take(&mut runner.takes_over);
        runner.connections.insert(index);
        runner.was_registered = true;
        runner.is_doubted = false;
        let transport = runner.transport;
        match (self.phase, serving) {
            // Another connection of the one that serves.
            (_, Some(first)) if first == id => {}
            // This runner was started to take over.
            (TunnelPhase::Online | TunnelPhase::Checking, Some(_)) if is_takeover => {
                self.clear(&[Timer::Race, Timer::Fresh]);
                self.retire_all_but(Some(id));
                self.won(transport);
            }
            // A draw: the first one stays.
            (_, Some(_)) => self.retire(id),
            (TunnelPhase::Connecting | TunnelPhase::Reconnecting, None) => {
                self.stays(id);
            }
            // This runner waits for its name.
            (_, None) => {}
        }
    }

    /// This runner registered first.
    fn stays(&mut self, id: RunnerId) {
        self.retire_all_but(Some(id));
        self.quiet();
        if let Some(transport) = self.runners.get(id).map(|runner| runner.transport) {
            self.won(transport);
        }
        self.serve(id);
    }

    fn won(&mut self, transport: Transport) {
        self.transports.prefer(transport);
        self.put(Output::Remember(transport));
    }

    /// The edge does not know the tunnel.
    pub(super) fn unauthorized(&mut self, id: RunnerId) {
        let is_serving = self.runners.serving().is_some();
        let Some(runner) = self.runners.get(id) else {
            return;
        };
        runner.refusals += 1;
        let refusals = runner.refusals;
        if is_serving || self.fixed_link.is_some() {
            return;
        }
        if refusals >= REFUSED_TIMES {
            self.drop_name();
        } else if self.evidence.first_refusal() {
            self.set(Timer::Refused, REFUSED_AFTER);
        }
    }

    /// The name is gone for good: requests another one.
    pub(super) fn drop_name(&mut self) {
        if self.link.take().is_none() {
            return;
        }
        self.retire_all_but(None);
        self.quiet();
        self.put(Output::Forget);
        self.was_online = false;
        self.drops += 1;
        if self.drops == 1 {
            self.tell_after = TELL_AFTER_DROP;
            self.start_over();
            self.report(TunnelReport::Connecting("getting a new link…".into()));
        } else {
            // Quick tunnels are scarce. An edge that refuses all of them must not use them up.
            let wait = self.backoff.of_drop(self.drops);
            let problem = self.evidence.refused_by_edge(wait);
            self.pause(wait, problem);
        }
    }

    /// The runner that served has lost its last connection.
    pub(super) fn lose(&mut self) {
        self.quiet();
        self.evidence = Evidence::default();
        self.rotations = 0;
        self.is_told = false;
        if self.was_online {
            self.phase = TunnelPhase::Reconnecting;
            self.report(TunnelReport::Reconnecting);
        } else {
            self.phase = TunnelPhase::Connecting;
            self.report(TunnelReport::Connecting("connecting again…".into()));
        }
        self.expect_registration();
        self.set(Timer::Race, OWN_RETURN);
    }
}
