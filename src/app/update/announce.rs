//! Announces links.

use crate::app::{
    effect::Effect,
    notice,
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

/// Photos in a share say where they were taken. That is told with the link, unless the link was there
/// first.
pub fn has_places(state: &mut State, id: ShareId) -> Vec<Effect> {
    // A terminal shows what is known of its share anyway.
    let is_in_terminal = state.ends_with_share;
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.has_places = true;
    let is_known = share.announced.is_some() || share.announced_on_network.is_some();
    match share.warning_of_places() {
        Some(warning) if is_known && !is_in_terminal && !share.phase.is_final() => {
            vec![Effect::Notify(notice::has_places(share, warning))]
        }
        _ => Vec::new(),
    }
}

/// Announces the link of a share that is online, once. The announcement waits while the files are
/// missing, and while visitors can't see the site.
pub fn announce(share: &mut Share, is_checked: bool) -> Option<Effect> {
    let link = share.link.clone()?;
    let is_useless = share.is_missing || share.site_trouble().is_some();
    if share.phase != Phase::Online || is_useless || share.announced.as_ref() == Some(&link) {
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
