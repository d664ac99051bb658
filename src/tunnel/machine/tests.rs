use super::*;

const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";
const BOTH: Wires = Wires {
    first: Wire::Quic,
    second: Some(Wire::Http2),
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

/// A machine that has taken these inputs.
fn after(inputs: impl IntoIterator<Item = Input>) -> Machine {
    let (mut machine, _) = Machine::begin(Kind::Quick, BOTH, 1);
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

/// Every kind of input; runner 1 is the one that is there.
fn every_input() -> Vec<Input> {
    use Timer::{Fresh, NameServer, Pause, Probe, Race, Ready, Refused, Settled, Stop, Tell};
    let mut inputs = vec![
        named(),
        Input::Refused(Refusal::TooMany { wait: None }),
        Input::Refused(Refusal::Nonsense),
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

/// The table: what every phase answers to every input.
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

fn started(outputs: &[Output]) -> Vec<Wire> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Start(_, wire) => Some(*wire),
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
fn the_first_that_registers_stays_and_the_other_is_stopped() {
    let mut machine = after([named()]);
    assert_eq!(
        started(&machine.step(Input::Rang(Timer::Race))),
        [Wire::Http2]
    );
    let won = machine.step(registered(SECOND));
    assert!(won.contains(&Output::Terminate(FIRST)), "{won:?}");
    assert!(won.contains(&Output::Remember(Wire::Http2)), "{won:?}");
    assert!(!won.contains(&Output::Terminate(SECOND)), "{won:?}");
    assert_eq!(machine.step(registered(FIRST)), [], "it counts no longer");
}

#[test]
fn in_a_tie_the_second_goes() {
    let mut machine = after([named(), Input::Rang(Timer::Race), registered(FIRST)]);
    // The order to end has not arrived yet when it registers.
    assert_eq!(machine.step(registered(SECOND)), []);
    assert_eq!(machine.runners.counted(), [FIRST]);
}

#[test]
fn a_killed_cloudflared_is_followed_by_another_at_once_under_the_same_name() {
    let mut machine = online();
    for kill in 1..=10 {
        let outputs = machine.step(Input::Exited(RunnerId(kill), None));
        assert_eq!(reports(&outputs), [&TunnelReport::Reconnecting]);
        assert_eq!(started(&outputs), [Wire::Quic]);
        let back = machine.step(registered(RunnerId(kill + 1)));
        let link = LINK.to_owned();
        assert_eq!(
            reports(&back),
            [&TunnelReport::Online {
                link,
                is_checked: true
            }]
        );
    }
}

#[test]
fn one_that_dies_at_once_each_time_is_started_at_growing_intervals() {
    let mut machine = after([]);
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let id = *machine.runners.ids().last().unwrap();
        machine.step(Input::Said(id, Line::Error("the last words".into())));
        let outputs = machine.step(Input::Exited(id, Some(1)));
        let told = reports(&outputs);
        assert!(
            matches!(told[..], [TunnelReport::Down(problem)] if problem.sentence.contains("the last words")),
            "{told:?}"
        );
        pauses.push(pause_in(&outputs).unwrap().as_secs_f64());
        machine.step(Input::Rang(Timer::Pause));
    }
    assert!((1.0..=1.25).contains(&pauses[0]), "{pauses:?}");
    assert!((1.5..=2.5).contains(&pauses[1]), "{pauses:?}");
    assert!(
        (225.0..=300.0).contains(pauses.last().unwrap()),
        "{pauses:?}"
    );
}

#[test]
fn exit_code_0_before_a_registration_is_a_failure() {
    let mut machine = after([]);
    let outputs = machine.step(Input::Exited(FIRST, Some(0)));
    assert!(
        matches!(reports(&outputs)[..], [TunnelReport::Down(_)]),
        "{outputs:?}"
    );
}

#[test]
fn a_frozen_link_is_replaced_and_stopped_only_then() {
    let mut machine = online();
    let doubted = machine.step(Input::Probed(FIRST, false));
    assert_eq!(started(&doubted).len(), 1);
    assert!(!doubted.contains(&Output::Terminate(FIRST)), "{doubted:?}");
    // Fresh runners leave alone what may still serve.
    assert!(
        !machine
            .step(Input::Rang(Timer::Fresh))
            .contains(&Output::Terminate(FIRST))
    );
    let cured = machine.step(registered(SECOND));
    assert!(cured.contains(&Output::Terminate(FIRST)), "{cured:?}");
}

#[test]
fn a_network_that_is_gone_is_shown_and_what_served_is_replaced_when_it_is_back() {
    let mut machine = online();
    let gone = machine.step(Input::NetworkGone);
    assert_eq!(reports(&gone), [&TunnelReport::Reconnecting]);
    assert_eq!(started(&gone), []);
    let back = machine.step(Input::NetworkChanged(BOTH));
    assert_eq!(started(&back), [Wire::Quic]);
    assert!(!back.contains(&Output::Terminate(FIRST)), "{back:?}");
    let over = machine.step(registered(SECOND));
    assert!(over.contains(&Output::Terminate(FIRST)), "{over:?}");
    assert!(
        matches!(reports(&over)[..], [TunnelReport::Online { .. }]),
        "{over:?}"
    );
}

#[test]
fn in_another_network_a_second_one_takes_over_without_a_gap() {
    let mut machine = online();
    let outputs = machine.step(Input::NetworkChanged(BOTH));
    assert_eq!(started(&outputs), [Wire::Quic]);
    assert_eq!(reports(&outputs), Vec::<&TunnelReport>::new());
    assert_eq!(started(&machine.step(Input::NetworkChanged(BOTH))), []);
    let over = machine.step(registered(SECOND));
    assert!(over.contains(&Output::Terminate(FIRST)), "{over:?}");
    assert_eq!(reports(&over), Vec::<&TunnelReport>::new());
}

#[test]
fn what_is_to_take_over_tries_both_protocols_and_is_given_up_in_the_end() {
    let mut machine = online();
    machine.step(Input::NetworkChanged(BOTH));
    let raced = machine.step(Input::Rang(Timer::Race));
    assert_eq!(started(&raced), [Wire::Http2]);
    assert_eq!(machine.step(Input::Rang(Timer::Race)), []);
    let third = RunnerId(3);
    let over = machine.step(registered(third));
    assert!(over.contains(&Output::Terminate(FIRST)), "{over:?}");
    assert!(over.contains(&Output::Terminate(SECOND)), "{over:?}");

    let mut machine = online();
    machine.step(Input::NetworkChanged(BOTH));
    let given_up = machine.step(Input::Rang(Timer::Fresh));
    assert!(
        given_up.contains(&Output::Terminate(SECOND)),
        "{given_up:?}"
    );
    assert!(
        !given_up.contains(&Output::Terminate(FIRST)),
        "{given_up:?}"
    );
    assert_eq!(machine.phase, Phase::Online);
}

#[test]
fn one_that_can_not_be_started_for_a_moment_costs_an_online_link_nothing() {
    let mut machine = online();
    machine.step(Input::Exited(FIRST, None));
    let told = machine.step(Input::CantStart(SECOND, problem()));
    assert_eq!(reports(&told), [&TunnelReport::Reconnecting]);
    let again = machine.step(Input::Rang(Timer::Pause));
    assert_eq!(started(&again), [Wire::Quic]);
    let third = RunnerId(3);
    assert!(
        reports(&machine.step(registered(third))).contains(&&TunnelReport::Online {
            link: LINK.into(),
            is_checked: true
        })
    );
}

#[test]
fn what_can_not_be_started_at_all_is_told_and_looked_at_now_and_then() {
    let mut machine = after([]);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let id = *machine.runners.ids().last().unwrap();
        let told = machine.step(Input::CantStart(id, problem()));
        assert_eq!(reports(&told), [&TunnelReport::Down(problem())]);
        waits.push(pause_in(&told).unwrap());
        assert_eq!(started(&machine.step(Input::Rang(Timer::Pause))).len(), 1);
    }
    assert!(waits[0] >= Duration::from_secs(3), "{waits:?}");
    assert!(waits[8] >= Duration::from_secs(225), "{waits:?}");
    assert!(waits[8] <= Duration::from_secs(300), "{waits:?}");
}

#[test]
fn too_many_new_links_wait_as_long_as_the_service_is_left_alone() {
    let wait = Duration::from_secs(240);
    let mut machine = after([]);
    let outputs = machine.step(Input::Refused(Refusal::TooMany { wait: Some(wait) }));
    assert_eq!(pause_in(&outputs), Some(wait));
    assert_eq!(
        machine.step(Input::NetworkChanged(BOTH)),
        [],
        "a new network changes nothing"
    );
    machine.step(Input::Exited(FIRST, Some(1)));
    assert_eq!(started(&machine.step(Input::RetryNow)), [Wire::Quic]);
}

#[test]
fn one_refusal_right_after_creation_is_normal() {
    let mut machine = after([named()]);
    let outputs = machine.step(unauthorized(FIRST));
    assert!(!outputs.contains(&Output::Forget), "{outputs:?}");
    let registered = machine.step(registered(FIRST));
    assert!(
        registered.contains(&Output::Clear(Timer::Refused)),
        "{registered:?}"
    );
}

#[test]
fn a_name_that_is_refused_for_good_is_dropped_and_new_ones_are_asked_for_rarely() {
    let mut machine = online();
    machine.step(lost(FIRST));
    machine.step(unauthorized(FIRST));
    machine.step(unauthorized(FIRST));
    let dropped = machine.step(unauthorized(FIRST));
    assert!(dropped.contains(&Output::Forget), "{dropped:?}");
    assert_eq!(started(&dropped), [Wire::Quic]);
    machine.step(named());
    machine.step(unauthorized(SECOND));
    let again = machine.step(Input::Rang(Timer::Refused));
    assert!(again.contains(&Output::Forget), "{again:?}");
    assert_eq!(started(&again), []);
    assert!(pause_in(&again).unwrap() >= Duration::from_secs(60));
}

#[test]
fn a_name_that_comes_when_its_cloudflared_is_gone_is_not_lost() {
    let mut machine = after([Input::Exited(FIRST, None)]);
    machine.step(named());
    machine.step(Input::Rang(Timer::Pause));
    assert_eq!(machine.phase, Phase::Connecting);
}

#[test]
fn one_that_waits_for_the_name_server_is_not_killed_for_that() {
    let mut machine = after([named()]);
    let told = machine.step(Input::Rang(Timer::NameServer));
    let words = TunnelReport::Connecting("waiting for the name server…".into());
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
fn a_server_that_can_not_go_on_leaves_nothing_online() {
    let mut machine = online();
    machine.step(Input::NetworkChanged(BOTH));
    let told = machine.step(Input::CantStart(FIRST, problem()));
    assert_eq!(reports(&told), [&TunnelReport::Reconnecting]);
}

#[test]
fn an_own_tunnel_never_drops_its_name() {
    let link = "https://share.example.org".to_owned();
    let (mut machine, first) = Machine::begin(Kind::Own { link: link.clone() }, BOTH, 1);
    assert!(reports(&first).contains(&&TunnelReport::Named { link }));
    for _ in 0..5 {
        assert!(!machine.step(unauthorized(FIRST)).contains(&Output::Forget));
    }
    let told = machine.step(Input::Rang(Timer::Tell));
    assert!(
        matches!(reports(&told)[..], [TunnelReport::Down(problem)] if problem.sentence.contains("token")),
        "{told:?}"
    );
}

#[test]
fn a_stop_ends_everything_that_may_still_run() {
    let mut machine = after([named(), Input::Rang(Timer::Race), registered(FIRST)]);
    let stop = machine.step(Input::Stop);
    assert!(stop.contains(&Output::Terminate(FIRST)), "{stop:?}");
    assert!(
        stop.contains(&Output::Terminate(SECOND)),
        "one that was asked before is asked to hurry"
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
fn one_that_is_registered_before_its_name_is_told_serves() {
    let mut machine = after([registered(FIRST)]);
    let outputs = machine.step(named());
    assert!(outputs.contains(&Output::AwaitRoute(FIRST)), "{outputs:?}");
}

#[test]
fn one_that_never_says_a_word_is_replaced_in_the_end() {
    let mut machine = after([named()]);
    let mut fresh = Vec::new();
    for _ in 0..6 {
        fresh = machine.step(Input::Rang(Timer::Fresh));
    }
    assert!(fresh.contains(&Output::Terminate(FIRST)), "{fresh:?}");
    assert_eq!(started(&fresh), [Wire::Quic]);
}

mod liveness;
mod properties {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn input() -> impl Strategy<Value = Input> {
        let some = every_input();
        let runner = 1..6_u32;
        (0..some.len(), runner).prop_map(move |(place, runner)| {
            let id = RunnerId(runner);
            match some[place].clone() {
                Input::Said(_, line) => Input::Said(id, line),
                Input::Exited(_, code) => Input::Exited(id, code),
                Input::CantStart(_, problem) => Input::CantStart(id, problem),
                Input::Ready(_, is) => Input::Ready(id, is),
                Input::Probed(_, is) => Input::Probed(id, is),
                Input::Rang(Timer::Kill(_)) => Input::Rang(Timer::Kill(id)),
                other => other,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        /// Whatever happens in whatever order: a stop ends every cloudflared that was started
        /// and has not ended, an online link has a registered connection, and something is
        /// always under way or about to be.
        #[test]
        fn in_any_order_of_events_the_promises_hold(inputs in proptest::collection::vec(input(), 0..60)) {
            let (mut machine, first) = Machine::begin(Kind::Quick, BOTH, 1);
            let mut alive = BTreeSet::new();
            let mut outputs = first;
            for input in inputs.into_iter().filter(|input| *input != Input::Stop) {
                for output in &outputs {
                    if let Output::Start(id, _) = output {
                        alive.insert(*id);
                    }
                }
                if let Input::Exited(id, _) | Input::CantStart(id, _) = &input
                    && !alive.remove(id)
                {
                    outputs = Vec::new();
                    continue;
                }
                outputs = machine.step(input);
                let says_online = |output: &Output| {
                    matches!(output, Output::Report(TunnelReport::Online { .. }))
                };
                if outputs.iter().any(says_online) {
                    prop_assert!(machine.runners.serving().is_some());
                }
                match machine.phase {
                    Phase::Online | Phase::Checking => {
                        prop_assert!(machine.runners.serving().is_some());
                    }
                    Phase::Asking | Phase::Connecting | Phase::Reconnecting => {
                        prop_assert!(!machine.runners.counted().is_empty(), "{:?}", machine);
                    }
                    _ => {}
                }
            }
            for output in &outputs {
                if let Output::Start(id, _) = output {
                    alive.insert(*id);
                }
            }
            let asked: BTreeSet<_> = machine.step(Input::Stop).into_iter().filter_map(|output| match output {
                Output::Terminate(id) => Some(id),
                _ => None,
            }).collect();
            prop_assert_eq!(&asked, &alive);
            for id in alive {
                machine.step(Input::Exited(id, None));
            }
            prop_assert!(machine.has_ended());
        }
    }
}
