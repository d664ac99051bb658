//! The folder dialog.

use std::path::Path;

use crate::app::{
    effect::{Effect, Purpose},
    event::PickResult,
    notice::Notice,
    state::State,
};

/// Opens the dialog, unless it is already open.
pub fn open(state: &mut State, purpose: Purpose) -> Vec<Effect> {
    if state.picking.is_some() || state.quitting {
        return Vec::new();
    }
    state.picking = Some(purpose);
    let start = match purpose {
        // The next folder to share is often next to the previous one.
        Purpose::Share => {
            let newest = state.recent.iter().find(|recent| recent.exists);
            newest.and_then(|recent| recent.path.parent().map(Path::to_owned))
        }
        Purpose::Receive => state.inbox.clone(),
    };
    vec![Effect::PickFolder {
        purpose,
        start: start.or_else(|| state.home.clone()),
    }]
}

pub fn closed(state: &mut State, result: PickResult) -> Vec<Effect> {
    let purpose = state.picking.take().unwrap_or(Purpose::Share);
    match (result, purpose) {
        (PickResult::Chosen(folder), Purpose::Share) => vec![Effect::ResolveAndShare(folder)],
        (PickResult::Chosen(folder), Purpose::Receive) => vec![Effect::ResolveAndReceive(folder)],
        (PickResult::Cancelled, _) => Vec::new(),
        (PickResult::Failed(sentence), _) => {
            vec![Effect::Notify(Notice::general(
                "No folder dialog",
                sentence,
            ))]
        }
    }
}
