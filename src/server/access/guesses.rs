//! Passwords that wait to be checked, which is so only after a restart, until somebody has entered the
//! right one. Those of visitors who were wrong least are first; of these, those who tried first.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, futures::Notified};

use super::{
    digest::Digest,
    source::Source,
    throttle::{Standing, Throttle},
};

/// Passwords of one share that are checked at a time.
const CHECKED: usize = 2;

/// More passwords don't wait.
const MAX_WAITING: usize = 32;

/// The longest that a password waits. Its visitor is waiting for the answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// When those may try again who were turned away because of others.
const CROWDED: Duration = Duration::from_secs(2);

/// Passwords of one share that are being checked, or wait for it.
pub struct Guesses {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    throttle: Throttle,
    checked: Vec<Digest>,
    waiting: Vec<Waiting>,
    last_number: u64,
}

struct Waiting {
    number: u64,
    standing: Standing,
    digest: Digest,
}

impl Waiting {
    /// The lowest is first.
    fn rank(&self) -> (Standing, u64) {
        (self.standing, self.number)
    }
}

/// A password that waits to be checked or is being checked, until this is dropped.
pub struct Guess<'a> {
    guesses: &'a Guesses,
    source: Source,
    digest: Digest,
    number: u64,
    /// It waits until then.
    patience: Instant,
    is_checked: bool,
}

/// What happens next to a password.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// It is checked now.
    Check,
    /// It waits until something changes, or at most until then.
    Wait(Instant),
    /// It is not checked. The visitor may try again after this time.
    TurnedAway(Duration),
}

impl Default for Guesses {
    fn default() -> Self {
        let state = State {
            throttle: Throttle::new(Instant::now()),
            checked: Vec::new(),
            waiting: Vec::new(),
            last_number: 0,
        };
        Self {
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }
}

impl Guesses {
    /// A password waits to be checked.
    pub fn add(&self, source: Source, digest: Digest, now: Instant) -> Guess<'_> {
        let mut state = self.state();
        let standing = state.throttle.tries(source, now);
        state.last_number += 1;
        let number = state.last_number;
        state.waiting.push(Waiting {
            number,
            standing,
            digest,
        });
        if state.waiting.len() > MAX_WAITING {
            let last = state.waiting.iter().map(Waiting::rank).max();
            state.waiting.retain(|other| Some(other.rank()) != last);
            // Its visitor learns that it no longer waits.
            self.changed.notify_waiters();
        }
        Guess {
            guesses: self,
            source,
            digest,
            number,
            patience: now + PATIENCE,
            is_checked: false,
        }
    }

    /// How long somebody has to wait because of other wrong passwords.
    pub fn must_wait(&self, source: Source, now: Instant) -> Option<Duration> {
        self.state().throttle.wait(source, now)
    }

    /// Somebody has entered the right password, which was known.
    pub fn is_right(&self, source: Source) {
        self.state().throttle.is_right(source);
    }

    /// Somebody has entered a wrong password, which didn't have to be checked.
    pub fn is_wrong(&self, source: Source, now: Instant) {
        self.state().throttle.was_wrong(source, now);
    }

    /// Somebody has entered a password that was checked before and is wrong.
    pub fn is_repeated(&self, source: Source, now: Instant) {
        self.state().throttle.repeats(source, now);
    }

    /// Completes at the next change after this was called and enabled.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guess<'_> {
    /// Whether it is its turn to be checked.
    pub fn next(&mut self, now: Instant) -> Next {
        let mut state = self.guesses.state();
        if !state.waiting.iter().any(|one| one.number == self.number) || now >= self.patience {
            return Next::TurnedAway(CROWDED);
        }
        // The same password is checked once for all who enter it at the same time.
        let best = state
            .waiting
            .iter()
            .filter(|one| !state.checked.contains(&one.digest))
            .min_by_key(|one| one.rank());
        let is_best = best.is_some_and(|best| best.number == self.number);
        if !is_best || state.checked.len() >= CHECKED {
            return Next::Wait(self.patience);
        }
        if state.throttle.next() > now {
            return Next::Wait(state.throttle.next().min(self.patience));
        }
        state.throttle.checks(self.source, now);
        state.waiting.retain(|other| other.number != self.number);
        state.checked.push(self.digest);
        self.is_checked = true;
        Next::Check
    }

