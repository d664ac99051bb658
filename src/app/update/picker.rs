//! The folder dialog.

use std::path::Path;

use crate::app::{effect::Effect, event::PickResult, notice::Notice, state::State};

/// Opens the dialog, unless it is already open.
pub fn open(state: &mut State) -> Vec<Effect> {
    if state.picking || state.quitting {
        return Vec::new();
    }
    state.picking = true;
    // The next folder to share is often next to the previous one.
    let newest = state.recent.iter().find(|recent| recent.exists);
    let beside = newest.and_then(|recent| recent.path.parent().map(Path::to_owned));
    vec![Effect::PickFolder {
        beside: beside.or_else(|| state.home.clone()),
    }]
}

pub fn closed(state: &mut State, result: PickResult) -> Vec<Effect> {
    state.picking = false;
    match result {
        PickResult::Chosen(folder) => vec![Effect::ResolveAndShare(folder)],
        PickResult::Cancelled => Vec::new(),
        PickResult::Failed(sentence) => {
            vec![Effect::Notify(Notice::general(
                "No folder dialog",
                sentence,
            ))]
        }
    }
}
