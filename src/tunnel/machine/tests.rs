use std::time::Duration;

use super::{
    input::{Input, Timer},
    output::Output,
    phase::TunnelPhase,
    runners::RunnerId,
    state::Machine,
};
use crate::{
    app::{Problem, TunnelReport},
    tunnel::{
        api_error::ApiError,
        line::Line,
        transport::{Transport, Transports},
    },
};

mod after_a_loss;
mod liveness;
mod names;
mod properties;

const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";
const BOTH: Transports = Transports {
    first: Transport::Quic,
    second: Some(Transport::Http2),
};
const FIRST: RunnerId = RunnerId(1);
const SECOND: RunnerId = RunnerId(2);

fn registered(id: RunnerId) -> Input {
    let protocol = "quic".into();
    Input::Said(id, Line::Registered { index: 0, protocol })
}

fn lost(id: RunnerId) -> Input {
    Input::Said(
        id,
        Line::Lost {
            index: 0,
            error: None,
        },
    )
}

fn unauthorized(id: RunnerId) -> Input {
    let error = "Unauthorized: Record for tunnel not found".into();
    Input::Said(id, Line::Unauthorized(error))
}

fn named() -> Input {
    Input::Named(LINK.into())
}

fn problem() -> Problem {
    Problem {
        short: "short".into(),
        sentence: "sentence".into(),
        retry_in: None,
        needs_download: false,
    }
}

/// A machine after these inputs.
fn after(inputs: impl IntoIterator<Item = Input>) -> Machine {
    let (mut machine, _) = Machine::begin(None, BOTH, 1);
    for input in inputs {
        machine.step(input);
    }
    machine
}

fn online() -> Machine {
    after([named(), registered(FIRST), Input::Routed(true)])
}

/// One way into each phase.
fn in_every_phase() -> Vec<Machine> {
    vec![
        after([]),
        after([named()]),
        after([named(), registered(FIRST)]),
        online(),
        after([named(), registered(FIRST), Input::Routed(true), lost(FIRST)]),
        after([Input::Exited(FIRST, Some(1))]),
        after([Input::CantStart(FIRST, problem())]),
        after([named(), Input::Stop]),
        after([named(), Input::Stop, Input::Exited(FIRST, None)]),
    ]
}

/// Every kind of input. Runner 1 is the one that exists.
fn every_input() -> Vec<Input> {
    use Timer::{Fresh, NameServer, Pause, Probe, Race, Ready, Refused, Settled, Stop, Tell};
    let mut inputs = vec![
        named(),
        Input::Refused(ApiError::TooMany { wait: None }),
        Input::Refused(ApiError::Nonsense),
        Input::Said(FIRST, Line::Dials),
        registered(FIRST),
        lost(FIRST),
        unauthorized(FIRST),
        Input::Said(FIRST, Line::Error("an error".into())),
        registered(RunnerId(99)),
        Input::Exited(FIRST, Some(0)),
        Input::Exited(FIRST, Some(1)),
        Input::Exited(FIRST, None),
        Input::Exited(RunnerId(99), None),
        Input::CantStart(FIRST, problem()),
        Input::Ready(FIRST, true),
        Input::Ready(FIRST, false),
        Input::Routed(true),
        Input::Routed(false),
        Input::Probed(FIRST, true),
        Input::Probed(FIRST, false),
        Input::NetworkGone,
        Input::NetworkChanged(BOTH),
        Input::RetryNow,
        Input::Stop,
    ];
    let timers = [
        Race, Fresh, NameServer, Tell, Refused, Pause, Settled, Ready, Probe, Stop,
    ];
    inputs.extend(timers.map(Input::Rang));
    inputs.push(Input::Rang(Timer::Kill(FIRST)));
    inputs
}

/// The table of what every phase does with every input.
#[test]
fn every_phase_has_an_answer_to_every_input() {
    let mut table = String::new();
    for place in 0..in_every_phase().len() {
        for input in every_input() {
            let mut machine = in_every_phase().remove(place);
            let from = machine.phase;
            let outputs = machine.step(input.clone());
            let outputs: Vec<String> = outputs.iter().map(shown).collect();
            let stays = if machine.phase == from {
                String::new()
            } else {
                format!(" => {:?}", machine.phase)
            };
            if outputs.is_empty() && stays.is_empty() {
                continue;
            }
            table += &format!(
                "{from:?} + {}{stays}: {}\n",
                shown_input(&input),
                outputs.join(", ")
            );
        }
    }
    insta::assert_snapshot!(table);
}

fn shown(output: &Output) -> String {
    match output {
        Output::Set(timer, after) => format!("{timer:?} in {} ms", after.as_millis()),
        Output::Clear(timer) => format!("no {timer:?}"),
        Output::Report(TunnelReport::Down(problem)) => format!("Down({})", problem.short),
        Output::Report(TunnelReport::StillReconnecting(problem)) => {
            format!("StillReconnecting({})", problem.short)
        }
        Output::Report(report) => format!("{report:?}"),
        output => format!("{output:?}"),
    }
}

