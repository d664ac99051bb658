//! Local sites that stop, come back, or turn out to be no websites. The link stays.

use super::announce::announce;
use crate::app::{
    effect::Effect,
    notice,
    share::{Phase, Share, ShareId},
    site::SiteState,
    state::State,
};

pub fn reported(state: &mut State, id: ShareId, site: SiteState) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.site = Some(site);
    match site {
        SiteState::Http => share.is_site_https = false,
        SiteState::Https | SiteState::TlsFails => share.is_site_https = true,
        SiteState::Down | SiteState::Silent | SiteState::NotHttp => {}
    }
    if share.phase != Phase::Online {
        return Vec::new();
    }
    let trouble = report_trouble(share);
    trouble.into_iter().chain(announce(share, true)).collect()
}

/// Notifies the user, once, of trouble that is not likely to pass. Takes that back when it has.
pub fn report_trouble(share: &mut Share) -> Option<Effect> {
    match share.site_trouble() {
        Some(_) if share.site_was_reported => None,
        Some(advice) => {
            share.site_was_reported = true;
            Some(Effect::Notify(notice::site_trouble(share, advice)))
        }
        None => {
            let was_reported = std::mem::take(&mut share.site_was_reported);
            was_reported.then_some(Effect::WithdrawNotice(share.id))
        }
    }
}
