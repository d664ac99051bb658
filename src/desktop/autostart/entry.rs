//! An entry that starts a program at login, whatever the system's format for it.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::paths;

/// How an entry starts the program.
pub const ARGUMENT: &str = "--at-login";

/// What is known about the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginEntry {
    /// The program that it starts; `None` if the entry is broken.
    pub program: Option<PathBuf>,
    /// The user has not switched it off in the system's settings.
    pub is_on: bool,
}

impl LoginEntry {
    /// Whether it starts this program, maybe through a link.
    pub fn starts(&self, program: &Path) -> bool {
        let own = paths::real_or_as_named(program);
        self.program
            .as_deref()
            .and_then(found)
            .is_some_and(|found| paths::real_or_as_named(&found) == own)
    }

    /// Whether it starts nothing, because its program no longer exists or the entry is broken.
    pub fn is_lost(&self) -> bool {
        match &self.program {
            Some(program) => program.is_absolute() && !program.exists(),
            None => true,
        }
    }
}

/// The file of the program. A bare name is searched for in `PATH`.
fn found(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return Some(program.to_owned());
    }
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(program: Option<PathBuf>) -> LoginEntry {
        LoginEntry {
            program,
            is_on: true,
        }
    }

    #[test]
    fn an_entry_for_another_program_does_not_start_this_one() {
        let dir = tempfile::tempdir().unwrap();
        let (own, other) = (dir.path().join("spot-serve"), dir.path().join("other"));
        std::fs::write(&own, "").unwrap();
        std::fs::write(&other, "").unwrap();
        assert!(entry(Some(own.clone())).starts(&own));
        assert!(!entry(Some(other)).starts(&own));
        assert!(!entry(None).starts(&own));
    }

    #[test]
    fn an_entry_is_lost_when_its_program_is_gone_or_it_is_broken() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!entry(Some(dir.path().to_owned())).is_lost());
        assert!(entry(Some(dir.path().join("gone"))).is_lost());
        assert!(entry(None).is_lost());
        assert!(!entry(Some("env".into())).is_lost());
    }
}
