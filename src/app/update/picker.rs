//! The dialog for a folder or files.

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
        // What is shared next is often next to the previous folder.
        Purpose::Share | Purpose::ShareFiles => {
            let newest = state.recent.iter().find(|recent| recent.exists);
            newest.and_then(|recent| recent.path.parent().map(Path::to_owned))
        }
        Purpose::Receive => state.inbox.clone(),
    };
    vec![Effect::Pick {
        purpose,
        start: start.or_else(|| state.home.clone()),
    }]
}

pub fn closed(state: &mut State, result: PickResult) -> Vec<Effect> {
    let purpose = state.picking.take().unwrap_or(Purpose::Share);
    match (result, purpose) {
        (PickResult::Chosen(folder), Purpose::Share | Purpose::ShareFiles) => {
            vec![Effect::ResolveAndShare(folder)]
        }
        (PickResult::ChosenFiles(files), _) => vec![Effect::ResolveAndShareFiles(files)],
        (PickResult::Chosen(folder), Purpose::Receive) => vec![Effect::ResolveAndReceive(folder)],
        (PickResult::Cancelled, _) => Vec::new(),
        (PickResult::Failed(sentence), Purpose::ShareFiles) => {
            vec![Effect::Notify(Notice::general("No file dialog", sentence))]
        }
        (PickResult::Failed(sentence), _) => {
            vec![Effect::Notify(Notice::general(
                "No folder dialog",
                sentence,
            ))]
        }
    }
}
