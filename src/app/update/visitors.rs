//! Visitors, and what the owner is told of them.

use crate::app::{effect::Effect, notice, share::ShareId, state::State, visitors::Visits};

/// Visitors came, or took something.
pub fn visited(state: &mut State, id: ShareId, visits: &Visits) -> Vec<Effect> {
    if let Some(share) = state.share_mut(id) {
        share.visitors.add(visits);
    }
    tell_due(state)
}

/// Tells the owner of visitors, where it is time to. A terminal has other lines.
pub fn tell_due(state: &mut State) -> Vec<Effect> {
    if state.ends_with_share {
        return Vec::new();
    }
    let (now, wanted) = (state.now, state.notifications.clone());
    let mut effects = Vec::new();
    for share in &mut state.shares {
        if share
            .visitors_due(now, &wanted)
            .is_some_and(|due| due <= now)
        {
            let name = share.short_name();
            let news = share.visitors.tell(&name, now, &wanted);
            effects.push(Effect::Notify(notice::visited(share, news)));
        }
    }
    effects
}
