//! Files that are deleted, moved or unmounted while they are shared, and come back. The link
//! stays: a build recreates its folder, a disk is unplugged and plugged in again.

use super::announce::announce;
use crate::app::{
    effect::Effect,
    event::Availability,
    notice,
    share::{Phase, ShareId},
    state::State,
};

pub fn reported(state: &mut State, id: ShareId, availability: Availability) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        return Vec::new();
    }
    match availability {
        Availability::Missing => {
            share.is_missing = true;
            Vec::new()
        }
        Availability::MissingForLong => {
            share.is_missing = true;
            share.missing_was_reported = true;
            vec![Effect::Notify(notice::missing(share))]
        }
        Availability::Available => {
            share.is_missing = false;
            let was_reported = std::mem::take(&mut share.missing_was_reported);
            let withdraw = was_reported.then_some(Effect::WithdrawNotice(id));
            withdraw.into_iter().chain(announce(share, true)).collect()
        }
    }
}
