//! Copying and opening links, and notices about them.

use super::{network, picker};
use crate::app::{
    effect::{Effect, Purpose},
    link::with_password,
    notice::{self, Notice},
    share::{Phase, Share, ShareId},
    state::State,
};

/// Copies the link and says so. If there is no link, says why.
pub fn copy(state: &State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share(id) else {
        return Vec::new();
    };
    if let Some(link) = share.offered_link() {
        return vec![Effect::Copy {
            text: link.to_owned(),
            is_secret: false,
            then: Some(notice::link_copied(share, link)),
        }];
    }
    if share.only_network_link().is_some() {
        return network::copy(share).into_iter().collect();
    }
    let notice = match &share.phase {
        Phase::LocalOnly(problem) => notice::local_only(share, problem, state.offered_download()),
        Phase::Asking(private) => notice::question(share, private, state.has_menu()),
        Phase::Starting | Phase::Connecting(_) => notice::no_link_yet(share),
        Phase::Ending(_) => notice::still_ending(share),
        Phase::Online | Phase::Reconnecting | Phase::Stopping => return Vec::new(),
    };
    vec![Effect::Notify(notice)]
}

pub fn copy_local(share: &Share) -> Option<Effect> {
    let text = share.local_link()?;
    let then = Some(notice::local_address_copied(share, &text));
    Some(Effect::Copy {
        text,
        is_secret: false,
        then,
    })
}

/// Copies the password, if it is known.
pub fn copy_password(share: &Share) -> Option<Effect> {
    let text = share.known_password()?.to_owned();
    let then = Some(notice::password_copied(share));
    Some(Effect::Copy {
        text,
        is_secret: true,
        then,
    })
}

/// Copies a link that works without entering the password.
pub fn copy_with_password(share: &Share) -> Option<Effect> {
    let text = with_password(share.offered_link()?, share.known_password()?);
    let then = Some(notice::link_with_password_copied(share));
    Some(Effect::Copy {
        text,
        is_secret: true,
        then,
    })
}

pub fn open(share: &Share) -> Option<Effect> {
    let link = share.offered_link().map(str::to_owned);
    link.or_else(|| share.local_link()).map(Effect::OpenUrl)
}

/// Shows a notice, unless its link has become invalid in the meantime.
pub fn show_notice(state: &State, notice: Notice) -> Vec<Effect> {
    let share = notice.share.and_then(|id| state.share(id));
    if let Some(link) = &notice.link
        && !share.is_some_and(|share| share.offers(link))
    {
        return Vec::new();
    }
    vec![Effect::Notify(notice)]
}

/// Opens the dashboard, or the folder dialog while nothing is shared.
pub fn icon_clicked(state: &mut State) -> Vec<Effect> {
    let is_there = |share: &Share| share.phase != Phase::Stopping;
    if state.shares.iter().any(is_there) {
        vec![Effect::OpenDashboard]
    } else {
        picker::open(state, Purpose::Share)
    }
}
