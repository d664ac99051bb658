//! The life of a tunnel as a pure state machine: what it was told, what is to be done.

use std::{collections::BTreeSet, time::Duration};

use super::{
    line::Line,
    reason::{Evidence, TOO_MANY_WAIT},
};
use crate::app::{Problem, TunnelReport};

/// How long the edge may take to accept a connection before the person is told.
const REGISTRATION_LIMIT: Duration = Duration::from_secs(30);
/// How long cloudflared may take to end when it is asked to.
const TERMINATION_GRACE: Duration = Duration::from_secs(2);
/// The first pause before another attempt; it doubles with each failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Where a tunnel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// cloudflared runs and has no name yet.
    Asking,
    /// The name is known, no connection is registered yet.
    Connecting {
        link: String,
        told: bool,
    },
    /// Connections with these indices are registered.
    Online {
        link: String,
        connections: BTreeSet<u8>,
    },
    /// Every connection was lost; cloudflared tries again by itself.
    Reconnecting {
        link: String,
    },
    /// cloudflared is gone; another one starts when the timer rings.
    Pausing,
    /// There is nothing to try until the person shares again.
    GivenUp,
    /// cloudflared was asked to end.
    Stopping,
    Ended,
}

/// What can happen to a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Said(Line),
    Exited {
        code: Option<i32>,
    },
    /// No cloudflared could be started, and trying again would not help.
    CantStart(Problem),
    /// The timer that was set last has rung.
    Timer,
    Stop,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Start,
    Terminate,
    Kill,
    /// Ring after this long; replaces the timer that was set before.
    SetTimer(Duration),
    Report(TunnelReport),
}

/// The state machine of one tunnel.
#[derive(Debug)]
pub struct Machine {
    state: State,
    evidence: Evidence,
    /// Attempts in a row that never came online.
    failures: u32,
}

