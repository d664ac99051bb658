//! Shares that are over: nothing of them is running any more.

use crate::app::{effect::Effect, notice, share::ShareId, state::State};

/// Removes the share, and says so if it has ended by itself.
pub fn remove(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share(id).cloned() else {
        return Vec::new();
    };
    state.remove_share(id);
    let mut effects = Vec::new();
    // Otherwise it never began.
    if share.local.is_some() {
        effects.push(Effect::RecordEnd(id, share.end_reason));
    }
    // It is about to be shared again anyway.
    if let Some(reason) = share.end_reason.filter(|_| share.restart.is_none()) {
        if share.can_come_back() {
            state.remember_ended(&share);
        }
        let notice = notice::ended(&share, reason, state.has_menu());
        effects.push(Effect::Notify(notice));
    }
    effects
}
