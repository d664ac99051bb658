//! How often one may guess the password: each visitor, and all visitors of a share together.
//!
//! A visitor who was wrong ten times has to wait, each time twice as long. This stops guessing from
//! a few addresses. If each password needs a hash, guessing from many makes the intervals between
//! hashes larger, up to a second.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::server::transport::Visitor;

/// So many wrong passwords cost no time.
const FREE: u32 = 10;

/// The longest that a visitor has to wait.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// After this time without a wrong password, a visitor's wrong ones are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

/// More visitors are not remembered; the one who tried the longest ago is forgotten.
const MAX_VISITORS: usize = 4096;

/// The interval grows from this, by one more step of doubling for each `STEP` wrong passwords.
const MIN_INTERVAL: Duration = Duration::from_millis(10);
const STEP: u32 = 64;
const MAX_INTERVAL: Duration = Duration::from_secs(1);

/// The wrong passwords that all visitors together have entered, at most. One is forgotten in each
/// `FORGETS_ONE`.
const MAX_LEVEL: u32 = FREE + 8 * STEP;
const FORGETS_ONE: Duration = Duration::from_secs(1);

/// What is known of those who guess.
#[derive(Debug)]
pub struct Throttle {
    visitors: HashMap<Option<Visitor>, Guesser>,
    level: u32,
    /// When the level was last right.
    level_at: Instant,
    /// When the next password is checked.
    next: Instant,
}

/// A visitor who has tried a password.
#[derive(Clone, Copy, Debug)]
struct Guesser {
    wrong: u32,
    last_wrong: Instant,
    first_try: Instant,
    last_try: Instant,
    /// Nothing is checked until then.
    waits_until: Instant,
}

/// How a visitor stands among others. The lowest is first: who was wrong least, then who has waited
/// for the longest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    wrong: u32,
    since: Instant,
}

impl Guesser {
    fn new(now: Instant) -> Self {
        Self {
            wrong: 0,
            last_wrong: now,
            first_try: now,
            last_try: now,
            waits_until: now,
        }
    }
}

impl Throttle {
    /// Nobody has tried.
    pub fn new(now: Instant) -> Self {
        Self {
            visitors: HashMap::new(),
            level: 0,
            level_at: now,
            next: now,
        }
    }

    /// A visitor tries a password.
    pub fn tries(&mut self, visitor: Option<Visitor>, now: Instant) -> Standing {
        if self.visitors.len() >= MAX_VISITORS && !self.visitors.contains_key(&visitor) {
            let oldest = self.visitors.iter().min_by_key(|(_, known)| known.last_try);
            if let Some(oldest) = oldest.map(|(visitor, _)| *visitor) {
                self.visitors.remove(&oldest);
            }
        }
        let guesser = self
            .visitors
            .entry(visitor)
            .or_insert_with(|| Guesser::new(now));
        if now.duration_since(guesser.last_wrong) >= FORGOTTEN_AFTER {
            guesser.wrong = 0;
        }
        guesser.last_try = now;
        Standing {
            wrong: guesser.wrong,
            since: guesser.first_try,
        }
    }

    /// How long a visitor has to wait because of its own wrong passwords.
    pub fn wait(&self, visitor: Option<Visitor>, now: Instant) -> Option<Duration> {
        let guesser = self.visitors.get(&visitor)?;
        let wait = guesser.waits_until.saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// When the next password may be checked.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// A visitor's password is being checked. It counts as wrong until it turns out to be right, so
    /// that leaving before the answer is no way around this.
    pub fn checks(&mut self, visitor: Option<Visitor>, now: Instant) {
        self.forget(now);
        self.level = (self.level + 1).min(MAX_LEVEL);
        self.next = now + interval(self.level);
        self.was_wrong(visitor, now);
    }

    /// A visitor's password is wrong.
    pub fn was_wrong(&mut self, visitor: Option<Visitor>, now: Instant) {
        let guesser = self
            .visitors
            .entry(visitor)
            .or_insert_with(|| Guesser::new(now));
        guesser.wrong = guesser.wrong.saturating_add(1);
        guesser.last_wrong = now;
        if let Some(more) = guesser.wrong.checked_sub(FREE) {
            let wait = Duration::from_secs(2).saturating_mul(1 << more.min(16));
            guesser.waits_until = now + wait.min(MAX_WAIT);
        }
    }

    /// The password of a visitor, which was checked, was right.
    pub fn was_right(&mut self, visitor: Option<Visitor>, now: Instant) {
        self.level = self.level.saturating_sub(1);
        self.next = now;
        self.visitors.remove(&visitor);
    }

    fn forget(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.level_at).as_secs() / FORGETS_ONE.as_secs();
        self.level = self
            .level
            .saturating_sub(passed.try_into().unwrap_or(u32::MAX));
        self.level_at += FORGETS_ONE * u32::try_from(passed).unwrap_or(0);
    }
}

