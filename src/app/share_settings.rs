//! The settings of a share, as changes that give them to another one, and as what visitors may hand in.

use super::{
    incoming::UploadSettings,
    moment::Moment,
    private_content::PrivateContent,
    settings::{Changes, Limit, PasswordChange},
    share::Share,
    target::Target,
};

impl Share {
    /// The changes that give another share the settings that this one had at its start.
    pub fn settings_for_again(&self, now: Moment) -> Changes {
        self.settings(now, false)
    }

    /// The changes that give a share the settings of this one, with what is left of its limits.
    pub fn settings_for_resuming(&self, now: Moment) -> Changes {
        self.settings(now, true)
    }

    fn settings(&self, now: Moment, is_resumed: bool) -> Changes {
        let password = match &self.password {
            Some(password) if !self.is_password_changing => {
                PasswordChange::Restore(password.clone())
            }
            // Not in effect yet.
            _ if self.wants_password => {
                (self.starts_with.password.clone()).unwrap_or(PasswordChange::Generate)
            }
            _ => PasswordChange::Remove,
        };
        let mut changes = Changes {
            password: Some(password),
            uploads: Some(self.uploads),
            hidden: Some(self.hidden),
            cors: Some(self.cors),
            places: Some(self.places),
            lan: Some(self.lan),
            max_size: Some(Limit::of(self.max_size)),
            message: Some(self.message.clone()),
            speed_limit: Some(Limit::of(self.speed_limit)),
            inspect: Some(self.inspects),
            ..self.limits.changes(now, is_resumed)
        };
        if is_resumed {
            changes.left.received = self.received;
            changes.left.network_port = self.network_port;
        }
        changes
    }

    /// Sets what visitors may hand in, as far as the changes name it.
    pub(super) fn apply_upload_settings(&mut self, changes: &Changes) {
        if let (Target::Folder(_), Some(is_on)) = (&self.target, changes.uploads) {
            self.uploads = is_on;
        }
        if let Some(limit) = changes.max_size {
            self.max_size = limit.value();
        }
        if let Some(message) = &changes.message {
            self.message.clone_from(message);
        }
    }

    /// What visitors may hand in; `None` if they may not.
    pub fn upload_settings(&self) -> Option<UploadSettings> {
        self.takes_files().then(|| UploadSettings {
            max_size: self.max_size,
            message: self.message.clone(),
            before: self.received_before,
        })
    }

    /// Sets whether visitors see hidden files, if the changes say so. Returns whether that is new.
    pub(super) fn apply_hidden(&mut self, changes: &Changes) -> bool {
        let before = self.hidden;
        if self.target.may_have_hidden_files() {
            self.hidden = changes.hidden.unwrap_or(before);
        }
        self.hidden != before
    }

    /// Why these changes can't be made, if they can't: nobody has agreed to what they allow.
    pub fn refused(&self, changes: &Changes) -> Option<String> {
        let uploads = self.refused_uploads(changes);
        uploads.or_else(|| self.refused_hidden(changes))
    }

    /// Why these changes can't let visitors add files, if they can't.
    pub fn refused_uploads(&self, changes: &Changes) -> Option<String> {
        if self.uploads || changes.uploads != Some(true) {
            return None;
        }
        refused(self.no_uploads.as_ref()?, "--uploads")
    }

    /// Why these changes can't show hidden files, if they can't.
    pub fn refused_hidden(&self, changes: &Changes) -> Option<String> {
        if self.hidden || changes.hidden != Some(true) {
            return None;
        }
        match &self.private_hidden {
            None => Some(STILL_LOOKING.to_owned()),
            Some(private) => refused(private.as_ref()?, "--hidden"),
        }
    }

    /// Whether visitors see hidden files; `None` if that can't be changed.
    pub fn offered_hidden(&self) -> Option<bool> {
        let is_offered = self.hidden || self.private_hidden == Some(None);
        (is_offered && self.target.may_have_hidden_files()).then_some(self.hidden)
    }
}

const STILL_LOOKING: &str =
    "Spot Serve is still looking for private files among them. Try again in a moment.";

fn refused(private: &PrivateContent, option: &str) -> Option<String> {
    Some(format!(
        "{} To allow it anyway, run `spot-serve share {option} --yes` with its path.",
        private.sentence()
    ))
}
