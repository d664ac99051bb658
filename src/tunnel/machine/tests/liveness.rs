//! Whatever has happened, a network that works from now on brings the link online.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

use super::*;

/// The longest pause is an hour.
const LONG: Duration = Duration::from_secs(2 * 3600);

/// The world around a machine: a clock, its timers, and its cloudflareds.
struct World {
    machine: Machine,
    now: Duration,
    timers: BTreeMap<Timer, Duration>,
    /// The running ones, and whether they work.
    running: BTreeMap<RunnerId, bool>,
    /// What is about to happen.
    coming: VecDeque<Input>,
    is_good: bool,
    has_name: bool,
}

impl World {
    fn begin() -> Self {
        let (machine, first) = Machine::begin(None, BOTH, 1);
        let mut world = Self {
            machine,
            now: Duration::ZERO,
            timers: BTreeMap::new(),
            running: BTreeMap::new(),
            coming: VecDeque::new(),
            is_good: false,
            has_name: false,
        };
        world.take(first);
        world
    }

    fn step(&mut self, input: Input) {
        if let Input::Exited(id, _) | Input::CantStart(id, _) = &input {
            self.running.remove(id);
        }
        self.has_name |= matches!(input, Input::Named(_));
        let outputs = self.machine.step(input);
        self.take(outputs);
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Start(id, _) => {
                    self.running.insert(id, self.is_good);
                    if self.is_good {
                        if !self.has_name {
                            self.coming.push_back(named());
                        }
                        self.coming.push_back(registered(id));
                    }
                }
                Output::Terminate(id) | Output::Kill(id) => {
                    self.coming.push_back(Input::Exited(id, None));
                }
                Output::Set(timer, after) => {
                    self.timers.insert(timer, self.now + after);
                }
                Output::Clear(timer) => {
                    self.timers.remove(&timer);
                }
                Output::AwaitRoute(_) => self.coming.push_back(Input::Routed(true)),
                Output::Probe(id) => {
                    let works = self.running.get(&id) == Some(&true);
                    self.coming.push_back(Input::Probed(id, works));
                }
                Output::AskReady(id) => {
                    let is_ready = self.running.get(&id) == Some(&true);
                    self.coming.push_back(Input::Ready(id, is_ready));
                }
                Output::Forget => self.has_name = false,
                Output::Remember(_) | Output::Report(_) => {}
            }
        }
    }

    /// The next thing that happens without trouble; false if nothing ever will.
    fn advance(&mut self) -> bool {
        if let Some(input) = self.coming.pop_front() {
            self.step(input);
            return true;
        }
        let next = self.timers.iter().min_by_key(|(_, at)| **at);
        let Some((timer, at)) = next.map(|(timer, at)| (*timer, *at)) else {
            return false;
        };
        self.timers.remove(&timer);
        self.now = self.now.max(at);
        self.step(Input::Rang(timer));
        true
    }

    fn is_served(&self) -> bool {
        let serving = self.machine.runners.serving();
        self.machine.phase == TunnelPhase::Online
            && serving.is_some_and(|id| self.running.get(&id) == Some(&true))
    }
}

/// What can happen in a bad world.
#[derive(Debug, Clone)]
enum Trouble {
    /// The next thing that happens without trouble.
    Time,
    /// Something happens to a running cloudflared.
    Of(usize, Input),
    /// Something else happens.
    Other(Input),
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let of_one = vec![
        registered(FIRST),
        lost(FIRST),
        unauthorized(FIRST),
        Input::Said(FIRST, Line::Dials),
        Input::Said(FIRST, Line::Error("an error".into())),
        Input::Exited(FIRST, Some(1)),
        Input::Exited(FIRST, None),
        Input::CantStart(FIRST, problem()),
        Input::Ready(FIRST, false),
        Input::Probed(FIRST, false),
    ];
    let of_all = vec![
        named(),
        Input::Refused(ApiError::TooMany { wait: None }),
        Input::Refused(ApiError::Nonsense),
        Input::NetworkGone,
        Input::NetworkChanged(BOTH),
        Input::RetryNow,
    ];
    prop_oneof![
        3 => Just(Trouble::Time),
        4 => (0..4_usize, prop::sample::select(of_one)).prop_map(|(which, input)| Trouble::Of(which, input)),
        1 => prop::sample::select(of_all).prop_map(Trouble::Other),
    ]
}

fn of(id: RunnerId, input: Input) -> Input {
    match input {
        Input::Said(_, line) => Input::Said(id, line),
        Input::Exited(_, code) => Input::Exited(id, code),
        Input::CantStart(_, problem) => Input::CantStart(id, problem),
        Input::Ready(_, is) => Input::Ready(id, is),
        Input::Probed(_, is) => Input::Probed(id, is),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn from_anywhere_a_good_network_brings_the_link_online(
        troubles in prop::collection::vec(trouble(), 0..60)
    ) {
        let mut world = World::begin();
        for trouble in troubles {
            match trouble {
                Trouble::Time => drop(world.advance()),
                Trouble::Of(which, input) => {
                    let running: Vec<_> = world.running.keys().copied().collect();
                    if let Some(id) = running.get(which) {
                        world.step(of(*id, input));
                    }
                }
                Trouble::Other(input) => world.step(input),
            }
        }
        // From now on the running ones are stuck, and new ones work.
        world.is_good = true;
        let until = world.now + LONG;
        while !world.is_served() {
            prop_assert!(world.advance(), "nothing will ever happen: {:?}", world.machine);
            prop_assert!(world.now < until, "it takes forever: {:?}", world.machine);
        }
        // One cloudflared is left in the end.
        while let Some(input) = world.coming.pop_front() {
            world.step(input);
        }
        let counted = world.machine.runners.counted();
        prop_assert!(counted.len() <= 2, "{:?}", world.machine);
    }
}
