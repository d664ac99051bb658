//! Points in time that a suspended computer and a changed clock don't move.

use std::time::Duration;

/// A point in time: how long this computer has been running by then, including the time during
/// which it was suspended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The moment this long after the start of the computer.
    pub fn after_start(running: Duration) -> Self {
        Self(running)
    }

    /// How long the computer has been running by then.
    pub fn since_start(self) -> Duration {
        self.0
    }

    /// This long afterwards.
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time))
    }

    /// This long before.
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(time))
    }

    /// The time from `earlier` until then; zero if it is the later one.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}
