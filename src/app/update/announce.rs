//! Announces links.

use super::network;
use crate::app::{
    effect::Effect,
    notice,
    notification::NotificationKind,
    share::{Phase, Share, ShareId},
    site::SiteState,
    state::State,
    target::Target,
};

/// What to know about a link that is new.
fn note(share: &Share) -> Option<String> {
    let mut notes = Vec::new();
    if let (Target::Site(port), Some(SiteState::Down)) = (&share.target, share.site) {
        notes.push(format!("Nothing answers on port {port} yet."));
    }
    if matches!(share.target, Target::Text(_)) {
        notes.push("If it was on the clipboard, the link has replaced it there.".into());
    }
    if share.is_inbox() {
        notes.push("Visitors can only hand in files.".into());
    }
    if share.known_password().is_some() {
        notes.push("Visitors need the password, which the menu can copy.".into());
    } else if share.wants_password {
        notes.push("Visitors need the password.".into());
    }
    notes.extend(share.warning_of_places().map(str::to_owned));
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// Photos in a share say where they were taken, or don't, as far as a short look shows. The link was kept
/// back for that, if it was there first.
pub fn places_searched(state: &mut State, id: ShareId, found: bool) -> Vec<Effect> {
    // A terminal shows what is known of its share anyway.
    let is_in_terminal = state.ends_with_share;
    let is_told_with_link = state.notifications.have(NotificationKind::Online);
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    let before = share.has_places;
    // Hidden files may have been searched alone.
    let has_places = found || before == Some(true);
    share.has_places = Some(has_places);
    let mut effects = Vec::new();
    let is_late = share.announced.is_some() || share.announced_on_network.is_some();
    let is_news = has_places && before != Some(true) && !share.phase.is_final();
    if let Some(warning) = share.warning_of_places()
        && is_news
        && (is_late || !is_told_with_link)
        && !is_in_terminal
    {
        effects.push(Effect::Notify(notice::has_places(share, warning)));
    }
    if before.is_none() {
        let is_checked = share.is_link_checked;
        effects.extend(announce(share, is_checked).or_else(|| network::announce(share)));
    }
    effects
}

/// Announces the link of a share that is online, once. The announcement waits while the files are
/// missing, while visitors can't see the site, and until it is known what to say about its photos.
pub fn announce(share: &mut Share, is_checked: bool) -> Option<Effect> {
    let link = share.link.clone()?;
    let is_useless = share.is_missing || share.site_trouble().is_some();
    let is_early = share.has_places.is_none();
    if share.phase != Phase::Online
        || is_useless
        || is_early
        || share.announced.as_ref() == Some(&link)
    {
        return None;
    }
    let (id, name) = (share.id, share.short_name());
    Some(match share.announced.replace(link.clone()) {
        Some(old) => Effect::AnnounceNewLink {
            share: id,
            name,
            link,
            old,
        },
        None => Effect::Announce {
            share: id,
            name,
            link,
            note: note(share),
            is_checked,
        },
    })
}
