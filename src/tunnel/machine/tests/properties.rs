//! Whatever happens in whatever order.

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
    /// Whatever happens in whatever order: a stop ends every cloudflared that still runs, an
    /// online link has a registered connection, and something is always under way or about to
    /// start.
    #[test]
    fn in_any_order_of_events_the_promises_hold(inputs in proptest::collection::vec(input(), 0..60)) {
        let (mut machine, first) = Machine::begin(None, BOTH, 1);
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
                TunnelPhase::Online | TunnelPhase::Checking => {
                    prop_assert!(machine.runners.serving().is_some());
                }
                TunnelPhase::Asking | TunnelPhase::Connecting | TunnelPhase::Reconnecting => {
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