    /// It was checked, and is right.
    pub fn was_right(&self, now: Instant) {
        self.guesses.state().throttle.was_right(self.source, now);
    }
}

impl Drop for Guess<'_> {
    fn drop(&mut self) {
        let mut state = self.guesses.state();
        if self.is_checked {
            let at = state.checked.iter().position(|one| *one == self.digest);
            if let Some(at) = at {
                state.checked.swap_remove(at);
            }
        } else {
            state.waiting.retain(|other| other.number != self.number);
        }
        drop(state);
        self.guesses.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn visitor(number: u32) -> Source {
        Source::of(Some(Ipv4Addr::from_bits(number).into()))
    }

    fn digest(number: u32) -> Digest {
        Digest::of(&number.to_be_bytes()).unwrap()
    }

    #[test]
    fn two_are_checked_at_a_time_and_those_who_were_wrong_least_are_first() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let mut often: Vec<_> = (0..4)
            .map(|number| guesses.add(visitor(1), digest(number), now))
            .collect();
        assert_eq!(often[0].next(now), Next::Check);
        assert_eq!(often[1].next(now), Next::Check);
        assert!(matches!(often[2].next(now), Next::Wait(_)));
        often.push(guesses.add(visitor(1), digest(8), now));
        let mut other = guesses.add(visitor(2), digest(9), now);
        often.drain(2..4);
        often.remove(0);
        assert!(matches!(often[1].next(now), Next::Wait(_)), "not its turn");
        assert_eq!(other.next(now), Next::Check);
        drop(other);
        assert_eq!(often[1].next(now), Next::Check);
    }

    #[test]
    fn the_same_password_is_checked_once_at_a_time_and_holds_up_no_other() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let mut first = guesses.add(visitor(1), digest(1), now);
        let mut same = guesses.add(visitor(1), digest(1), now);
        let mut other = guesses.add(visitor(1), digest(2), now);
        assert_eq!(first.next(now), Next::Check);
        assert!(matches!(same.next(now), Next::Wait(_)));
        assert_eq!(other.next(now), Next::Check);
        drop(first);
        assert_eq!(same.next(now), Next::Check);
    }

    #[test]
    fn of_too_many_those_who_came_last_are_turned_away_and_are_first_when_they_come_again() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let flood = |from: u32, now| -> Vec<_> {
            (from..from + 1000)
                .map(|number| guesses.add(visitor(number), digest(number), now))
                .collect()
        };
        let mut early = flood(1000, now);
        let mut other = guesses.add(visitor(1), digest(1), now);
        assert_eq!(other.next(now), Next::TurnedAway(CROWDED));
        assert_eq!(guesses.state().waiting.len(), MAX_WAITING);
        assert_eq!(early[0].next(now), Next::Check);
        drop((early, other));
        let now = now + CROWDED;
        // Always from new addresses.
        let mut late = flood(2000, now);
        let mut other = guesses.add(visitor(1), digest(1), now);
        assert!(late.iter_mut().all(|one| one.next(now) != Next::Check));
        assert_eq!(other.next(now), Next::Check);
    }

    #[test]
    fn nobody_waits_for_long() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let mut checked: Vec<_> = (0..2)
            .map(|number| guesses.add(visitor(1), digest(number), now))
            .collect();
        assert!(checked.iter_mut().all(|one| one.next(now) == Next::Check));
        let mut late = guesses.add(visitor(2), digest(3), now);
        assert_eq!(late.next(now), Next::Wait(now + PATIENCE));
        assert_eq!(late.next(now + PATIENCE), Next::TurnedAway(CROWDED));
    }
}
