//! Files that visitors hand in.

use super::ending;
use crate::app::{
    effect::Effect,
    incoming::{Incoming, Received},
    limits::EndReason,
    notice,
    private_content::PrivateContent,
    share::{Phase, ShareId},
    state::State,
};

/// What visitors are handing in now.
pub fn incoming(state: &mut State, id: ShareId, incoming: Incoming) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        return Vec::new();
    }
    let has_ended = incoming.files == 0 && share.incoming.files > 0;
    share.incoming = incoming;
    // What has come in counts after a restart, too.
    if has_ended {
        vec![Effect::SaveSettings(id)]
    } else {
        Vec::new()
    }
}

/// Whole files have come in.
pub fn received(state: &mut State, id: ShareId, files: Received) -> Vec<Effect> {
    if let Some(share) = state.share_mut(id) {
        share.received.add(files.files, files.bytes);
    }
    Vec::new()
}

/// A visitor has handed in everything.
pub fn delivered(
    state: &mut State,
    id: ShareId,
    delivery: Received,
    sender: Option<&str>,
    is_last: bool,
) -> Vec<Effect> {
    let (now, has_terminal) = (state.now, state.ends_with_share);
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        return Vec::new();
    }
    share.limits.count_delivery();
    // A terminal shows one line after the other.
    let line = has_terminal.then(|| Effect::Notify(notice::delivered(delivery, sender)));
    if line.is_none() {
        share.arrivals.add(now, delivery, sender);
    }
    if is_last {
        // Little comes after it that could be told of together.
        share.arrivals.hurry();
    }
    let mut effects = if share.counts_down() {
        // If only the server says so, the owner changed the limit while the delivery ended.
        let is_over = is_last.then_some(EndReason::Deliveries(1));
        match share.limits.reached(now).or(is_over) {
            Some(reason) => ending::end(state, id, reason),
            None => vec![Effect::SaveSettings(id)],
        }
    } else {
        vec![Effect::SaveSettings(id)]
    };
    effects.extend(line);
    effects.extend(tell_due(state));
    effects
}

/// Tells the owner of what has come in, where it is time to.
pub fn tell_due(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    let mut effects = Vec::new();
    for share in &mut state.shares {
        if share.arrivals.due(now).is_some_and(|due| due <= now) {
            share.arrivals.tell(now);
            effects.push(Effect::Notify(notice::received(share)));
        }
    }
    effects
}

/// Opens the folder of a share, even of one that has ended. The owner sees what has come in.
pub fn open_folder(state: &mut State, id: ShareId) -> Vec<Effect> {
    if let Some(share) = state.share_mut(id) {
        share.arrivals.forget();
    }
    let share = state.share(id).map(|share| &share.target);
    let ended = state.ended.iter().find(|ended| ended.id == id);
    let target = share.or(ended.map(|ended| &ended.target));
    let folder = target.and_then(|target| target.folder());
    let folder = folder.map(|folder| Effect::OpenPath(folder.to_owned()));
    folder.into_iter().collect()
}

/// Files that strangers add to the folder could do harm.
pub fn no_uploads(state: &mut State, id: ShareId, private: PrivateContent) -> Vec<Effect> {
    if let Some(share) = state.share_mut(id)
        // Otherwise the owner was asked.
        && !share.uploads
    {
        share.no_uploads = Some(private);
    }
    Vec::new()
}
