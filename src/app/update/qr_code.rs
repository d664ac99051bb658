//! The pictures of QR codes. Each lasts as long as its link.

use crate::app::{
    effect::Effect,
    share::{Share, ShareId},
    state::State,
};

/// Shows the QR code of the share's link.
pub fn show(state: &mut State, id: ShareId) -> Vec<Effect> {
    let link = state.share(id).and_then(Share::offered_link);
    let link = link.map(str::to_owned);
    show_link(state, id, link)
}

/// Shows the QR code of the share's link in the local network.
pub fn show_network(state: &mut State, id: ShareId) -> Vec<Effect> {
    let link = state.share(id).and_then(Share::network_link);
    show_link(state, id, link)
}

fn show_link(state: &mut State, id: ShareId, link: Option<String>) -> Vec<Effect> {
    let Some(link) = link else {
        return Vec::new();
    };
    state.qr_codes.retain(|(share, _)| *share != id);
    state.qr_codes.push((id, link.clone()));
    vec![Effect::ShowQrCode { share: id, link }]
}

/// Removes the pictures of links that are no longer offered.
pub fn remove_outdated(state: &mut State) -> Vec<Effect> {
    let pictures = std::mem::take(&mut state.qr_codes);
    let (current, outdated): (Vec<_>, Vec<_>) = pictures.into_iter().partition(|(id, link)| {
        let share = state.share(*id);
        share.is_some_and(|share| share.offers(link))
    });
    state.qr_codes = current;
    outdated
        .into_iter()
        .map(|(id, _)| Effect::RemoveQrCode(id))
        .collect()
}
