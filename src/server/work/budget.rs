//! What a piece of work may still cost.

use std::{
    cell::Cell,
    io,
    time::{Duration, Instant},
};

use super::abandonment::Abandonment;

/// How many steps [`Budget::follow`] allows before the first link.
const LINK_STEPS: u32 = 4096;

/// How many more steps each link allows. An honest link takes one step for each name in its path.
const LINK_STEPS_PER_LINK: u32 = 64;

/// How many entries are looked at between two looks at the clock.
const ENTRIES_PER_LOOK: usize = 64;

/// What one piece of work may cost at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub time: Duration,
    /// Files and folders to look up.
    pub entries: usize,
    /// Bytes that the result may take in memory.
    pub bytes: usize,
}

/// What a piece of work may still cost.
///
/// Loops call [`Budget::check`], which fails as soon as the work is no longer worth doing.
#[derive(Clone, Debug)]
pub struct Budget {
    abandonment: Abandonment,
    end: Instant,
    entries: Cell<usize>,
    bytes: Cell<usize>,
    link_steps: Cell<u32>,
    #[cfg(test)]
    checks: Cell<usize>,
}

impl Budget {
    /// A budget that ends early when nobody waits for the work any more.
    pub(super) fn new(limits: &Limits, abandonment: Abandonment) -> Self {
        Self {
            abandonment,
            end: Instant::now() + limits.time,
            entries: Cell::new(limits.entries),
            bytes: Cell::new(limits.bytes),
            link_steps: Cell::new(LINK_STEPS),
            #[cfg(test)]
            checks: Cell::new(usize::MAX),
        }
    }

    /// Enough to look up one path, which never takes long.
    pub fn lookup() -> Self {
        let limits = Limits {
            time: Duration::from_secs(2),
            entries: 0,
            bytes: 0,
        };
        Self::new(&limits, Abandonment::default())
    }

    /// For a part of long work that is done in small steps, between which its visitor may leave.
    pub fn slice(limits: &Limits) -> Self {
        Self::new(limits, Abandonment::default())
    }

    /// What is left of this budget, to be spent within `time`.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        Self {
            end: self.end.min(Instant::now() + time),
            ..self.clone()
        }
    }

    /// Checks whether the work should continue.
    ///
    /// # Errors
    /// `ConnectionAborted` when nobody waits for it any more, `TimedOut` when its time is up.
    pub fn check(&self) -> io::Result<()> {
        self.check_visitors()?;
        if Instant::now() > self.end {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "this takes more time than a visitor may use",
            ));
        }
        Ok(())
    }

    /// Waits until nobody waits for the work any more. For work that waits for something else than the
    /// disk, so that it doesn't do so in vain.
    pub fn abandoned(&self) -> impl Future<Output = ()> + Send + use<> {
        self.abandonment.clone().told()
    }

    /// Like [`Budget::check`] for the entry with this number, for work that takes next to no time for
    /// each: it looks at the clock only now and then.
    ///
    /// # Errors
    /// The errors of [`Budget::check`].
    pub fn check_entry(&self, number: usize) -> io::Result<()> {
        if number.is_multiple_of(ENTRIES_PER_LOOK) {
            self.check()
        } else {
            self.check_visitors()
        }
    }

    /// Like [`Budget::check`], for work that keeps its own time.
    ///
    /// # Errors
    /// `ConnectionAborted` when nobody waits for it any more.
    pub fn check_visitors(&self) -> io::Result<()> {
        #[cfg(test)]
        match self.checks.get() {
            0 => return Err(io::ErrorKind::TimedOut.into()),
            left => self.checks.set(left - 1),
        }
        if self.abandonment.was_told() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }

    /// Spends one entry.
    ///
    /// # Errors
    /// The errors of [`Budget::check_entry`], and one if there were too many.
    pub fn spend_entry(&self) -> io::Result<()> {
        self.check_entry(self.entries.get())?;
        let left = self.entries.get().checked_sub(1);
        let left = left.ok_or_else(|| io::Error::other("the folder has too many entries"))?;
        self.entries.set(left);
        Ok(())
    }

    /// Spends bytes of memory.
    ///
    /// # Errors
    /// If there were too many.
    pub fn spend_bytes(&self, bytes: usize) -> io::Result<()> {
        let left = self.bytes.get().checked_sub(bytes);
        let left = left.ok_or_else(|| io::Error::other("the folder takes too much memory"))?;
        self.bytes.set(left);
        Ok(())
    }

    /// Allows as many more steps as an honest link takes.
    pub fn meet_link(&self) {
        let steps = self.link_steps.get().saturating_add(LINK_STEPS_PER_LINK);
        self.link_steps.set(steps);
    }

    /// Spends one step of following links.
    ///
    /// # Errors
    /// The errors of [`Budget::check`]; `NotFound` if links have taken too many steps.
    pub fn follow(&self) -> io::Result<()> {
        self.check()?;
        let steps = self.link_steps.get().checked_sub(1);
        self.link_steps.set(steps.ok_or(io::ErrorKind::NotFound)?);
        Ok(())
    }
}

#[cfg(test)]
impl Budget {
    /// A practically unlimited budget.
    pub fn ample() -> Self {
        let limits = Limits {
            time: Duration::from_secs(600),
            entries: usize::MAX,
            bytes: usize::MAX,
        };
        Self::new(&limits, Abandonment::default())
    }

    /// A budget with this many checks.
    pub fn of_checks(checks: usize) -> Self {
        let budget = Self::ample();
        budget.checks.set(checks);
        budget
    }

    /// How many checks are left.
    pub fn checks_left(&self) -> usize {
        self.checks.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(result: io::Result<()>) -> Option<io::ErrorKind> {
        result.err().map(|error| error.kind())
    }

    #[test]
    fn a_budget_ends_with_its_time_entries_bytes_or_visitors() {
        let limits = Limits {
            time: Duration::from_secs(600),
            entries: 2,
            bytes: 10,
        };
        let abandonment = Abandonment::default();
        let budget = Budget::new(&limits, abandonment.clone());
        assert_eq!(kind(budget.spend_entry()), None);
        assert_eq!(kind(budget.spend_entry()), None);
        assert_eq!(kind(budget.spend_entry()), Some(io::ErrorKind::Other));
        assert_eq!(kind(budget.spend_bytes(11)), Some(io::ErrorKind::Other));
        assert_eq!(kind(budget.spend_bytes(10)), None);
        assert_eq!(kind(budget.spend_bytes(1)), Some(io::ErrorKind::Other));
        let short = budget.within(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(kind(short.check()), Some(io::ErrorKind::TimedOut));
        assert_eq!(kind(budget.check()), None);
        abandonment.tell();
        assert_eq!(kind(budget.check()), Some(io::ErrorKind::ConnectionAborted));
    }

    #[test]
    fn honest_links_are_followed_and_endless_ones_are_not() {
        let budget = Budget::ample();
        for _ in 0..100_000 {
            budget.meet_link();
            for _ in 0..LINK_STEPS_PER_LINK {
                budget.follow().unwrap();
            }
        }
        let more = (0..).take_while(|_| budget.follow().is_ok()).count();
        assert_eq!(more, LINK_STEPS as usize);
        assert_eq!(kind(budget.follow()), Some(io::ErrorKind::NotFound));
    }
}
