//! Shares that end by themselves, because a time is over or a number of downloads or deliveries is
//! reached.

use super::stop;
use crate::app::{
    effect::Effect,
    limits::EndReason,
    moment::Moment,
    share::{Phase, ShareId},
    state::State,
};

/// Time has passed.
pub fn time_is(state: &mut State, now: Moment) -> Vec<Effect> {
    // Threads may report their events in another order than they read the clock.
    state.now = state.now.max(now);
    let now = state.now;
    state.ended.retain(|ended| ended.until > now);
    let shares = state.shares.iter().filter(|share| share.counts_down());
    let shares: Vec<ShareId> = shares.map(|share| share.id).collect();
    let ends = shares.into_iter().map(|id| end_if_over(state, id));
    ends.flatten().collect()
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
    // If only the server says so, the owner changed the limit while the download ended.
    let is_over = is_last.then_some(EndReason::Downloads(1));
    match share.limits.reached(now).or(is_over) {
        Some(reason) => end(state, id, reason),
        None => vec![Effect::SaveSettings(id)],
    }
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
    let share = state.share(id);
    match share.and_then(|share| share.limits.reached(state.now)) {
        Some(reason) => end(state, id, reason),
        None => Vec::new(),
    }
}

/// Lets what is under way finish.
pub fn end(state: &mut State, id: ShareId, reason: EndReason) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.end_reason = Some(reason);
    if share.phase == Phase::Starting {
        // Nobody can have begun a download.
        return stop::stop_parts(state, id);
    }
    share.phase = Phase::Ending(reason);
    share.network = None;
    vec![
        Effect::WithdrawNotice(id),
        Effect::EndServing(id),
        // It must not begin again if the program ends before it.
        Effect::SaveSettings(id),
    ]
}
