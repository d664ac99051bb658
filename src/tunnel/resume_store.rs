//! Keeps the public names and the settings of shares across restarts of the program, if the user wants
//! that.
//!
//! The file holds the tunnels' secrets, so only its owner can read it. A name stays in it until its
//! share stops.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::quick_tunnel::QuickTunnel;
use crate::store::{self, Writer};

/// Identifies a share: the same text for the same share in every run.
pub type ShareKey = String;

/// The names, in a file or nowhere.
#[derive(Debug, Default)]
pub struct ResumeStore {
    /// `None` if names are never kept, whatever the user wants.
    file: Option<Writer>,
    names: Mutex<ResumeState>,
}

#[derive(Debug, Default)]
struct ResumeState {
    answers: BTreeMap<ShareKey, Option<String>>,
    /// Opaque here. Settings of shares that are not in `answers` are not in the file.
    settings: BTreeMap<ShareKey, Value>,
    /// The user wants them in the file.
    is_wanted: bool,
    /// The session is ending: what is there now is used at the next login.
    is_frozen: bool,
}

/// A share in the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum SavedShare {
    /// The answer of the service that named its tunnel.
    Name(Option<String>),
    WithSettings {
        name: Option<String>,
        settings: Value,
    },
}

impl ResumeState {
    fn saved(&self) -> BTreeMap<&ShareKey, SavedShare> {
        let saved = self.answers.iter().map(|(share, name)| {
            let name = name.clone();
            let saved = match self.settings.get(share).cloned() {
                Some(settings) => SavedShare::WithSettings { name, settings },
                None => SavedShare::Name(name),
            };
            (share, saved)
        });
        saved.collect()
    }
}

