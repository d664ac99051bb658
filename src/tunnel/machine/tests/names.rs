//! The names of links: refused, dropped, kept, and fixed.

use super::*;

#[test]
fn after_too_many_new_links_the_next_attempt_waits_for_the_cool_down() {
    let wait = Duration::from_secs(240);
    let mut machine = after([]);
    let outputs = machine.step(Input::Refused(ApiError::TooMany { wait: Some(wait) }));
    assert_eq!(pause_in(&outputs), Some(wait));
    assert_eq!(
        machine.step(Input::NetworkChanged(BOTH)),
        [],
        "a new network changes nothing"
    );
    machine.step(Input::Exited(FIRST, Some(1)));
    assert_eq!(started(&machine.step(Input::RetryNow)), [Transport::Quic]);
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
fn a_name_that_stays_refused_is_dropped_and_new_ones_are_requested_rarely() {
    let mut machine = online();
    machine.step(lost(FIRST));
    machine.step(unauthorized(FIRST));
    machine.step(unauthorized(FIRST));
    let dropped = machine.step(unauthorized(FIRST));
    assert!(dropped.contains(&Output::Forget), "{dropped:?}");
    assert_eq!(started(&dropped), [Transport::Quic]);
    machine.step(named());
    machine.step(unauthorized(SECOND));
    let again = machine.step(Input::Rang(Timer::Refused));
    assert!(again.contains(&Output::Forget), "{again:?}");
    assert_eq!(started(&again), []);
    assert!(pause_in(&again).unwrap() >= Duration::from_secs(60));
}

#[test]
fn a_name_that_comes_after_its_cloudflared_ended_is_not_lost() {
    let mut machine = after([Input::Exited(FIRST, None)]);
    machine.step(named());
    machine.step(Input::Rang(Timer::Pause));
    assert_eq!(machine.phase, TunnelPhase::Connecting);
}

#[test]
fn a_named_tunnel_never_drops_its_name() {
    let link = "https://share.example.org".to_owned();
    let (mut machine, first) = Machine::begin(Some(link.clone()), BOTH, 1);
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
