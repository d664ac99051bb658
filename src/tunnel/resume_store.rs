//! The public names of shares, kept over a restart of the program where the person wants that.
//!
//! The file holds the tunnels' secrets, so only its owner can read it; a name is in it for as
//! long as its share lasts.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::quick_tunnel::QuickTunnel;
use crate::store::{self, Writer};

/// Which share a name belongs to: the same text for the same share in every run.
pub type ShareKey = String;

/// The names in a file, or nowhere.
#[derive(Debug, Default)]
pub struct ResumeStore {
    /// None where they are not to be kept, whatever the person wants.
    file: Option<Writer>,
    names: Mutex<ResumeState>,
}

#[derive(Debug, Default)]
struct ResumeState {
    answers: BTreeMap<ShareKey, Option<String>>,
    /// The person wants them in the file.
    is_wanted: bool,
    /// The session ends: what is there now is wanted at the next login.
    is_frozen: bool,
}

impl ResumeStore {
    /// What an earlier run left in `file`, in which names are kept from now on if they are wanted
    /// there. If they are not, what is there is removed.
    pub fn load(file: &Path, is_wanted: bool) -> Self {
        let answers = match is_wanted {
            true => store::load(file).unwrap_or_default(),
            false => {
                if let Err(error) = fs::remove_file(file)
                    && error.kind() != io::ErrorKind::NotFound
                {
                    tracing::warn!(%error, "the names of an earlier run can't be removed");
                }
                BTreeMap::new()
            }
        };
        Self {
            file: Some(Writer::to(file.to_owned())),
            names: Mutex::new(ResumeState {
                answers,
                is_wanted,
                is_frozen: false,
            }),
        }
    }

    /// Whether the names are wanted in the file, from now on.
    pub fn want(&self, is_wanted: bool) {
        let mut names = self.names();
        if std::mem::replace(&mut names.is_wanted, is_wanted) != is_wanted {
            self.save(&names);
        }
    }

    /// The shares that an earlier run left, or that last.
    pub fn shares(&self) -> Vec<ShareKey> {
        self.names().answers.keys().cloned().collect()
    }

    pub(super) fn tunnel(&self, share: &str) -> Option<QuickTunnel> {
        let answer = self.names().answers.get(share).cloned().flatten()?;
        QuickTunnel::parse(Bytes::from(answer))
    }

    /// The share lasts, under the name that it has or without one.
    pub(super) fn begin(&self, share: &str) {
        if self.file.is_some() && !self.names().answers.contains_key(share) {
            self.keep(share, None);
        }
    }

    /// The share lasts, with this name or none yet.
    pub(super) fn keep(&self, share: &str, tunnel: Option<&QuickTunnel>) {
        if self.file.is_none() {
            return;
        }
        let answer = tunnel.map(|tunnel| String::from_utf8_lossy(&tunnel.answer()).into_owned());
        let mut names = self.names();
        names.answers.insert(share.to_owned(), answer);
        self.save(&names);
    }

    /// The share is over.
    pub(super) fn forget(&self, share: &str) {
        let mut names = self.names();
        if !names.is_frozen && names.answers.remove(share).is_some() {
            self.save(&names);
        }
    }

    /// The person ends it all: also what could not be shared again this time.
    pub fn forget_all(&self) {
        let mut names = self.names();
        if !names.is_frozen && !names.answers.is_empty() {
            names.answers.clear();
            self.save(&names);
        }
    }

    /// What ends from now on ends with the session, and not because the person wants it.
    pub fn freeze(&self) {
        self.names().is_frozen = true;
    }

    /// Waits until the file has what is kept.
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
            file.save(&names.answers);
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
    fn a_name_is_kept_until_its_share_is_over_or_the_session_is() {
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
    fn what_is_not_wanted_is_in_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resume.json");
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        let store = ResumeStore::load(&file, true);
        store.keep("a", Some(&tunnel));
        store.freeze();
        drop(store);
        // Switched off meanwhile: the secret of an earlier run goes.
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
    fn a_share_that_begins_keeps_the_name_that_it_had() {
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
