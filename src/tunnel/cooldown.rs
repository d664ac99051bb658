//! How long the service is left alone after it said 429, also after a restart of the program.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use crate::store;

/// The first wait; it doubles with each refusal.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// Cool-downs of up to 6 h have been met.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// The memory of the service's refusals, shared by all shares and kept in a file.
#[derive(Debug)]
pub struct Cooldown {
    file: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    /// Seconds since 1970 until which it is not asked.
    until: u64,
    /// How long the wait was that ends there, in seconds.
    wait_secs: u64,
}

impl Cooldown {
    /// What an earlier run of the program left in `file`; nothing where there is none.
    pub fn load(file: &Path) -> Self {
        let state = match fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_default(),
            Err(_) => State::default(),
        };
        Self {
            file: file.to_owned(),
            state: Mutex::new(state),
        }
    }

    /// How long it is still to be left alone; `None` when it may be asked.
    pub fn left(&self) -> Option<Duration> {
        let left = Duration::from_secs(self.state().until).checked_sub(now())?;
        // A clock that was set back must not lock anybody out for years.
        (!left.is_zero()).then(|| left.min(LONGEST_WAIT))
    }

    /// It said 429, and maybe how long to wait. Gives how long it is left alone.
    pub fn was_refused(&self, wanted: Option<Duration>) -> Duration {
        let mut state = self.state();
        // Long after the last one it is a first one again.
        let is_in_row = Duration::from_secs(state.until) + LONGEST_WAIT > now();
        let doubled = if state.wait_secs > 0 && is_in_row {
            Duration::from_secs(state.wait_secs).saturating_mul(2)
        } else {
            FIRST_WAIT
        };
        let wait = doubled
            .max(wanted.unwrap_or_default())
            .clamp(FIRST_WAIT, LONGEST_WAIT);
        *state = State {
            until: (now() + wait).as_secs() + 1,
            wait_secs: wait.as_secs(),
        };
        self.save(*state);
        wait
    }

    /// It gave out a tunnel: all is forgotten.
    pub fn was_granted(&self) {
        let mut state = self.state();
        if *state != State::default() {
            *state = State::default();
            self.save(*state);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, state: State) {
        let saved = serde_json::to_vec(&state)
            .map_err(io::Error::other)
            .and_then(|text| store::replace(&self.file, &text));
        if let Err(error) = saved {
            tracing::warn!(%error, "the wait for new links can't be saved");
        }
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_begins_at_a_minute_doubles_and_survives_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("service.json");
        let first = Cooldown::load(&file);
        assert_eq!(first.left(), None);
        assert_eq!(first.was_refused(None), Duration::from_secs(60));
        assert_eq!(first.was_refused(None), Duration::from_secs(120));
        drop(first);
        let second = Cooldown::load(&file);
        assert!(second.left().unwrap() > Duration::from_secs(100));
        assert_eq!(
            second.was_refused(Some(Duration::from_secs(1000))),
            Duration::from_secs(1000)
        );
        assert_eq!(
            second.was_refused(Some(Duration::from_secs(1))),
            Duration::from_secs(2000)
        );
        second.was_granted();
        assert_eq!(second.left(), None);
        assert_eq!(
            Cooldown::load(&file).was_refused(None),
            Duration::from_secs(60)
        );
    }

    #[test]
    fn a_broken_file_or_a_far_future_locks_nobody_out() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("service.json");
        fs::write(&file, "{").unwrap();
        assert_eq!(Cooldown::load(&file).left(), None);
        fs::write(&file, r#"{"until":99999999999,"wait_secs":60}"#).unwrap();
        assert_eq!(Cooldown::load(&file).left(), Some(LONGEST_WAIT));
    }
}
