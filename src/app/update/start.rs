//! The start of a share: first its server, then its tunnel.

use std::net::SocketAddr;

use crate::app::{
    effect::Effect,
    share::{Phase, ShareId},
    state::State,
    target::Target,
};

/// Adds a share and starts its server.
pub fn start(state: &mut State, target: Target, is_confirmed: bool) -> Vec<Effect> {
    let id = state.add_share(target.clone());
    vec![Effect::StartServer {
        share: id,
        target,
        check_private: !is_confirmed,
    }]
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
