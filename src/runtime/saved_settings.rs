//! The settings of a share as they are saved, so that they are resumed with it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::app::{Changes, Left, Limit, Moment, Password, PasswordChange, Received, Share};

/// The settings of a share. The JSON form is read by later versions.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SavedSettings {
    /// The password itself is never saved.
    password_hash: Option<String>,
    time: Option<SavedTime>,
    downloads: Option<SavedCount>,
    deliveries: Option<SavedCount>,
    /// Visitors may add files to the folder.
    uploads: bool,
    /// Visitors see hidden files, too.
    hidden: bool,
    /// Scripts of other websites may read it.
    cors: bool,
    /// Visitors are told where photos were taken.
    places: bool,
    /// It is open to the local network.
    lan: bool,
    /// Its port there.
    network_port: Option<u16>,
    max_size: Option<u64>,
    message: String,
    speed_limit: Option<u64>,
    /// What has come in.
    received: Received,
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
struct SavedCount {
    chosen: u32,
    left: u32,
}

impl SavedSettings {
    /// The settings of a share; `None` if it has none.
    pub fn of(share: &Share, now: Moment) -> Option<Self> {
        let changes = share.settings_for_resuming(now);
        let time = changes.stop_after.and_then(Limit::value);
        let count = |limit: Option<Limit<u32>>, left: Option<u32>| {
            let chosen = limit.and_then(Limit::value)?;
            let left = left.unwrap_or(chosen);
            Some(SavedCount { chosen, left })
        };
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
            downloads: count(changes.downloads, changes.left.downloads),
            deliveries: count(changes.deliveries, changes.left.deliveries),
            uploads: share.uploads,
            hidden: share.hidden,
            cors: share.cors,
            places: share.places,
            lan: share.lan,
            network_port: share.network_port,
            max_size: share.max_size,
            message: share.message.clone(),
            speed_limit: share.speed_limit,
            received: share.received,
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
        let count =
            |saved: &Option<SavedCount>| Some(Limit::of(saved.as_ref().map(|saved| saved.chosen)));
        Changes {
            password: Some(password),
            stop_after: Some(Limit::of(self.time.as_ref().map(chosen))),
            downloads: count(&self.downloads),
            deliveries: count(&self.deliveries),
            uploads: Some(self.uploads),
            hidden: Some(self.hidden),
            cors: Some(self.cors),
            places: Some(self.places),
            lan: Some(self.lan),
            max_size: Some(Limit::of(self.max_size)),
            message: Some(self.message),
            speed_limit: Some(Limit::of(self.speed_limit)),
            inspect: None,
            left: Left {
                time: self.time.as_ref().map(left),
                downloads: self.downloads.map(|saved| saved.left),
                deliveries: self.deliveries.map(|saved| saved.left),
                received: self.received,
                network_port: self.network_port,
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

    const SAVED: &str = r#"{"password-hash":"x","time":{"chosen-s":3600,"left-s":600,"saved-at":1000},"downloads":{"chosen":3,"left":2},"deliveries":{"chosen":9,"left":4},"uploads":true,"hidden":true,"places":true,"lan":true,"network-port":48631,"max-size":1000,"message":"Hello","speed-limit":2000,"received":{"files":5,"bytes":600}}"#;

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
    fn what_visitors_may_hand_in_and_what_has_come_in_is_resumed() {
        let saved: SavedSettings = serde_json::from_str(SAVED).unwrap();
        let changes = saved.changes_at(1000);
        assert_eq!(changes.deliveries, Some(Limit::After(9)));
        assert_eq!(changes.left.deliveries, Some(4));
        assert_eq!((changes.uploads, changes.hidden), (Some(true), Some(true)));
        assert_eq!((changes.places, changes.lan), (Some(true), Some(true)));
        assert_eq!(changes.left.network_port, Some(48631));
        assert_eq!(changes.max_size, Some(Limit::After(1000)));
        assert_eq!(changes.message.as_deref(), Some("Hello"));
        assert_eq!(changes.speed_limit, Some(Limit::After(2000)));
        let received = Received {
            files: 5,
            bytes: 600,
        };
        assert_eq!(changes.left.received, received);
    }

    #[test]
    fn settings_of_another_version_are_read_as_far_as_they_are_known() {
        let saved: SavedSettings = serde_json::from_str(r#"{"later":1}"#).unwrap();
        assert_eq!(saved, SavedSettings::default());
        let changes = saved.changes_at(0);
        assert_eq!(changes.password, Some(PasswordChange::Remove));
        assert_eq!(changes.stop_after, Some(Limit::None));
        assert_eq!(
            (changes.uploads, changes.hidden),
            (Some(false), Some(false))
        );
        assert_eq!((changes.places, changes.lan), (Some(false), Some(false)));
    }
}
