//! Files that are deleted, moved or unmounted while they are shared, and come back. The link
//! stays: a build recreates its folder, a disk is unplugged and plugged in again.

use super::{announce::announce, network};
use crate::app::{
    effect::Effect,
    event::Availability,
    notice,
    share::{Share, ShareId},
    state::State,
    under_way::UnderWay,
};

pub fn reported(state: &mut State, id: ShareId, availability: Availability) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase.is_final() {
        return Vec::new();
    }
    match availability {
        Availability::Missing => {
            share.is_missing = true;
            share.missing_items.clear();
            Vec::new()
        }
        Availability::MissingForLong => {
            share.missing_was_reported = true;
            share.is_missing |= share.missing_items.is_empty();
            vec![Effect::Notify(notice::missing(share))]
        }
        Availability::PartlyMissing(names) => {
            share.missing_items = names;
            served_again(share)
        }
        Availability::Available => {
            share.missing_items.clear();
            served_again(share)
        }
    }
}

/// Nobody is told. It is there for those who look, for example because a disk can't be unmounted.
pub fn under_way(state: &mut State, all: Vec<(ShareId, UnderWay)>) -> Vec<Effect> {
    for share in &mut state.shares {
        share.under_way = UnderWay::default();
    }
    for (id, under_way) in all {
        if let Some(share) = state.share_mut(id) {
            share.under_way = under_way;
        }
    }
    Vec::new()
}

/// What visitors get has changed for the better, or to less than all.
fn served_again(share: &mut Share) -> Vec<Effect> {
    share.is_missing = false;
    let was_reported = std::mem::take(&mut share.missing_was_reported);
    let withdraw = was_reported.then_some(Effect::WithdrawNotice(share.id));
    let announcement = announce(share, true).or_else(|| network::announce(share));
    withdraw.into_iter().chain(announcement).collect()
}
