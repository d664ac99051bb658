//! Requests to share something, and the confirmation that private content needs.

use super::{link, settings, start, stop};
use crate::app::{
    effect::Effect,
    notice,
    private_content::PrivateContent,
    settings::Changes,
    share::{Phase, Restart, ShareId},
    state::State,
    target::Target,
};

/// Shares the target with these settings. If it is already shared, changes its settings and copies its
/// link.
pub fn share(
    state: &mut State,
    target: Target,
    is_confirmed: bool,
    changes: Changes,
) -> Vec<Effect> {
    if state.quitting {
        return Vec::new();
    }
    let Some(share) = state.share_of(&target) else {
        return start::start(state, target, is_confirmed, changes);
    };
    let id = share.id;
    match share.phase {
        Phase::Stopping => {
            share.restart = Some(Restart {
                is_confirmed,
                changes,
            });
            Vec::new()
        }
        Phase::Ending(_) => {
            share.restart = Some(Restart {
                is_confirmed,
                changes,
            });
            link::copy(state, id)
        }
        Phase::Asking(_) if is_confirmed => {
            settings::change(state, id, changes);
            confirm(state, id)
        }
        _ => {
            let mut effects = settings::change(state, id, changes);
            effects.extend(link::copy(state, id));
            effects
        }
    }
}

/// Shares what has ended by itself again, unless that was too long ago.
pub fn share_again(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(at) = state.ended.iter().position(|ended| ended.id == id) else {
        return Vec::new();
    };
    let ended = state.ended.remove(at);
    // It was confirmed the first time.
    share(state, ended.target, true, ended.settings)
}

/// The target of a share holds private content: asks the user.
pub fn found_private(state: &mut State, id: ShareId, private: PrivateContent) -> Vec<Effect> {
    let has_menu = state.has_menu();
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        return stop::part_ended(state, id, |share| share.has_server = false);
    }
    let question = notice::question(share, &private, has_menu);
    share.has_server = false;
    share.phase = Phase::Asking(private);
    vec![Effect::Notify(question)]
}

/// The user has agreed to share private content.
pub fn confirm(state: &mut State, id: ShareId) -> Vec<Effect> {
    let now = state.now;
    match state.share_mut(id) {
        Some(share) if matches!(share.phase, Phase::Asking(_)) => {
            share.phase = Phase::Starting;
            share.has_server = true;
            // The time runs from now on.
            share.limits.apply(&share.starts_with, now);
            vec![Effect::WithdrawNotice(id), start::server(share, false)]
        }
        _ => Vec::new(),
    }
}
