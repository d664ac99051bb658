//! The start of a share: first its server, then its tunnel.

use std::net::SocketAddr;

use super::{network, over};
use crate::app::{
    effect::Effect,
    settings::{Changes, Limit, PasswordChange},
    share::{Phase, ShareId},
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
    let changes = state.defaults.complete(changes);
    state.ended.retain(|ended| ended.target != target);
    let id = state.add_share(target);
    if let Some(share) = state.share_mut(id) {
        share.starts_with = changes;
    }
    begin(state, id, !is_confirmed)
}

/// Starts the server of a share, with the settings that the share starts with. Its time runs from now
/// on.
pub fn begin(state: &mut State, id: ShareId, check_private: bool) -> Vec<Effect> {
    let now = state.now;
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    let changes = &share.starts_with;
    share.limits.apply(changes, now);
    let changes = share.starts_with.clone();
    share.apply_upload_settings(&changes);
    share.apply_hidden(&changes);
    share.cors = changes.cors == Some(true) && share.has_files();
    share.places = changes.places == Some(true) && share.has_files();
    // The search begins with the server.
    share.has_places = (!share.target.may_have_photos()).then_some(false);
    share.speed_limit = changes.speed_limit.and_then(Limit::value);
    share.inspects = changes.inspect == Some(true);
    share.lan = changes.lan == Some(true) && share.can_be_on_network();
    share.network_port = changes.left.network_port;
    share.received = changes.left.received;
    share.received_before = changes.left.received;
    let password = changes.password.unwrap_or(PasswordChange::Remove);
    share.wants_password = password.protects();
    share.is_password_changing = password.protects();
    share.end_reason = share.limits.reached(now);
    if share.end_reason.is_some() {
        // It was over before it could be resumed.
        share.has_server = false;
        let mut effects = vec![Effect::ForgetSettings(share.target.clone())];
        effects.extend(over::remove(state, id));
        return effects;
    }
    share.phase = Phase::Starting;
    share.has_server = true;
    vec![Effect::StartServer {
        share: id,
        target: share.target.clone(),
        check_private,
        password,
        downloads: share.limits.downloads_left(),
        deliveries: share.limits.deliveries_left(),
        uploads: share.upload_settings(),
        hidden: share.hidden,
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
    let mut effects = vec![Effect::RecordStart(id), Effect::StartTunnel(id, address)];
    effects.extend(share.lan.then(|| network::open(share)));
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