fn shown_input(input: &Input) -> String {
    match input {
        Input::Said(id, line) => format!("{line:?} of {}", id.0),
        Input::CantStart(..) => "CantStart".into(),
        Input::NetworkChanged(_) => "NetworkChanged".into(),
        input => format!("{input:?}"),
    }
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

fn started(outputs: &[Output]) -> Vec<Transport> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Start(_, transport) => Some(*transport),
            _ => None,
        })
        .collect()
}

fn pause_in(outputs: &[Output]) -> Option<Duration> {
    outputs.iter().find_map(|output| match output {
        Output::Set(Timer::Pause, wait) => Some(*wait),
        _ => None,
    })
}

#[test]
fn a_link_is_online_only_when_it_is_registered_and_routed() {
    let mut machine = after([]);
    let is_online = |outputs: &[Output]| {
        reports(outputs)
            .iter()
            .any(|report| matches!(report, TunnelReport::Online { .. }))
    };
    assert!(!is_online(&machine.step(named())));
    assert!(!is_online(&machine.step(registered(FIRST))));
    let routed = machine.step(Input::Routed(false));
    let link = LINK.to_owned();
    assert_eq!(
        reports(&routed),
        [&TunnelReport::Online {
            link,
            is_checked: false
        }]
    );
}

#[test]
fn the_first_runner_to_register_stays_and_the_other_ends() {
    let mut machine = after([named()]);
    assert_eq!(
        started(&machine.step(Input::Rang(Timer::Race))),
        [Transport::Http2]
    );
    let won = machine.step(registered(SECOND));
    assert!(won.contains(&Output::Terminate(FIRST)), "{won:?}");
    assert!(won.contains(&Output::Remember(Transport::Http2)), "{won:?}");
    assert!(!won.contains(&Output::Terminate(SECOND)), "{won:?}");
    assert_eq!(
        machine.step(registered(FIRST)),
        [],
        "it does not count any more"
    );
}

#[test]
fn in_a_draw_the_second_one_ends() {
    let mut machine = after([named(), Input::Rang(Timer::Race), registered(FIRST)]);
    // It registers before it gets the request to end.
    assert_eq!(machine.step(registered(SECOND)), []);
    assert_eq!(machine.runners.counted(), [FIRST]);
}

#[test]
fn a_runner_that_waits_for_dns_is_not_killed() {
    let mut machine = after([named()]);
    let told = machine.step(Input::Rang(Timer::NameServer));
    let words = TunnelReport::Connecting("waiting for DNS…".into());
    assert_eq!(reports(&told), [&words]);
    let outputs = machine.step(Input::Rang(Timer::Fresh));
    assert!(
        !outputs
            .iter()
            .any(|output| matches!(output, Output::Terminate(_))),
        "{outputs:?}"
    );
}

#[test]
fn a_runner_that_can_not_start_leaves_nothing_online() {
    let mut machine = online();
    machine.step(Input::NetworkChanged(BOTH));
    let told = machine.step(Input::CantStart(FIRST, problem()));
    assert_eq!(reports(&told), [&TunnelReport::Reconnecting]);
}

#[test]
fn a_stop_ends_everything_that_may_still_run() {
    let mut machine = after([named(), Input::Rang(Timer::Race), registered(FIRST)]);
    let stop = machine.step(Input::Stop);
    assert!(stop.contains(&Output::Terminate(FIRST)), "{stop:?}");
    assert!(
        stop.contains(&Output::Terminate(SECOND)),
        "a runner that was asked before is asked again"
    );
    assert_eq!(machine.step(Input::Stop), []);
    let killed = machine.step(Input::Rang(Timer::Stop));
    assert_eq!(killed, [Output::Kill(FIRST), Output::Kill(SECOND)]);
    machine.step(Input::Exited(FIRST, None));
    assert!(!machine.has_ended());
    machine.step(Input::Exited(SECOND, None));
    assert!(machine.has_ended());
}

#[test]
fn a_runner_that_registers_before_its_name_is_known_serves() {
    let mut machine = after([registered(FIRST)]);
    let outputs = machine.step(named());
    assert!(outputs.contains(&Output::AwaitRoute(FIRST)), "{outputs:?}");
}

#[test]
fn a_silent_runner_is_replaced_eventually() {
    let mut machine = after([named()]);
    let mut fresh = Vec::new();
    for _ in 0..6 {
        fresh = machine.step(Input::Rang(Timer::Fresh));
    }
    assert!(fresh.contains(&Output::Terminate(FIRST)), "{fresh:?}");
    assert_eq!(started(&fresh), [Transport::Quic]);
}
