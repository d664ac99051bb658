//! What an owner can set for a share, at any time, under the same link.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// The password of a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// Unknown for a share that was resumed: only the hash is saved.
    pub text: Option<Secret>,
    /// Opaque here. Whoever has it can check guesses.
    pub hash: Secret,
}

/// A change of the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordChange {
    /// Visitors need no password.
    Remove,
    /// Visitors need a new password of four words.
    Generate,
    /// Visitors need this password.
    Set(Secret),
    /// Visitors need the password that an earlier share of the same target had.
    #[serde(skip)]
    Restore(Password),
}

impl PasswordChange {
    /// Whether visitors need a password after it.
    pub fn protects(&self) -> bool {
        *self != Self::Remove
    }
}

/// How long, or how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit<T> {
    None,
    After(T),
}

impl<T> Limit<T> {
    pub fn of(value: Option<T>) -> Self {
        value.map_or(Self::None, Self::After)
    }

    pub fn value(self) -> Option<T> {
        match self {
            Self::None => None,
            Self::After(value) => Some(value),
        }
    }
}

/// Wanted changes of a share's settings. `None` leaves one as it is; for a new share, at the
/// default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    pub password: Option<PasswordChange>,
    /// The time from now after which the share ends.
    pub stop_after: Option<Limit<Duration>>,
    /// The number of complete downloads, from now, after which the share ends.
    pub downloads: Option<Limit<u32>>,
    /// How much of the limits a resumed share has not used up.
    #[serde(skip)]
    pub left: Left,
}

/// What is left of the limits; `None` if it is all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    pub time: Option<Duration>,
    pub downloads: Option<u32>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds later changes, which replace earlier ones of the same setting.
    pub(super) fn add(&mut self, later: Self) {
        self.password = later.password.or(self.password.take());
        if later.stop_after.is_some() {
            self.stop_after = later.stop_after;
            self.left.time = later.left.time;
        }
        if later.downloads.is_some() {
            self.downloads = later.downloads;
            self.left.downloads = later.left.downloads;
        }
    }
}

/// The settings that new shares have, from the settings file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Defaults {
    /// A password is generated for each share.
    pub password: bool,
    pub stop_after: Option<Duration>,
}

impl Defaults {
    /// The changes with which a new share starts: every setting is decided.
    pub fn complete(self, wanted: Changes) -> Changes {
        let password = if self.password {
            PasswordChange::Generate
        } else {
            PasswordChange::Remove
        };
        Changes {
            password: wanted.password.or(Some(password)),
            stop_after: wanted.stop_after.or(Some(Limit::of(self.stop_after))),
            downloads: wanted.downloads.or(Some(Limit::None)),
            left: wanted.left,
        }
    }
}
