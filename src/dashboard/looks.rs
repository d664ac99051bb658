//! Whether somebody looks at the dashboard, and for how long nobody has.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Clones count the same looks.
#[derive(Clone)]
pub struct Looks(Arc<Mutex<Count>>);

struct Count {
    looking: usize,
    last: Instant,
    /// Nobody has looked for too long.
    is_over: bool,
}

/// Somebody looks until this is dropped.
pub struct Look(Looks);

impl Default for Looks {
    fn default() -> Self {
        let count = Count {
            looking: 0,
            last: Instant::now(),
            is_over: false,
        };
        Self(Arc::new(Mutex::new(count)))
    }
}

impl Looks {
    pub fn begin(&self) -> Look {
        self.count().looking += 1;
        Look(self.clone())
    }

    /// Somebody has just asked for something. False if it is over.
    pub fn touch(&self) -> bool {
        let mut count = self.count();
        count.last = Instant::now();
        !count.is_over
    }

    /// How much is left of this time without a look. Once nothing is, it is over, even if somebody comes
    /// in this moment.
    pub fn left_of(&self, time: Duration) -> Duration {
        let mut count = self.count();
        if count.looking > 0 {
            return time;
        }
        let left = time.saturating_sub(count.last.elapsed());
        count.is_over |= left.is_zero();
        left
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let mut count = self.0.count();
        count.looking -= 1;
        count.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_runs_out_only_while_nobody_looks() {
        let looks = Looks::default();
        let look = looks.begin();
        let hour = Duration::from_secs(3600);
        assert_eq!(looks.left_of(hour), hour);
        drop(look);
        assert!(looks.left_of(hour) <= hour);
        assert!(looks.left_of(hour) > hour / 2);
    }

    #[test]
    fn nobody_finds_it_in_the_moment_in_which_it_ends() {
        let looks = Looks::default();
        assert!(looks.touch());
        assert_eq!(looks.left_of(Duration::ZERO), Duration::ZERO);
        assert!(!looks.touch());
    }
}