impl ResumeStore {
    /// Loads what an earlier run left in `file` and keeps names there from now on. If they are not
    /// wanted, removes the file.
    pub fn load(file: &Path, is_wanted: bool) -> Self {
        let saved: BTreeMap<ShareKey, SavedShare> = if is_wanted {
            store::load(file).unwrap_or_default()
        } else {
            if let Err(error) = fs::remove_file(file)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "can't remove the names of an earlier run");
            }
            BTreeMap::new()
        };
        let (mut answers, mut settings_of) = (BTreeMap::new(), BTreeMap::new());
        for (share, saved) in saved {
            let name = match saved {
                SavedShare::Name(name) => name,
                SavedShare::WithSettings { name, settings } => {
                    settings_of.insert(share.clone(), settings);
                    name
                }
            };
            answers.insert(share, name);
        }
        Self {
            file: Some(Writer::to(file.to_owned())),
            names: Mutex::new(ResumeState {
                answers,
                settings: settings_of,
                is_wanted,
                is_frozen: false,
            }),
        }
    }

    /// Sets whether the names are wanted in the file.
    pub fn want(&self, is_wanted: bool) {
        let mut names = self.names();
        if std::mem::replace(&mut names.is_wanted, is_wanted) != is_wanted {
            self.save(&names);
        }
    }

    /// The shares that an earlier run left, and those that are shared now.
    pub fn shares(&self) -> Vec<ShareKey> {
        self.names().answers.keys().cloned().collect()
    }

    /// The settings that were kept for the share.
    pub fn settings(&self, share: &str) -> Option<Value> {
        self.names().settings.get(share).cloned()
    }

    /// Keeps the settings of the share, or forgets them. They are in the file while its name is.
    pub fn keep_settings(&self, share: &str, settings: Option<Value>) {
        if self.file.is_none() {
            return;
        }
        let mut names = self.names();
        let before = match settings.clone() {
            Some(settings) => names.settings.insert(share.to_owned(), settings),
            None => names.settings.remove(share),
        };
        if before != settings && names.answers.contains_key(share) {
            self.save(&names);
        }
    }

    /// The tunnel that the share had.
    pub(super) fn tunnel(&self, share: &str) -> Option<QuickTunnel> {
        let answer = self.names().answers.get(share).cloned().flatten()?;
        QuickTunnel::parse(Bytes::from(answer))
    }

    /// The share has started. It keeps its name if it has one.
    pub(super) fn begin(&self, share: &str) {
        if self.file.is_some() && !self.names().answers.contains_key(share) {
            self.keep(share, None);
        }
    }

    /// The share has this tunnel, or none yet.
    pub(super) fn keep(&self, share: &str, tunnel: Option<&QuickTunnel>) {
        if self.file.is_none() {
            return;
        }
        let answer = tunnel.map(|tunnel| String::from_utf8_lossy(&tunnel.answer()).into_owned());
        let mut names = self.names();
        names.answers.insert(share.to_owned(), answer);
        self.save(&names);
    }

    /// The share has stopped.
    pub fn forget(&self, share: &str) {
        let mut names = self.names();
        if names.is_frozen {
            return;
        }
        names.settings.remove(share);
        if names.answers.remove(share).is_some() {
            self.save(&names);
        }
    }

    /// The user has stopped everything, including what could not be shared again this time.
    pub fn forget_all(&self) {
        let mut names = self.names();
        if !names.is_frozen && !names.answers.is_empty() {
            names.answers.clear();
            names.settings.clear();
            self.save(&names);
        }
    }

    /// From now on shares end because the session ends, not because the user stops them.
    pub fn freeze(&self) {
        self.names().is_frozen = true;
    }

    /// Whether shares that end now are to be resumed.
    pub fn resumes(&self) -> bool {
        let names = self.names();
        names.is_frozen && names.is_wanted
    }

    /// Waits until the file is written.
    pub fn finish(&self) {
        if let Some(file) = &self.file {
            file.finish();
        }
    }

    fn names(&self) -> MutexGuard<'_, ResumeState> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, names: &ResumeState) {
        let Some(file) = &self.file else { return };
        if names.is_wanted {
            file.save(&names.saved());
        } else if file.has_file() {
            file.save(&BTreeMap::<ShareKey, Option<String>>::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"success":true,"result":{"id":"0a1b2c3d-0000-4000-8000-000000000000","hostname":"quiet-river.trycloudflare.com","secret":"c2VjcmV0"}}"#;

    #[test]
    fn a_name_is_kept_until_its_share_stops_but_not_when_the_session_ends() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resume.json");
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        let store = ResumeStore::load(&file, true);
        store.keep("a", Some(&tunnel));
        store.keep("b", None);
        store.forget("b");
        store.freeze();
        store.forget("a");
        store.finish();
        let next = ResumeStore::load(&file, true);
        assert_eq!(next.shares(), ["a"]);
        assert_eq!(next.tunnel("a"), Some(tunnel));
        next.freeze();
        next.forget_all();
        next.finish();
        let next = ResumeStore::load(&file, true);
        assert_eq!(next.shares(), ["a"]);
        next.forget_all();
        next.finish();
        assert_eq!(
            ResumeStore::load(&file, true).shares(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn unwanted_names_are_in_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resume.json");
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        let store = ResumeStore::load(&file, true);
        store.keep("a", Some(&tunnel));
        store.freeze();
        drop(store);
        // Switched off since: the secret of an earlier run is removed.
        let store = ResumeStore::load(&file, false);
        assert_eq!(store.shares(), Vec::<String>::new());
        store.keep("b", Some(&tunnel));
        store.finish();
        assert!(!file.exists());
        store.want(true);
        store.finish();
        assert_eq!(ResumeStore::load(&file, true).shares(), ["b"]);
        store.want(false);
        store.finish();
        assert!(!std::fs::read_to_string(&file).unwrap().contains("secret"));
    }

    #[test]
    fn a_share_that_starts_keeps_the_name_it_had() {
        let dir = tempfile::tempdir().unwrap();
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        let store = ResumeStore::load(&dir.path().join("resume.json"), true);
        store.keep("a", Some(&tunnel));
        for share in ["a", "b"] {
            store.begin(share);
        }
        assert_eq!(store.tunnel("a"), Some(tunnel));
        assert_eq!(store.shares(), ["a", "b"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resume.json");
        ResumeStore::load(&file, true).keep("a", None);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn without_a_file_nothing_is_kept() {
        let store = ResumeStore::default();
        store.keep("a", None);
        assert_eq!(store.shares(), Vec::<String>::new());
    }
}