impl Machine {
    /// A tunnel that begins now, and what that takes.
    pub fn begin() -> (Self, Vec<Output>) {
        let machine = Self {
            state: State::Asking,
            evidence: Evidence::default(),
            failures: 0,
        };
        (machine, vec![Output::Start])
    }

    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Takes what happened; every state has an answer to every input.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        use State::{Asking, Connecting, Ended, GivenUp, Online, Pausing, Reconnecting, Stopping};
        match (&mut self.state, input) {
            (Ended, _) => Vec::new(),

            (Stopping, Input::Exited { .. } | Input::CantStart(_)) => self.end(),
            (Stopping, Input::Timer) => vec![Output::Kill],
            (Stopping, Input::Said(_) | Input::Stop) => Vec::new(),
            (Pausing | GivenUp, Input::Stop) => self.end(),
            (Asking | Connecting { .. } | Online { .. } | Reconnecting { .. }, Input::Stop) => {
                self.state = Stopping;
                vec![Output::Terminate, Output::SetTimer(TERMINATION_GRACE)]
            }

            (_, Input::Exited { code }) => self.pause(code),
            (_, Input::CantStart(problem)) => {
                self.state = GivenUp;
                vec![Output::Report(TunnelReport::Down(problem))]
            }

            (Pausing, Input::Timer) => {
                self.state = Asking;
                self.evidence = Evidence::default();
                vec![
                    Output::Report(TunnelReport::Connecting("connecting…".into())),
                    Output::Start,
                ]
            }
            (Connecting { told, .. }, Input::Timer) if !*told => {
                *told = true;
                vec![Output::Report(TunnelReport::Down(
                    self.evidence.unreachable_edge(),
                ))]
            }
            (_, Input::Timer) => Vec::new(),

            (_, Input::Said(line)) => self.hear(line),
        }
    }

    fn hear(&mut self, line: Line) -> Vec<Output> {
        match (&mut self.state, line) {
            (State::Asking, Line::Link(link)) => {
                self.state = State::Connecting {
                    link: link.clone(),
                    told: false,
                };
                vec![
                    Output::Report(TunnelReport::Named { link }),
                    Output::SetTimer(REGISTRATION_LIMIT),
                ]
            }
            (
                State::Connecting { link, .. } | State::Reconnecting { link },
                Line::Registered { index, .. },
            ) => {
                let link = link.clone();
                self.failures = 0;
                self.state = State::Online {
                    link: link.clone(),
                    connections: BTreeSet::from([index]),
                };
                vec![Output::Report(TunnelReport::Online { link })]
            }
            (State::Online { connections, .. }, Line::Registered { index, .. }) => {
                connections.insert(index);
                Vec::new()
            }
            (state, Line::Lost { index, error }) => {
                if error.is_some() {
                    self.evidence.last_error = error;
                }
                if let State::Online { link, connections } = state {
                    connections.remove(&index);
                    if connections.is_empty() {
                        self.state = State::Reconnecting { link: link.clone() };
                        return vec![Output::Report(TunnelReport::Reconnecting)];
                    }
                }
                Vec::new()
            }
            (State::Connecting { told: false, .. }, Line::FallsBack) => {
                vec![Output::Report(TunnelReport::Connecting(
                    "connecting over HTTP/2…".into(),
                ))]
            }
            (_, Line::ServiceRefused { status }) => {
                self.evidence.service_status = Some(status);
                Vec::new()
            }
            (_, Line::Error(error)) => {
                self.evidence.last_error = Some(error);
                Vec::new()
            }
            (_, Line::Link(_) | Line::Registered { .. } | Line::FallsBack) => Vec::new(),
        }
    }

    /// cloudflared is gone without having been asked: another one follows after a pause.
    fn pause(&mut self, code: Option<i32>) -> Vec<Output> {
        let mut pause = FIRST_PAUSE * 2_u32.saturating_pow(self.failures.min(16));
        if self.evidence.is_too_many() {
            pause = pause.max(TOO_MANY_WAIT * 2_u32.saturating_pow(self.failures.min(6)));
        } else {
            pause = pause.min(LONGEST_PAUSE);
        }
        let was_online = matches!(
            self.state,
            State::Online { .. } | State::Reconnecting { .. }
        );
        self.failures += 1;
        self.state = State::Pausing;
        // A tunnel that was online comes back by itself in a moment; if it does not, the next
        // failure tells.
        let report = if was_online {
            TunnelReport::Connecting("connecting again…".into())
        } else {
            TunnelReport::Down(self.evidence.problem(code, pause))
        };
        vec![Output::Report(report), Output::SetTimer(pause)]
    }

    fn end(&mut self) -> Vec<Output> {
        self.state = State::Ended;
        vec![Output::Report(TunnelReport::Ended)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";

    fn link() -> Input {
        Input::Said(Line::Link(LINK.into()))
    }
    fn registered(index: u8) -> Input {
        Input::Said(Line::Registered {
            index,
            protocol: "quic".into(),
        })
    }
    fn lost(index: u8) -> Input {
        Input::Said(Line::Lost { index, error: None })
    }
    fn reports(outputs: &[Output]) -> Vec<&TunnelReport> {
        outputs
            .iter()
            .filter_map(|output| match output {
                Output::Report(report) => Some(report),
                _ => None,
            })
            .collect()
    }

    fn online() -> Machine {
        let (mut machine, _) = Machine::begin();
        machine.step(link());
        machine.step(registered(0));
        machine
    }

    #[test]
    fn the_link_alone_is_not_online() {
        let (mut machine, first) = Machine::begin();
        assert_eq!(first, [Output::Start]);
        let named = machine.step(link());
        assert_eq!(
            reports(&named),
            [&TunnelReport::Named { link: LINK.into() }]
        );
        let registered = machine.step(registered(0));
        assert_eq!(
            reports(&registered),
            [&TunnelReport::Online { link: LINK.into() }]
        );
    }

    #[test]
    fn it_reconnects_only_when_the_last_connection_is_lost() {
        let mut machine = online();
        machine.step(registered(1));
        assert_eq!(machine.step(lost(0)), []);
        assert_eq!(
            reports(&machine.step(lost(1))),
            [&TunnelReport::Reconnecting]
        );
        assert_eq!(
            reports(&machine.step(registered(0))),
            [&TunnelReport::Online { link: LINK.into() }]
        );
    }

    #[test]
    fn a_stop_terminates_then_kills_then_ends() {
        let mut machine = online();
        assert_eq!(
            machine.step(Input::Stop),
            [Output::Terminate, Output::SetTimer(TERMINATION_GRACE)]
        );
        assert_eq!(machine.step(Input::Stop), []);
        assert_eq!(machine.step(Input::Timer), [Output::Kill]);
        assert_eq!(
            reports(&machine.step(Input::Exited { code: None })),
            [&TunnelReport::Ended]
        );
        assert!(machine.has_ended());
    }

    #[test]
    fn a_stop_during_a_pause_ends_at_once() {
        let (mut machine, _) = Machine::begin();
        machine.step(Input::Exited { code: Some(1) });
        assert_eq!(reports(&machine.step(Input::Stop)), [&TunnelReport::Ended]);
    }

    #[test]
    fn exit_code_0_before_a_registration_is_a_failure() {
        let (mut machine, _) = Machine::begin();
        let outputs = machine.step(Input::Exited { code: Some(0) });
        assert!(
            matches!(reports(&outputs)[..], [TunnelReport::Down(_)]),
            "{outputs:?}"
        );
    }

    #[test]
    fn too_many_requests_wait_a_minute_and_then_longer() {
        let (mut machine, _) = Machine::begin();
        let mut waits = Vec::new();
        for _ in 0..3 {
            machine.step(Input::Said(Line::ServiceRefused {
                status: "429 Too Many Requests".into(),
            }));
            for output in machine.step(Input::Exited { code: Some(1) }) {
                if let Output::SetTimer(wait) = output {
                    waits.push(wait.as_secs());
                }
            }
            assert!(machine.step(Input::Timer).contains(&Output::Start));
        }
        assert_eq!(waits, [60, 120, 240]);
    }

    #[test]
    fn an_edge_that_does_not_answer_is_told_once_and_a_late_answer_still_counts() {
        let (mut machine, _) = Machine::begin();
        machine.step(link());
        let told = machine.step(Input::Timer);
        assert!(
            matches!(reports(&told)[..], [TunnelReport::Down(_)]),
            "{told:?}"
        );
        assert_eq!(machine.step(Input::Timer), []);
        let late = machine.step(registered(0));
        assert_eq!(
            reports(&late),
            [&TunnelReport::Online { link: LINK.into() }]
        );
    }
}
