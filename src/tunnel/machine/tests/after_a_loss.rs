//! What follows a cloudflared that is killed, frozen or cut off.

use super::*;

#[test]
fn a_killed_cloudflared_is_followed_by_another_at_once_under_the_same_name() {
    let mut machine = online();
    for kill in 1..=10 {
        let outputs = machine.step(Input::Exited(RunnerId(kill), None));
        assert_eq!(reports(&outputs), [&TunnelReport::Reconnecting]);
        assert_eq!(started(&outputs), [Transport::Quic]);
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
    assert_eq!(started(&back), [Transport::Quic]);
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
    assert_eq!(started(&outputs), [Transport::Quic]);
    assert_eq!(reports(&outputs), Vec::<&TunnelReport>::new());
    assert_eq!(started(&machine.step(Input::NetworkChanged(BOTH))), []);
    let over = machine.step(registered(SECOND));
    assert!(over.contains(&Output::Terminate(FIRST)), "{over:?}");
    assert_eq!(reports(&over), Vec::<&TunnelReport>::new());
}

#[test]
fn a_takeover_tries_both_transports_and_is_given_up_eventually() {
    let mut machine = online();
    machine.step(Input::NetworkChanged(BOTH));
    let raced = machine.step(Input::Rang(Timer::Race));
    assert_eq!(started(&raced), [Transport::Http2]);
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
    assert_eq!(machine.phase, TunnelPhase::Online);
}

#[test]
fn a_start_that_fails_once_does_not_harm_an_online_link() {
    let mut machine = online();
    machine.step(Input::Exited(FIRST, None));
    let told = machine.step(Input::CantStart(SECOND, problem()));
    assert_eq!(reports(&told), [&TunnelReport::Reconnecting]);
    let again = machine.step(Input::Rang(Timer::Pause));
    assert_eq!(started(&again), [Transport::Quic]);
    let third = RunnerId(3);
    assert!(
        reports(&machine.step(registered(third))).contains(&&TunnelReport::Online {
            link: LINK.into(),
            is_checked: true
        })
    );
}

#[test]
fn a_start_that_always_fails_is_reported_and_retried_now_and_then() {
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
