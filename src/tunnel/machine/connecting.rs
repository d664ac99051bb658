//! From nothing, or from a loss, to a registered connection.

use std::time::Duration;

use super::{Kind, Machine, Output, RunnerId, Timer, TunnelPhase};
use crate::{
    app::TunnelReport,
    tunnel::{problem, transport::Transport},
};

/// What is not registered this long after the name is known gets a rival over the other protocol.
pub(super) const RACE_AFTER: Duration = Duration::from_secs(2);
/// A connection that was lost may come back by itself for this long.
const OWN_RETURN: Duration = Duration::from_secs(1);
/// cloudflared waits longer and longer before it tries again, so fresh ones take its place.
const FRESH_AFTER: Duration = Duration::from_secs(8);
/// As above, in a loss that lasts.
const FRESH_AFTER_LONG: Duration = Duration::from_secs(30);
/// Replacements that leave those alone that wait for the name server, which takes 30 s at most:
/// one that has not said a word after 48 s hangs.
const PATIENCE: u32 = 6;
/// Replacements after which a loss is one that lasts: two minutes.
const LONG_LOSS: u32 = 15;
/// Without a word about the edge for this long, the name server is what it waits for.
const NAME_SERVER_AFTER: Duration = Duration::from_secs(5);
/// How long it may take before the person is told.
pub(super) const TELL_AFTER: Duration = Duration::from_secs(28);
/// The same when the name server is slow: cloudflared asks it for up to 30 s.
const TELL_AFTER_NAME_SERVER: Duration = Duration::from_secs(40);
/// The same for a second name: the first one has used up most of the time.
const TELL_AFTER_DROP: Duration = Duration::from_secs(9);
/// A new tunnel may be refused for a moment; one that is refused for this long is gone.
const REFUSED_AFTER: Duration = Duration::from_secs(15);
/// So often is a tunnel refused that is gone.
const REFUSED_TIMES: u32 = 3;

impl Machine {
    /// Begins an attempt with a first runner.
    pub(super) fn start_over(&mut self) {
        self.quiet();
        self.evidence = Default::default();
        self.waits_for_service = false;
        if let Kind::NamedTunnel { link } = &self.kind
            && self.link.is_none()
        {
            let link = link.clone();
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
            // The word of it was faster than that of the proxy.
            Some(id) => self.stays(id),
        }
    }

    /// The name came when its cloudflared was gone already: the next one gets it.
    pub(super) fn named_late(&mut self, link: String) {
        if self.link.is_none() {
            self.link = Some(link.clone());
            self.report(TunnelReport::Named { link });
        }
    }

    /// Another runner joins: of the protocol that has none in the race.
    pub(super) fn race(&mut self) {
        let mut missing = [Transport::Http2, Transport::Quic]
            .into_iter()
            .filter(|transport| self.transports.has(*transport))
            .filter(|transport| {
                !self.runners.iter().any(|runner| {
                    // One that lost HTTP/2 takes up to 9 s to try again; QUIC tries at once.
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
            let words = format!("connecting over {} too…", transport.name());
            self.report(TunnelReport::Connecting(words));
        }
        if is_more {
            self.set(Timer::Race, RACE_AFTER);
        }
    }

    /// Fresh runners take the place of those that have tried and failed. One that waits for the
    /// name server is left alone for a while, unless `all` are to go.
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
        self.report(TunnelReport::Connecting(
            "waiting for the name server…".into(),
        ));
        self.set(Timer::Tell, TELL_AFTER_NAME_SERVER);
    }

    /// It takes too long: the person is told, and it goes on.
    pub(super) fn tell(&mut self) {
        if self.is_told {
            return;
        }
        self.is_told = true;
        let problem = match self.kind {
            Kind::NamedTunnel { .. } if self.evidence.is_unauthorized() => {
                problem::token_refused(None)
            }
            _ => self.evidence.unreachable_edge(self.was_online),
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
            // More connections of the one that serves.
            (_, Some(first)) if first == id => {}
            // It was started to take over.
            (TunnelPhase::Online | TunnelPhase::Checking, Some(_)) if is_takeover => {
                self.clear(&[Timer::Race, Timer::Fresh]);
                self.retire_all_but(Some(id));
                self.won(transport);
            }
            // A tie: the first stays.
            (_, Some(_)) => self.retire(id),
            (TunnelPhase::Connecting | TunnelPhase::Reconnecting, None) => {
                self.stays(id);
            }
            // It waits for its name.
            (_, None) => {}
        }
    }

    /// This runner was the first that registered.
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
        if is_serving || self.kind != Kind::Quick {
            return;
        }
        if refusals >= REFUSED_TIMES {
            self.drop_name();
        } else if self.evidence.first_refusal() {
            self.set(Timer::Refused, REFUSED_AFTER);
        }
    }

    /// The name is gone for good: another one is asked for.
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
            // Tunnels are scarce: an edge that refuses everything must not use them up.
            let wait = self.backoff.of_drop(self.drops);
            let problem = self.evidence.refused_by_edge(wait);
            self.pause(wait, problem);
        }
    }

    /// The last registered connection of what served is gone.
    pub(super) fn lose(&mut self) {
        self.quiet();
        self.evidence = Default::default();
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
