//! How long not to ask the service after it answered 429, even across restarts of the program.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use crate::store::{self, Writer};

/// The first wait. It doubles with each refusal.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// Cool-downs of up to 6 h have been observed.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// The service's refusals, kept in a file for all shares.
#[derive(Debug)]
pub struct Cooldown {
    file: Writer,
    state: Mutex<CooldownState>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct CooldownState {
    /// When the service may be asked again, in seconds since 1970.
    until: u64,
    /// How long that wait is, in seconds.
    wait_secs: u64,
}

impl Cooldown {
    /// Loads what an earlier run left in `file`.
    pub fn load(file: &Path) -> Self {
        Self {
            file: Writer::to(file.to_owned()),
            state: Mutex::new(store::load(file).unwrap_or_default()),
        }
    }

    /// How long to wait before asking the service; `None` if it may be asked now.
    pub fn left(&self) -> Option<Duration> {
        let left = Duration::from_secs(self.state().until).checked_sub(now())?;
        // After the clock was set back, the wait must not last for years.
        (!left.is_zero()).then(|| left.min(LONGEST_WAIT))
    }

    /// The service answered 429, and maybe how long to wait. Returns how long it is not asked.
    pub fn was_refused(&self, wanted: Option<Duration>) -> Duration {
        let mut state = self.state();
        // Long after the last refusal this is a first one again.
        let is_in_row = Duration::from_secs(state.until).saturating_add(LONGEST_WAIT) > now();
        let doubled = if state.wait_secs > 0 && is_in_row {
            Duration::from_secs(state.wait_secs).saturating_mul(2)
        } else {
            FIRST_WAIT
        };
        let wait = doubled
            .max(wanted.unwrap_or_default())
            .clamp(FIRST_WAIT, LONGEST_WAIT);
        *state = CooldownState {
            until: (now() + wait).as_secs() + 1,
            wait_secs: wait.as_secs(),
        };
        self.file.save(&*state);
        wait
    }

    /// The service handed out a tunnel: forgets all refusals.
    pub fn was_granted(&self) {
        let mut state = self.state();
        if *state != CooldownState::default() {
            *state = CooldownState::default();
            self.file.save(&*state);
        }
    }

    /// Waits until the file is written.
    pub fn finish(&self) {
        self.file.finish();
    }

    fn state(&self) -> MutexGuard<'_, CooldownState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_wait_starts_at_a_minute_doubles_and_survives_a_restart() {
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
        drop(second);
        assert_eq!(
            Cooldown::load(&file).was_refused(None),
            Duration::from_secs(60)
        );
    }

    #[test]
    fn a_broken_file_or_a_far_future_locks_no_one_out() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("service.json");
        fs::write(&file, "{").unwrap();
        assert_eq!(Cooldown::load(&file).left(), None);
        for until in [99_999_999_999, u64::MAX] {
            fs::write(&file, format!(r#"{{"until":{until},"wait_secs":60}}"#)).unwrap();
            let cooldown = Cooldown::load(&file);
            assert_eq!(cooldown.left(), Some(LONGEST_WAIT));
            assert_eq!(cooldown.was_refused(None), Duration::from_secs(120));
        }
    }
}
