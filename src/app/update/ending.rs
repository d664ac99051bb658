//! Shares that end by themselves, because a time is over or a number of downloads is reached.

use super::stop;
use crate::app::{
    effect::Effect,
    limits::EndReason,
    moment::Moment,
    share::{Phase, Share, ShareId},
    state::State,
};

/// Time has passed.
pub fn time_is(state: &mut State, now: Moment) -> Vec<Effect> {
    // Threads may report their events in another order than they read the clock.
    state.now = state.now.max(now);
    let now = state.now;
    state.ended.retain(|ended| ended.until > now);
    let shares = state.shares.iter().filter(|share| share.counts_down());
    let over = shares.filter(|share| share.limits.reached(now).is_some());
    let over: Vec<ShareId> = over.map(|share| share.id).collect();
    over.into_iter()
        .flat_map(|id| end_if_over(state, id))
        .collect()
}

/// A download is complete.
pub fn downloaded(state: &mut State, id: ShareId, is_last: bool) -> Vec<Effect> {
    let now = state.now;
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.limits.count_download();
    if !share.counts_down() {
        return Vec::new();
    }
    if share.limits.reached(now).is_some() {
        return end_if_over(state, id);
    }
    if is_last {
        // The owner changed the limit while the download ended.
        return end_for(share, EndReason::Downloads(1));
    }
    vec![Effect::SaveSettings(id)]
}

/// Nothing is under way any more.
pub fn drained(state: &mut State, id: ShareId) -> Vec<Effect> {
    match state.share(id) {
        Some(share) if matches!(share.phase, Phase::Ending(_)) => stop::stop_parts(state, id),
        _ => Vec::new(),
    }
}

/// Ends the share if one of its limits is reached.
pub fn end_if_over(state: &mut State, id: ShareId) -> Vec<Effect> {
    let now = state.now;
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    let Some(reason) = share.limits.reached(now) else {
        return Vec::new();
    };
    if share.phase == Phase::Starting {
        // Nobody can have begun a download.
        share.end_reason = Some(reason);
        return stop::stop_parts(state, id);
    }
    end_for(share, reason)
}

/// Ends a share that is served.
fn end_for(share: &mut Share, reason: EndReason) -> Vec<Effect> {
    share.end_reason = Some(reason);
    share.phase = Phase::Ending(reason);
    vec![
        Effect::WithdrawNotice(share.id),
        Effect::EndServing(share.id),
        // It must not begin again if the program ends before it.
        Effect::SaveSettings(share.id),
    ]
}
