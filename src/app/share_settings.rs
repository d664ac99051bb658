//! The settings of a share, as changes that give them to another one, and as what visitors may hand in.

use super::{
    incoming::UploadSettings,
    moment::Moment,
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
            max_size: Some(Limit::of(self.max_size)),
            message: Some(self.message.clone()),
            inspect: Some(self.inspects),
            ..self.limits.changes(now, is_resumed)
        };
        if is_resumed {
            changes.left.received = self.received;
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

    /// Why these changes can't let visitors add files, if they can't: nobody has agreed to it.
    pub fn refused_uploads(&self, changes: &Changes) -> Option<String> {
        if self.uploads || changes.uploads != Some(true) {
            return None;
        }
        let private = self.no_uploads.as_ref()?;
        Some(format!(
            "{} To allow it anyway, run `spot-serve share --uploads --yes` with its path.",
            private.sentence()
        ))
    }
}
