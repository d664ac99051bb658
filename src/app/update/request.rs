//! Requests to share something, and the confirmation that private content needs.

use super::{link, start, stop};
use crate::app::{
    effect::Effect,
    notice,
    private_content::PrivateContent,
    share::{Phase, Restart, ShareId},
    state::State,
    target::Target,
};

/// Shares the target. If it is already shared, copies its link instead.
pub fn share(state: &mut State, target: Target, is_confirmed: bool) -> Vec<Effect> {
    if state.quitting {
        return Vec::new();
    }
    let Some(share) = state.share_of(&target) else {
        return start::start(state, target, is_confirmed);
    };
    let id = share.id;
    match share.phase {
        Phase::Stopping => {
            share.restart = Some(Restart { is_confirmed });
            Vec::new()
        }
        Phase::Asking(_) if is_confirmed => confirm(state, id),
        _ => link::copy(state, id),
    }
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
    match state.share_mut(id) {
        Some(share) if matches!(share.phase, Phase::Asking(_)) => {
            share.phase = Phase::Starting;
            share.has_server = true;
            let target = share.target.clone();
            vec![
                Effect::WithdrawNotice(id),
                Effect::StartServer {
                    share: id,
                    target,
                    check_private: false,
                },
            ]
        }
        _ => Vec::new(),
    }
}
