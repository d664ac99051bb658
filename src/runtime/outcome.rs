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
            Event::Quit => {
                let is_local = |share: &Share| {
                    matches!(share.phase, Phase::LocalOnly(_)) || share.is_retrying()
                };
                let any_is_local = state.shares.iter().any(is_local);
                any_is_local.then_some(Self::LocalOnly)
            }
            _ => None,
        }
    }
}
