//! Keys for shares that are the same in every run, so that a share can be resumed.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{task::spawn_blocking, time::sleep};

use super::saved_settings::SavedSettings;
use crate::{
    app::Target,
    tunnel::{ResumeStore, ShareKey},
};

/// How often, and how many times, to look for files that are missing at the start. At login, a disk
/// may be connected a little later.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 24;

/// A [`Target`] as it is saved. The JSON form is the key, so it must not change.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedTarget {
    Folder(PathBuf),
    Files {
        first: PathBuf,
        others: Vec<PathBuf>,
    },
    Site(u16),
    Inbox(PathBuf),
}

impl SavedTarget {
    /// `None` for what is not kept when the program ends.
    fn of(target: Target) -> Option<Self> {
        Some(match target {
            Target::Folder(folder) => Self::Folder(folder),
            Target::Files { first, others } => Self::Files { first, others },
            Target::Spooled(_) | Target::Text(_) => return None,
            Target::Site(port) => Self::Site(port),
            Target::Inbox(folder) => Self::Inbox(folder),
        })
    }
}

impl From<SavedTarget> for Target {
    fn from(saved: SavedTarget) -> Self {
        match saved {
            SavedTarget::Folder(folder) => Self::Folder(folder),
            SavedTarget::Files { first, others } => Self::Files { first, others },
            SavedTarget::Site(port) => Self::Site(port),
            SavedTarget::Inbox(folder) => Self::Inbox(folder),
        }
    }
}

/// The key of a target; `None` for a path that is not Unicode, and for what can't be resumed.
pub fn key(target: &Target) -> Option<ShareKey> {
    serde_json::to_string(&SavedTarget::of(target.clone())?).ok()
}

/// The target of a key; `None`, with a warning in the log, for a key that no version writes any
/// more.
pub fn target(key: &str) -> Option<Target> {
    serde_json::from_str::<SavedTarget>(key)
        .inspect_err(|error| tracing::warn!(%error, key, "can't read what to resume"))
        .ok()
        .map(Target::from)
}

/// The settings that the share of this key had; the defaults, with a warning in the log, if they can't
/// be read.
///
/// A share without a password must not come of a password that can't be read, so that is kept as one
/// that nobody knows.
pub fn settings(store: &ResumeStore, key: &str) -> SavedSettings {
    let Some(saved) = store.settings(key) else {
        return SavedSettings::default();
    };
    serde_json::from_value(saved).unwrap_or_else(|error| {
        tracing::warn!(%error, "can't read the settings of what to resume");
        SavedSettings::unreadable()
    })
}

/// Waits until all files of the target are there; false if they stay missing.
pub async fn is_there(target: &Target) -> bool {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            sleep(RETRY_INTERVAL).await;
        }
        let target = target.clone();
        // A slow disk only delays its own share.
        let check = spawn_blocking(move || {
            let is_inbox = matches!(target, Target::Inbox(_));
            target.paths().all(|path| {
                // A folder to receive files was removed if it was empty, and is made again.
                path.exists() || is_inbox && path.parent().is_some_and(Path::is_dir)
            })
        });
        if check.await.unwrap_or(false) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_its_target_back() {
        let folder = Target::Folder("/home/somebody/Photos".into());
        let files = Target::Files {
            first: "/home/somebody/a \"b\".txt".into(),
            others: vec!["/home/somebody/Photos".into()],
        };
        let inbox = Target::Inbox("/home/somebody/Downloads/Received Files".into());
        for shared in [folder, files, Target::Site(5173), inbox] {
            let key = key(&shared).unwrap();
            assert_eq!(target(&key), Some(shared));
        }
    }

    #[test]
    fn keys_stay_the_same() {
        assert_eq!(
            key(&Target::Folder("/a".into())).unwrap(),
            r#"{"folder":"/a"}"#
        );
        assert_eq!(key(&Target::Site(80)).unwrap(), r#"{"site":80}"#);
        assert_eq!(key(&Target::Spooled("/a".into())), None);
        assert_eq!(
            key(&Target::Inbox("/a".into())).unwrap(),
            r#"{"inbox":"/a"}"#
        );
    }

    #[test]
    fn a_key_of_another_form_is_passed_over() {
        for odd in ["", "null", r#"["folder","/a"]"#, r#"{"folder":1}"#] {
            assert_eq!(target(odd), None, "{odd}");
        }
    }

    #[tokio::test]
    async fn a_target_is_there_when_all_of_its_files_are() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_there(&Target::Folder(dir.path().to_owned())).await);
        assert!(is_there(&Target::Site(5173)).await);
        assert!(is_there(&Target::Inbox(dir.path().join("Received Files"))).await);
    }
}
