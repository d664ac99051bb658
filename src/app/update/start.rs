//! The start of a share: first its server, then its tunnel.

use std::net::SocketAddr;

use super::over;
use crate::app::{
    effect::Effect,
    settings::{Changes, PasswordChange},
    share::{Phase, Share, ShareId},
    state::State,
    target::Target,
};

/// Adds a share and starts its server.
pub fn start(
    state: &mut State,
    target: Target,
    is_confirmed: bool,
    changes: Changes,
) -> Vec<Effect> {
    let (now, changes) = (state.now, state.defaults.complete(changes));
    let id = state.add_share(target);
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.wants_password = changes
        .password
        .as_ref()
        .is_some_and(PasswordChange::protects);
    share.is_password_changing = share.wants_password;
    share.limits.apply(&changes, now);
    share.starts_with = changes;
    // It was over before it could be resumed.
    share.end_reason = share.limits.reached(now);
    if share.end_reason.is_some() {
        share.has_server = false;
        return over::remove(state, id);
    }
    vec![server(share, !is_confirmed)]
}

/// Starts the server of a share with the settings that the share has.
pub fn server(share: &Share, check_private: bool) -> Effect {
    Effect::StartServer {
        share: share.id,
        target: share.target.clone(),
        check_private,
        password: (share.starts_with.password.clone()).unwrap_or(PasswordChange::Remove),
        downloads: share.limits.downloads_left(),
    }
}

/// The server is running: starts the tunnel.
pub fn server_started(state: &mut State, id: ShareId, address: SocketAddr) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    // If the share was stopped meanwhile, the server was already asked to stop.
    if share.phase != Phase::Starting {
        return Vec::new();
    }
    share.local = Some(address);
    share.phase = Phase::Connecting("connecting…".into());
    share.has_tunnel = true;
    let mut effects = vec![Effect::StartTunnel(id, address)];
    // The list belongs to the tray program, which may be running next to a foreground share.
    if let Target::Folder(folder) = share.target.clone()
        && !state.ends_with_share
    {
        state.recent.put_first(&folder);
        let recent = state.recent.paths();
        effects.push(Effect::SaveRecent(recent.clone()));
        effects.push(Effect::CheckRecent(recent));
    }
    effects
}
