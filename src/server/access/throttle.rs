//! How often one may guess the password: each visitor, each network, and all visitors of a share
//! together.
//!
//! A visitor who was wrong ten times has to wait, each time twice as long, and so has an IPv6 network
//! of 48 bits after fifty wrong passwords, and a local one after five hundred. This stops guessing from a few addresses. If each password
//! needs a hash, guessing from many makes the intervals between hashes larger, up to 50 ms. They
//! are not larger, because those who know the password wait for their hash behind those who guess.

use std::time::{Duration, Instant};

use super::{guilt::Guilt, source::Source, standings::Standings};

/// So many wrong passwords of a visitor cost no time.
const FREE: u32 = 10;

/// So many of a network. A single visitor needs hours for them, so it can't lock its network out.
const NETWORK_FREE: u32 = 50;

/// So many of a local network, which may be that of a class. One computer there has as many addresses as it
/// likes.
const LOCAL_NETWORK_FREE: u32 = 500;

/// The interval grows from this, by one more step of doubling for each `STEP` wrong passwords.
const MIN_INTERVAL: Duration = Duration::from_millis(10);
const STEP: u32 = 64;
const MAX_INTERVAL: Duration = Duration::from_millis(50);

/// The wrong passwords that all visitors together have entered, at most. One is forgotten in each
/// `FORGETS_ONE`.
const MAX_LEVEL: u32 = FREE + 4 * STEP;
const FORGETS_ONE: Duration = Duration::from_secs(1);

/// What is known of those who guess.
#[derive(Debug)]
pub struct Throttle {
    visitors: Guilt,
    networks: Guilt,
    local_networks: Guilt,
    standings: Standings,
    level: u32,
    /// When the level was last right.
    level_at: Instant,
    /// When the next password is checked.
    next: Instant,
}

/// How a visitor stands among others. The lowest is first: who was wrong least, then who has waited
/// for the longest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    wrong: u32,
    since: Instant,
}

impl Throttle {
    /// Nobody has tried.
    pub fn new(now: Instant) -> Self {
        Self {
            visitors: Guilt::new(FREE),
            networks: Guilt::new(NETWORK_FREE),
            local_networks: Guilt::new(LOCAL_NETWORK_FREE),
            standings: Standings::default(),
            level: 0,
            level_at: now,
            next: now,
        }
    }

    /// Somebody waits for a password to be checked.
    pub fn tries(&mut self, source: Source, now: Instant) -> Standing {
        let place = self.standings.tries(source.party(), now);
        let network = source.network();
        let wrong = self
            .visitors
            .wrong(source.visitor(), now)
            .max(network.map_or(0, |_| self.networks_like(source).wrong(network, now)))
            .max(place.has_repeated.into());
        Standing {
            wrong,
            since: place.since,
        }
    }

    /// Somebody repeats a password that is known to be wrong, which is not another guess.
    pub fn repeats(&mut self, source: Source, now: Instant) {
        self.standings.repeats(source.party(), now);
    }

    /// How long one has to wait because of wrong passwords of its own, or of its network.
    pub fn wait(&self, source: Source, now: Instant) -> Option<Duration> {
        let network = source.network();
        self.visitors
            .wait(source.visitor(), now)
            .max(network.and_then(|_| self.networks_like(source).wait(network, now)))
    }

    /// When the next password may be checked.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// A password is being checked. It counts as wrong until it turns out to be right, so that
    /// leaving before the answer is no way around this.
    pub fn checks(&mut self, source: Source, now: Instant) {
        self.forget(now);
        self.level = (self.level + 1).min(MAX_LEVEL);
        self.next = now + interval(self.level);
        self.standings.remove(source.party());
        self.was_wrong(source, now);
    }

    /// A password is wrong.
    pub fn was_wrong(&mut self, source: Source, now: Instant) {
        self.visitors.add(source.visitor(), now);
        if source.network().is_some() {
            self.networks_like_mut(source).add(source.network(), now);
        }
    }

    /// A password that was being checked is right.
    pub fn was_right(&mut self, source: Source, now: Instant) {
        self.level = self.level.saturating_sub(1);
        self.next = now;
        if source.network().is_some() {
            self.networks_like_mut(source)
                .take_back(source.network(), now);
        }
        self.is_right(source);
    }

    /// A password was known to be right.
    pub fn is_right(&mut self, source: Source) {
        // Others in its network may still be guessing.
        self.visitors.forgive(source.visitor());
    }

    fn networks_like(&self, source: Source) -> &Guilt {
        if source.is_local() {
            &self.local_networks
        } else {
            &self.networks
        }
    }

