//! Shares that are over: nothing of them is running any more.

use crate::app::{effect::Effect, notice, share::ShareId, state::State};

/// Removes the share, and says so if it has ended by itself.
pub fn remove(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share(id).cloned() else {
        return Vec::new();
    };
    state.remove_share(id);
    match share.end_reason {
        // It is about to be shared again anyway.
        Some(reason) if share.restart.is_none() => {
            state.remember_ended(&share);
            let notice = notice::ended(&share, reason, state.has_menu());
            vec![Effect::Notify(notice)]
        }
        _ => Vec::new(),
    }
}
