//! Files of a share that are deleted, moved or unmounted while it lasts, and come back. The link
//! stays: a build makes its folder anew, a disk is taken out and put in again.

use super::{
    Effect, Phase, Share, ShareId, State, Target, Whereabouts, notice::problem_notice,
    update::announce,
};

/// Takes where the files of a share are now.
pub(super) fn content_is(state: &mut State, id: ShareId, whereabouts: Whereabouts) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if matches!(share.phase, Phase::Stopping) {
        return Vec::new();
    }
    match whereabouts {
        Whereabouts::Missing => {
            share.is_missing = true;
            Vec::new()
        }
        Whereabouts::MissingForLong => {
            share.is_missing = true;
            share.is_missing_told = true;
            vec![missing(share)]
        }
        Whereabouts::There => {
            share.is_missing = false;
            let was_told = std::mem::take(&mut share.is_missing_told);
            // What was told is true no more.
            let withdraw = was_told.then_some(Effect::Withdraw(id));
            withdraw.into_iter().chain(announce(share, true)).collect()
        }
    }
}

fn missing(share: &Share) -> Effect {
    let what = match &share.target {
        Target::Folder(_) => "The folder was",
        Target::Files { others, .. } if others.is_empty() => "The file was",
        Target::Files { .. } | Target::Site(_) => "The files were",
    };
    problem_notice(
        Some(share.id),
        &format!("{} isn't there", share.short_name()),
        format!(
            "{what} deleted or moved, or the disk was taken out. Put it back, and it is shared again under the same link; until then visitors are told to try again later. Or stop sharing it."
        ),
    )
}
