//! A share in the local network.

use crate::app::{
    effect::Effect,
    network::NetworkReport,
    network_announcement::NetworkAnnouncement,
    notice,
    share::{Phase, Share, ShareId},
    state::State,
};

/// Opens a share to the local network or closes it there. Who wants it open while the
/// owner is asked about the network agrees to that.
pub fn set(share: &mut Share, is_on: bool) -> Option<Effect> {
    if is_on && share.asks_about_network() {
        share.network = None;
        return Some(Effect::OpenToNetworkAnyway(share.id));
    }
    if share.lan == is_on || !share.can_be_on_network() {
        return None;
    }
    share.lan = is_on;
    share.network = None;
    share.announced_on_network = None;
    share.is_served().then(|| {
        if is_on {
            open(share)
        } else {
            Effect::CloseToNetwork(share.id)
        }
    })
}

/// Opens a share to the local network.
pub fn open(share: &Share) -> Effect {
    Effect::OpenToNetwork {
        share: share.id,
        name: share.target.name(),
        port: share.network_port,
    }
}

/// What has become of a share there.
pub fn reported(state: &mut State, id: ShareId, report: NetworkReport) -> Vec<Effect> {
    let agrees = state.agrees_to_networks;
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    // It may have been switched off meanwhile.
    if !share.lan || !share.is_served() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let NetworkReport::Open(place) = &report {
        let port = place.addresses.first().map(|address| address.port());
        if share.network_port != port {
            share.network_port = port;
            effects.push(Effect::SaveSettings(id));
        }
    }
    let asked_before = share.asks_about_network();
    share.network = Some(report);
    if agrees && share.asks_about_network() {
        effects.push(Effect::OpenToNetworkAnyway(id));
    } else if !asked_before && share.asks_about_network() {
        effects.extend(notice::public_network(share).map(Effect::Notify));
    }
    effects.extend(announce(share));
    effects
}

/// Announces the link in the network if it is the only one: there is no public link, and there was none.
pub fn announce(share: &mut Share) -> Option<Effect> {
    let Phase::LocalOnly(problem) = &share.phase else {
        return None;
    };
    let link = share.network_link()?;
    let has_been_public = share.announced.is_some();
    let is_early = share.has_places.is_none();
    if has_been_public
        || is_early
        || share.is_missing
        || share.announced_on_network.as_ref() == Some(&link)
    {
        return None;
    }
    let announcement = NetworkAnnouncement {
        share: share.id,
        name: share.short_name(),
        link: link.clone(),
        old: share.announced_on_network.take(),
        why: problem.short.clone(),
        is_protected: share.wants_password,
        note: share.warning_of_places(),
    };
    share.announced_on_network = Some(link);
    Some(Effect::AnnounceOnNetwork(announcement))
}

/// Copies the link for people in the same network.
pub fn copy(share: &Share) -> Option<Effect> {
    let text = share.network_link()?;
    let then = Some(notice::network_link_copied(share, &text));
    Some(Effect::Copy {
        text,
        is_secret: false,
        then,
    })
}
