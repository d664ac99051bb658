//! The settings of a share, and changes of them.

use super::{ending, network};
use crate::app::{
    effect::Effect,
    notice,
    private_content::PrivateContent,
    settings::{Changes, Password, PasswordChange},
    share::{Phase, ShareId},
    state::State,
};

/// Changes the settings of a share, unless it is about to end.
pub fn change(state: &mut State, id: ShareId, mut changes: Changes) -> Vec<Effect> {
    let now = state.now;
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase.is_final() || changes.is_empty() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let Some(sentence) = share.refused_uploads(&changes) {
        changes.uploads = None;
        effects.push(Effect::Notify(notice::uploads_refused(share, sentence)));
    }
    if let Some(sentence) = share.refused_hidden(&changes) {
        changes.hidden = None;
        effects.push(Effect::Notify(notice::hidden_refused(share, sentence)));
    }
    let allowed_before = share.upload_settings();
    share.limits.apply(&changes, now);
    share.apply_upload_settings(&changes);
    let is_hidden_new = share.apply_hidden(&changes);
    share.starts_with.add(changes.clone());
    // There is nothing to remove, and visitors would be disturbed.
    let is_open = !share.wants_password && !share.is_password_changing;
    if let Some(password) = changes
        .password
        .filter(|password| password.protects() || !is_open)
    {
        share.wants_password = password.protects();
        share.shows_password = false;
        share.is_password_changing = true;
        effects.push(Effect::ChangePassword(id, password));
    }
    if changes.downloads.is_some() {
        let left = share.limits.downloads_left();
        effects.push(Effect::LimitDownloads(id, left));
    }
    if changes.deliveries.is_some() {
        let left = share.limits.deliveries_left();
        effects.push(Effect::LimitDeliveries(id, left));
    }
    let allowed = share.upload_settings();
    if allowed != allowed_before {
        effects.push(Effect::SetUploads(id, allowed));
    }
    if is_hidden_new {
        effects.push(Effect::SetHidden(id, share.hidden));
    }
    if let Some(cors) = changes
        .cors
        .filter(|cors| *cors != share.cors && share.has_files())
    {
        share.cors = cors;
        effects.push(Effect::SetCors(id, cors));
    }
    if let Some(places) = changes
        .places
        .filter(|places| *places != share.places && share.has_files())
    {
        share.places = places;
        effects.push(Effect::ShowPlaces(id, places));
    }
    if let Some(limit) = changes.speed_limit {
        share.speed_limit = limit.value();
        effects.push(Effect::LimitSpeed(id, share.speed_limit));
    }
    effects.extend(changes.lan.and_then(|is_on| network::set(share, is_on)));
    if let Some(inspects) = changes.inspect {
        share.inspects = inspects;
        effects.push(Effect::RecordRequests(id, inspects));
    }
    if matches!(share.phase, Phase::Asking(_)) {
        // There is no server yet. It starts with these settings.
        share.is_password_changing = false;
        return Vec::new();
    }
    effects.push(Effect::SaveSettings(id));
    effects.extend(ending::end_if_over(state, id));
    effects
}

/// What hidden files would make public.
pub fn private_hidden(
    state: &mut State,
    id: ShareId,
    private: Option<PrivateContent>,
) -> Vec<Effect> {
    if let Some(share) = state.share_mut(id) {
        // With hidden files, the owner was asked already.
        share.private_hidden = Some(private.filter(|_| !share.hidden));
    }
    Vec::new()
}

/// Generates a password and shows it to the user, or removes it.
pub fn require_password(state: &mut State, id: ShareId, is_on: bool) -> Vec<Effect> {
    let password = if is_on {
        PasswordChange::Generate
    } else {
        PasswordChange::Remove
    };
    let changes = Changes {
        password: Some(password),
        ..Changes::default()
    };
    let effects = change(state, id, changes);
    if let Some(share) = state.share_mut(id) {
        share.shows_password = is_on && !effects.is_empty();
    }
    effects
}

/// A wanted change of the password is in effect.
pub fn password_is(
    state: &mut State,
    id: ShareId,
    password: Option<Password>,
    is_settled: bool,
) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if matches!(
        share.phase,
        Phase::Asking(_) | Phase::Ending(_) | Phase::Stopping
    ) {
        return Vec::new();
    }
    share.password = password;
    if !is_settled {
        return Vec::new();
    }
    share.wants_password = share.password.is_some();
    share.is_password_changing = false;
    let mut effects = vec![Effect::SaveSettings(id)];
    if std::mem::take(&mut share.shows_password)
        && let Some(password) = share.known_password()
    {
        effects.push(Effect::Notify(notice::new_password(share, password)));
    }
    effects
}

/// The password couldn't be changed.
pub fn password_failed(state: &mut State, id: ShareId, sentence: String) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    share.wants_password = share.password.is_some();
    share.is_password_changing = false;
    share.shows_password = false;
    vec![Effect::Notify(notice::password_not_changed(
        share, sentence,
    ))]
}
