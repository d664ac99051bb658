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
    if is_confirmed {
        share.no_uploads = None;
        share.private_hidden = Some(None);
    }
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
            let mut changes = changes;
            if share.asks_about_network() {
                // To share it again is no answer.
                changes.lan = changes.lan.filter(|is_on| !is_on);
            }
            let mut effects = settings::change(state, id, changes);
            effects.extend(link::copy(state, id));
            effects
        }
    }
}

/// Shares what an earlier run shared, with the settings that it had. If the user was faster, it stays as
/// it is.
pub fn resume(state: &mut State, target: Target, changes: Changes) -> Vec<Effect> {
    if state.quitting || state.share_of(&target).is_some() {
        return Vec::new();
    }
    // The user has confirmed it, with what its visitors see.
    start::start(state, target, true, changes)
}

/// Shares what has ended by itself again, unless that was too long ago.
pub fn share_again(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(at) = state.ended.iter().position(|ended| ended.id == id) else {
        // Its notification stays on the screen for as long as it likes.
        return vec![Effect::Notify(notice::too_late_to_share_again())];
    };
    let ended = state.ended.remove(at);
    // It may hold private files by now, or the settings may say that more is served.
    share(state, ended.target, false, ended.settings)
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
    // Its server will be another one.
    share.password = None;
    share.is_password_changing = false;
    share.phase = Phase::Asking(private);
    vec![Effect::Notify(question)]
}

/// The user has agreed to share private content.
pub fn confirm(state: &mut State, id: ShareId) -> Vec<Effect> {
    match state.share(id) {
        Some(share) if matches!(share.phase, Phase::Asking(_)) => {
            let mut effects = vec![Effect::WithdrawNotice(id)];
            effects.extend(start::begin(state, id, false));
            effects
        }
        _ => Vec::new(),
    }
}