    fn networks_like_mut(&mut self, source: Source) -> &mut Guilt {
        if source.is_local() {
            &mut self.local_networks
        } else {
            &mut self.networks
        }
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
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::{super::guilt::MAX_GUESSERS, *};

    fn source(number: u32) -> Source {
        Source::of(Some(Ipv4Addr::from_bits(number).into()))
    }

    /// A network of 64 bits in one of 48.
    fn in_network(network: u128, number: u128) -> Source {
        let address = (0x2001_0db8 << 96) | (network << 80) | (number << 64);
        Source::of(Some(Ipv6Addr::from_bits(address).into()))
    }

    #[test]
    fn after_ten_wrong_passwords_a_visitor_waits_and_others_do_not() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        for _ in 0..FREE {
            assert_eq!(throttle.wait(source(1), now), None);
            throttle.was_wrong(source(1), now);
        }
        assert!(throttle.wait(source(1), now).is_some());
        assert_eq!(throttle.wait(source(2), now), None);
    }

    #[test]
    fn new_parts_of_an_ipv6_network_give_no_more_than_fifty_guesses() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        let free = (0..1_000).take_while(|number| {
            let source = in_network(1, *number);
            let is_free = throttle.wait(source, now).is_none();
            throttle.was_wrong(source, now);
            is_free
        });
        assert_eq!(free.count(), 50);
        assert_eq!(throttle.wait(in_network(2, 0), now), None);
        // One part of it can't make all of it wait.
        let mut throttle = Throttle::new(now);
        let mut later = now;
        while later < now + Duration::from_secs(6 * 60 * 60) {
            later += throttle.wait(in_network(1, 1), later).unwrap_or_default();
            throttle.was_wrong(in_network(1, 1), later);
        }
        assert_eq!(throttle.wait(in_network(1, 2), later), None);
    }

    #[test]
    fn the_right_password_makes_nobody_in_the_network_wait() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        for number in 0..200 {
            let source = in_network(1, number);
            assert_eq!(throttle.wait(source, now), None);
            throttle.checks(source, now);
            throttle.was_right(source, now);
        }
    }

    #[test]
    fn parts_of_an_ipv6_network_stand_as_one() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        throttle.checks(in_network(1, 0), now);
        let guesser = throttle.tries(in_network(1, 1), now);
        assert!(throttle.tries(in_network(2, 0), now) < guesser);
    }

    #[test]
    fn who_repeats_a_wrong_password_stands_no_better_than_who_guesses() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        throttle.repeats(source(1), now);
        throttle.tries(source(3), now);
        throttle.repeats(source(3), now);
        let later = now + Duration::from_secs(1);
        throttle.checks(source(2), now);
        let guesser = throttle.tries(source(2), now);
        let new = throttle.tries(source(9), later);
        for repeats in [1, 3].map(source) {
            let standing = throttle.tries(repeats, later);
            assert!(standing > new && standing >= guesser, "{standing:?}");
            assert_eq!(throttle.wait(repeats, later), None);
        }
    }

    #[test]
    fn guessing_from_many_addresses_slows_checks_down_to_twenty_a_second() {
        let start = Instant::now();
        let (mut throttle, mut now, mut checks) = (Throttle::new(start), start, Vec::new());
        while now < start + Duration::from_secs(600) {
            throttle.checks(source(checks.len() as u32), now);
            checks.push(now);
            now = now.max(throttle.next());
            assert!(throttle.next() <= now + MAX_INTERVAL);
        }
        let in_minute = |minute| {
            let minute_of = |check: &&Instant| check.duration_since(start).as_secs() / 60 == minute;
            checks.iter().filter(minute_of).count()
        };
        assert!((1200..1600).contains(&in_minute(0)), "{}", in_minute(0));
        assert_eq!(in_minute(9), 1200);
        // An hour of peace, and a few mistakes cost nothing again.
        now += Duration::from_secs(60 * 60);
        for number in 0..FREE {
            throttle.checks(source(number), now);
            assert_eq!(throttle.next(), now);
        }
    }

    #[test]
    fn the_number_of_guessers_is_bounded() {
        let now = Instant::now();
        let mut throttle = Throttle::new(now);
        for number in 0..10_000 {
            throttle.tries(in_network(number, 1), now);
            throttle.was_wrong(in_network(number, 1), now);
            // Whoever was forgotten may turn out to be wrong.
            throttle.was_wrong(in_network(number / 2, 1), now);
        }
        assert_eq!(throttle.visitors.len(), MAX_GUESSERS);
        assert_eq!(throttle.networks.len(), MAX_GUESSERS);
    }
}
