//! How a run of the program ends, for the exit code of `share --foreground`.

use crate::app::{Event, Phase, Share, State, TunnelReport};

/// How a run of the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// The share that the program was started for failed.
    Failed,
    /// When the share ended, it was only reachable on this computer.
    LocalOnly,
}

impl Outcome {
    /// The outcome that this event decides, if it does. `state` is the one before the event.
    pub fn decided_by(event: &Event, state: &State) -> Option<Self> {
        if !state.ends_with_share {
            return None;
        }
        match event {
            Event::ServerFailed(..) => Some(Self::Failed),
            Event::ServerStopped(id) | Event::Tunnel(id, TunnelReport::Ended) => {
                let share = state.share(*id)?;
                (share.phase != Phase::Stopping).then_some(Self::Failed)
            }
            Event::Quit if !state.quitting => {
                let has_link = |share: &Share| {
                    matches!(
                        share.phase,
                        Phase::Online | Phase::Reconnecting | Phase::Ending(_) | Phase::Stopping
                    )
                };
                // Also 3 before the first link, even if the server was only starting.
                let is_linked = state.shares.first().is_some_and(has_link);
                (!is_linked).then_some(Self::LocalOnly)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::app::{self, Problem, Target};

    /// A foreground share of a folder, in this phase.
    fn state(phase: Phase) -> State {
        let mut state = State {
            ends_with_share: true,
            ..State::default()
        };
        app::update(
            &mut state,
            Event::ShareConfirmed(Target::Folder(PathBuf::from("/a"))),
        );
        state.shares[0].phase = phase;
        state
    }

    #[test]
    fn a_share_that_is_ended_without_a_link_was_local_only() {
        let outcome = |phase| Outcome::decided_by(&Event::Quit, &state(phase));
        let local_only = Some(Outcome::LocalOnly);
        assert_eq!(outcome(Phase::Starting), local_only);
        assert_eq!(outcome(Phase::Connecting(String::new())), local_only);
        assert_eq!(
            outcome(Phase::LocalOnly(Problem {
                short: String::new(),
                sentence: String::new(),
                retry_in: None,
                needs_download: false,
            })),
            local_only
        );
        assert_eq!(outcome(Phase::Online), None);
        assert_eq!(outcome(Phase::Reconnecting), None);
    }

    #[test]
    fn a_second_signal_changes_nothing() {
        let mut state = state(Phase::Online);
        app::update(&mut state, Event::Quit);
        assert_eq!(Outcome::decided_by(&Event::Quit, &state), None);
    }

    #[test]
    fn the_tray_app_ends_well_without_shares() {
        let outcome = Outcome::decided_by(&Event::Quit, &State::default());
        assert_eq!(outcome, None);
    }
}
