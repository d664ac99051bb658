//! The pictures of QR codes. Each lasts as long as its link.

use crate::app::{
    effect::Effect,
    share::{Share, ShareId},
    state::State,
};

/// Shows the QR code of the share's link.
pub fn show(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(link) = state.share(id).and_then(Share::offered_link) else {
        return Vec::new();
    };
    let link = link.to_owned();
    state.qr_codes.retain(|(share, _)| *share != id);
    state.qr_codes.push((id, link.clone()));
    vec![Effect::ShowQrCode { share: id, link }]
}

/// Removes the pictures of links that are no longer offered.
pub fn remove_outdated(state: &mut State) -> Vec<Effect> {
    let pictures = std::mem::take(&mut state.qr_codes);
    let (current, outdated): (Vec<_>, Vec<_>) = pictures.into_iter().partition(|(id, link)| {
        let offered = state.share(*id).and_then(Share::offered_link);
        offered == Some(link)
    });
    state.qr_codes = current;
    outdated
        .into_iter()
        .map(|(id, _)| Effect::RemoveQrCode(id))
        .collect()
}
