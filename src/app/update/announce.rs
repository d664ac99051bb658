//! Announces links.

use crate::app::{
    effect::Effect,
    share::{Phase, Share},
};

/// Announces the link of a share that is online, once. The announcement waits while the files are
/// missing.
pub fn announce(share: &mut Share, is_checked: bool) -> Option<Effect> {
    let link = share.link.clone()?;
    if share.phase != Phase::Online || share.is_missing || share.announced.as_ref() == Some(&link) {
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
            is_checked,
        },
    })
}