/// The time between two checks.
fn interval(level: u32) -> Duration {
    match level.checked_sub(FREE) {
        None | Some(0) => Duration::ZERO,
        Some(more) => (MIN_INTERVAL * (1 << (more / STEP).min(16))).min(MAX_INTERVAL),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn visitor(number: u32) -> Option<Visitor> {
        Some(Visitor::new(Ipv4Addr::from_bits(number).into()))
    }

    #[test]
    fn after_ten_wrong_passwords_a_visitor_waits_longer_each_time_and_others_do_not() {
        let start = Instant::now();
        let (mut throttle, mut now) = (Throttle::new(start), start);
        for _ in 0..FREE {
            assert_eq!(throttle.wait(visitor(1), now), None);
            throttle.checks(visitor(1), now);
        }
        let mut waits = Vec::new();
        while let Some(wait) = throttle.wait(visitor(1), now) {
            assert_eq!(throttle.wait(visitor(2), now), None);
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.wait(visitor(1), now), None);
            if waits.len() == 12 {
                break;
            }
            throttle.checks(visitor(1), now);
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        throttle.was_right(visitor(1), now);
        throttle.checks(visitor(1), now);
        assert_eq!(throttle.wait(visitor(1), now), None);
    }

    #[test]
    fn wrong_passwords_of_yesterday_are_forgotten() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        for _ in 0..FREE {
            throttle.tries(visitor(1), start);
            throttle.checks(visitor(1), start);
        }
        let later = start + FORGOTTEN_AFTER;
        throttle.tries(visitor(1), later);
        throttle.checks(visitor(1), later);
        assert_eq!(throttle.wait(visitor(1), later), None);
    }

    #[test]
    fn guessing_from_many_addresses_slows_checks_down_to_one_a_second() {
        let start = Instant::now();
        let (mut throttle, mut now, mut checks) = (Throttle::new(start), start, Vec::new());
        while now < start + Duration::from_secs(600) {
            throttle.checks(visitor(checks.len() as u32), now);
            checks.push(now);
            now = now.max(throttle.next());
            assert!(throttle.next() <= now + MAX_INTERVAL);
        }
        let in_minute = |minute| {
            let minute_of = |check: &&Instant| check.duration_since(start).as_secs() / 60 == minute;
            checks.iter().filter(minute_of).count()
        };
        assert!((300..500).contains(&in_minute(0)), "{}", in_minute(0));
        // One is forgotten as one is added, just before the longest interval.
        assert!((60..200).contains(&in_minute(9)), "{}", in_minute(9));
        // An hour of peace, and a few mistakes cost nothing again.
        now += Duration::from_secs(60 * 60);
        for number in 0..FREE {
            throttle.checks(visitor(number), now);
            assert_eq!(throttle.next(), now);
        }
    }

    #[test]
    fn the_number_of_visitors_is_bounded_and_the_latest_stay() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start);
        for number in 0..10_000 {
            throttle.tries(
                visitor(number),
                start + Duration::from_millis(number.into()),
            );
        }
        assert_eq!(throttle.visitors.len(), MAX_VISITORS);
        assert!(throttle.visitors.contains_key(&visitor(9_999)));
        assert!(!throttle.visitors.contains_key(&visitor(0)));
    }
}
