//! The public names of shares, kept over a restart of the program where the person wants that.
//!
//! The file holds the tunnels' secrets, so only its owner can read it; a name is in it for as
//! long as its share lasts.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use super::ticket::Ticket;
use crate::store::{self, Writer};

/// Which share a name belongs to: the same text for the same share in every run.
pub type ShareKey = String;

/// The names in a file, or nowhere.
#[derive(Debug, Default)]
pub struct Kept {
    file: Option<Writer>,
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Names {
    answers: BTreeMap<ShareKey, Option<String>>,
    /// The session ends: what is there now is wanted at the next login.
    is_frozen: bool,
}

impl Kept {
    /// What an earlier run left in `file`, in which names are kept from now on.
    pub fn load(file: &Path) -> Self {
        Self {
            file: Some(Writer::to(file.to_owned())),
            names: Mutex::new(Names {
                answers: store::load(file).unwrap_or_default(),
                is_frozen: false,
            }),
        }
    }

    /// The shares that an earlier run left, or that last.
    pub fn shares(&self) -> Vec<ShareKey> {
        self.names().answers.keys().cloned().collect()
    }

    pub(super) fn ticket(&self, share: &str) -> Option<Ticket> {
        let answer = self.names().answers.get(share).cloned().flatten()?;
        Ticket::parse(Bytes::from(answer))
    }

    /// The share lasts, with this name or none yet.
    pub(super) fn keep(&self, share: &str, ticket: Option<&Ticket>) {
        if self.file.is_none() {
            return;
        }
        let answer = ticket.map(|ticket| String::from_utf8_lossy(&ticket.answer()).into_owned());
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

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, names: &Names) {
        if let Some(file) = &self.file {
            file.save(&names.answers);
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
        let ticket = Ticket::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        let kept = Kept::load(&file);
        kept.keep("a", Some(&ticket));
        kept.keep("b", None);
        kept.forget("b");
        kept.freeze();
        kept.forget("a");
        kept.finish();
        let next = Kept::load(&file);
        assert_eq!(next.shares(), ["a"]);
        assert_eq!(next.ticket("a"), Some(ticket));
        next.freeze();
        next.forget_all();
        next.finish();
        let next = Kept::load(&file);
        assert_eq!(next.shares(), ["a"]);
        next.forget_all();
        next.finish();
        assert_eq!(Kept::load(&file).shares(), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resume.json");
        Kept::load(&file).keep("a", None);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn without_a_file_nothing_is_kept() {
        let kept = Kept::default();
        kept.keep("a", None);
        assert_eq!(kept.shares(), Vec::<String>::new());
    }
}
