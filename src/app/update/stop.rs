//! The end of a share: it is gone when both its server and its tunnel have ended.

use super::{over, start};
use crate::app::{
    effect::Effect,
    incoming::Incoming,
    notice,
    share::{Phase, Restart, Share, ShareId},
    state::State,
};

/// Asks the server and the tunnel of a share to stop.
pub fn stop(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        share.restart = None;
        return Vec::new();
    }
    if matches!(share.phase, Phase::Asking(_)) {
        state.remove_share(id);
        return vec![Effect::WithdrawNotice(id)];
    }
    // The user knows that it ends, and wants nothing of it any more.
    share.end_reason = None;
    share.restart = None;
    stop_parts(state, id)
}

/// Like [`stop`], for whatever reason.
pub fn stop_parts(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.phase = Phase::Stopping;
    share.link = None;
    share.incoming = Incoming::default();
    share.arrivals.forget();
    let mut effects = vec![Effect::WithdrawNotice(id)];
    if share.has_tunnel {
        effects.push(Effect::StopTunnel(id));
    }
    if share.has_server {
        effects.push(Effect::StopServer(id));
    }
    effects
}

pub fn stop_all(state: &mut State) -> Vec<Effect> {
    let ids: Vec<ShareId> = state.shares.iter().map(|share| share.id).collect();
    ids.into_iter().flat_map(|id| stop(state, id)).collect()
}

/// The server couldn't be started.
pub fn server_failed(state: &mut State, id: ShareId, sentence: String) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.restart = None;
    let notice = notice::not_shared(share, sentence);
    let mut effects = vec![Effect::Notify(notice)];
    effects.push(Effect::CheckRecent(state.recent.paths()));
    effects.extend(remove_part(state, id, |share| share.has_server = false));
    effects
}

/// The server or the tunnel of a share has ended; `mark` notes which. If nobody asked for that,
/// the user is notified and the other part is stopped as well.
pub fn part_ended(state: &mut State, id: ShareId, mark: impl FnOnce(&mut Share)) -> Vec<Effect> {
    let notice = state
        .share(id)
        .filter(|share| !share.phase.is_final())
        .map(|share| notice::ended_unexpectedly(share, state.has_menu()));
    let mut effects = remove_part(state, id, mark);
    effects.extend(notice.map(Effect::Notify));
    effects
}

/// Removes the share with its last part.
fn remove_part(state: &mut State, id: ShareId, mark: impl FnOnce(&mut Share)) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    mark(share);
    if share.has_server || share.has_tunnel {
        return if share.phase == Phase::Stopping {
            Vec::new()
        } else {
            stop_parts(state, id)
        };
    }
    remove(state, id)
}

/// Removes a share that has neither a server nor a tunnel any more, and starts it again if the user
/// wants that.
fn remove(state: &mut State, id: ShareId) -> Vec<Effect> {
    let restart = state.share(id).and_then(|share| {
        let restart = share.restart.clone()?;
        Some((share.target.clone(), restart))
    });
    let mut effects = over::remove(state, id);
    if state.quitting || state.ends_with_share {
        if state.shares.is_empty() {
            effects.push(Effect::Exit);
        }
    } else if let Some((target, restart)) = restart {
        let Restart {
            is_confirmed,
            changes,
        } = restart;
        effects.extend(start::start(state, target, is_confirmed, changes));
    }
    effects
}

/// Stops everything. The program exits when the last share is gone, or after the grace period.
pub fn quit(state: &mut State) -> Vec<Effect> {
    if state.quitting {
        return Vec::new();
    }
    state.quitting = true;
    let mut effects = vec![Effect::ForceExitAfterGrace];
    effects.extend(stop_all(state));
    if state.shares.is_empty() {
        effects.push(Effect::Exit);
    }
    effects
}
