//! The settings of a share as they are saved, so that they are resumed with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::app::{Changes, Left, Limit, Moment, Password, PasswordChange, Share};

/// The settings of a share. The JSON form is read by later versions.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SavedSettings {
    /// The password itself is never saved.
    password_hash: Option<String>,
    time: Option<SavedTime>,
    downloads: Option<SavedDownloads>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct SavedTime {
    chosen_s: u64,
    left_s: u64,
    /// When that much was left, in seconds since 1970. The computer may restart, so it can't be
    /// a [`Moment`].
    saved_at: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct SavedDownloads {
    chosen: u32,
    left: u32,
}

impl SavedSettings {
    /// The settings of a share; `None` if it has none.
    pub fn of(share: &Share, now: Moment) -> Option<Self> {
        let changes = share.settings_for_resuming(now);
        let time = changes.stop_after.and_then(Limit::value);
        let downloads = changes.downloads.and_then(Limit::value);
        let saved = Self {
            password_hash: match changes.password {
                Some(PasswordChange::Restore(password)) => Some(password.hash.reveal().to_owned()),
                Some(PasswordChange::Remove) | None => None,
                // Without its hash, the share can't be resumed.
                Some(PasswordChange::Generate | PasswordChange::Set(_)) => Some(String::new()),
            },
            time: time.map(|chosen| SavedTime {
                chosen_s: chosen.as_secs(),
                left_s: changes.left.time.unwrap_or(chosen).as_secs(),
                saved_at: unix_time(),
            }),
            downloads: downloads.map(|chosen| SavedDownloads {
                chosen,
                left: changes.left.downloads.unwrap_or(chosen),
            }),
        };
        (saved != Self::default()).then_some(saved)
    }

    /// For settings that can't be read: they may have had a password, so the share can't start without
    /// one.
    pub fn unreadable() -> Self {
        Self {
            password_hash: Some(String::new()),
            ..Self::default()
        }
    }

    /// The changes that give a share these settings, and what is left of its limits by now.
    pub fn changes(self) -> Changes {
        self.changes_at(unix_time())
    }

    fn changes_at(self, unix_time: u64) -> Changes {
        let password = match self.password_hash {
            Some(hash) => PasswordChange::Restore(Password {
                text: None,
                hash: hash.into(),
            }),
            None => PasswordChange::Remove,
        };
        // A date that went back must not add time.
        let left = |time: &SavedTime| {
            let passed = unix_time.saturating_sub(time.saved_at);
            Duration::from_secs(time.left_s.saturating_sub(passed))
        };
        let chosen = |time: &SavedTime| Duration::from_secs(time.chosen_s);
        Changes {
            password: Some(password),
            stop_after: Some(Limit::of(self.time.as_ref().map(chosen))),
            downloads: Some(Limit::of(self.downloads.as_ref().map(|saved| saved.chosen))),
            left: Left {
                time: self.time.as_ref().map(left),
                downloads: self.downloads.map(|saved| saved.left),
            },
        }
    }
}

fn unix_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAVED: &str = r#"{"password-hash":"x","time":{"chosen-s":3600,"left-s":600,"saved-at":1000},"downloads":{"chosen":3,"left":2}}"#;

    #[test]
    fn the_time_goes_on_while_the_program_is_not_running() {
        for (now, left) in [(1000, 600), (1200, 400), (9999, 0), (500, 600)] {
            let saved: SavedSettings = serde_json::from_str(SAVED).unwrap();
            let changes = saved.changes_at(now);
            assert_eq!(changes.left.time, Some(Duration::from_secs(left)));
            assert_eq!(changes.left.downloads, Some(2));
            assert_eq!(
                changes.stop_after,
                Some(Limit::After(Duration::from_secs(3600)))
            );
        }
    }

    #[test]
    fn settings_of_another_version_are_read_as_far_as_they_are_known() {
        let saved: SavedSettings = serde_json::from_str(r#"{"later":1}"#).unwrap();
        assert_eq!(saved, SavedSettings::default());
        let changes = saved.changes_at(0);
        assert_eq!(changes.password, Some(PasswordChange::Remove));
        assert_eq!(changes.stop_after, Some(Limit::None));
    }
}
