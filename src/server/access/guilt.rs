//! Wrong passwords of each visitor, or of each network, and how long it has to wait because of them.
//!
//! Not everybody can be remembered. Of too many, the one with the fewest wrong passwords is
//! forgotten, and who comes in its place takes over their number. So nobody gets new free guesses by
//! being forgotten: the more guesses of others that takes, the fewer are free for those who come.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::server::transport::Visitor;

/// The longest that one has to wait.
const MAX_WAIT: Duration = Duration::from_secs(15 * 60);

/// After this time without a wrong password, the wrong ones of a guesser are forgotten.
pub const FORGOTTEN_AFTER: Duration = Duration::from_secs(2 * 60 * 60);

/// More guessers are not remembered.
pub const MAX_GUESSERS: usize = 4096;

/// Those who have entered wrong passwords.
#[derive(Debug)]
pub struct Guilt {
    /// So many wrong passwords cost no time.
    free: u32,
    guessers: HashMap<Option<Visitor>, Guesser>,
}

#[derive(Clone, Copy, Debug)]
struct Guesser {
    wrong: u32,
    /// So many of them were taken over.
    taken_over: u32,
    last_wrong: Instant,
    /// Nothing is checked until then.
    waits_until: Instant,
}

impl Guesser {
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last_wrong) >= FORGOTTEN_AFTER
    }

    /// Its wrong passwords, own and taken over.
    fn wrong(&self, now: Instant) -> u32 {
        if self.is_forgotten(now) {
            0
        } else {
            self.wrong
        }
    }
}

impl Guilt {
    /// Nobody was wrong.
    pub fn new(free: u32) -> Self {
        Self {
            free,
            guessers: HashMap::new(),
        }
    }

    /// One more wrong password.
    pub fn add(&mut self, who: Option<Visitor>, now: Instant) {
        let known = self.guessers.get(&who).copied();
        let known = known.filter(|guesser| !guesser.is_forgotten(now));
        let mut guesser = known.unwrap_or_else(|| {
            let taken_over = self.make_room(who, now);
            Guesser {
                wrong: taken_over,
                taken_over,
                last_wrong: now,
                waits_until: now,
            }
        });
        guesser.wrong = guesser.wrong.saturating_add(1);
        guesser.last_wrong = now;
        if let Some(more) = guesser.wrong.checked_sub(self.free) {
            // The wait itself grows with its own wrong passwords only.
            let own = guesser.wrong - guesser.taken_over;
            let more = more.min(own.saturating_sub(1)).min(16);
            let wait = Duration::from_secs(2).saturating_mul(1 << more);
            guesser.waits_until = now + wait.min(MAX_WAIT);
        }
        self.guessers.insert(who, guesser);
    }

    /// How long it has to wait.
    pub fn wait(&self, who: Option<Visitor>, now: Instant) -> Option<Duration> {
        let guesser = self.guessers.get(&who)?;
        let wait = guesser.waits_until.saturating_duration_since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// How many wrong passwords it has entered itself, as far as that is remembered.
    pub fn wrong(&self, who: Option<Visitor>, now: Instant) -> u32 {
        let guesser = self.guessers.get(&who);
        guesser.map_or(0, |guesser| {
            guesser.wrong(now).saturating_sub(guesser.taken_over)
        })
    }

    /// One that was added has turned out to be right.
    pub fn take_back(&mut self, who: Option<Visitor>, now: Instant) {
        if let Some(guesser) = self.guessers.get_mut(&who) {
            guesser.wrong = guesser.wrong.saturating_sub(1).max(guesser.taken_over);
            guesser.waits_until = now;
        }
    }

    /// It knows the password.
    pub fn forgive(&mut self, who: Option<Visitor>) {
        self.guessers.remove(&who);
    }

    /// Makes room for one more, which takes over the wrong passwords that this returns.
    fn make_room(&mut self, who: Option<Visitor>, now: Instant) -> u32 {
        if self.guessers.len() < MAX_GUESSERS || self.guessers.contains_key(&who) {
            return 0;
        }
        let guessers = self.guessers.iter();
        let least = guessers.min_by_key(|(_, guesser)| (guesser.wrong(now), guesser.last_wrong));
        let Some((least, wrong)) = least.map(|(who, guesser)| (*who, guesser.wrong(now))) else {
            return 0;
        };
        self.guessers.remove(&least);
        wrong
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.guessers.len()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const FREE: u32 = 10;

    fn visitor(number: u32) -> Option<Visitor> {
        Some(Visitor::new(Ipv4Addr::from_bits(number).into()))
    }

    #[test]
    fn after_the_free_ones_the_waits_double() {
        let mut now = Instant::now();
        let mut guilt = Guilt::new(FREE);
        for _ in 0..FREE {
            assert_eq!(guilt.wait(visitor(1), now), None);
            guilt.add(visitor(1), now);
        }
        let mut waits = Vec::new();
        while waits.len() < 12 {
            let wait = guilt.wait(visitor(1), now).unwrap();
            assert_eq!(guilt.wait(visitor(2), now), None);
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(guilt.wait(visitor(1), now), None);
            guilt.add(visitor(1), now);
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        guilt.forgive(visitor(1));
        guilt.add(visitor(1), now);
        assert_eq!(guilt.wait(visitor(1), now), None);
    }

    #[test]
    fn wrong_passwords_of_yesterday_are_forgotten() {
        let now = Instant::now();
        let mut guilt = Guilt::new(FREE);
        for _ in 0..FREE {
            guilt.add(visitor(1), now);
        }
        let later = now + FORGOTTEN_AFTER;
        assert_eq!(guilt.wrong(visitor(1), later), 0);
        guilt.add(visitor(1), later);
        assert_eq!(guilt.wrong(visitor(1), later), 1);
        assert_eq!(guilt.wait(visitor(1), later), None);
    }

    #[test]
    fn a_guesser_is_not_forgotten_because_of_others_with_fewer_wrong_passwords() {
        let now = Instant::now();
        let mut guilt = Guilt::new(FREE);
        for _ in 0..FREE {
            guilt.add(visitor(1), now);
        }
        for other in 2..10_000 {
            guilt.add(
                visitor(other),
                now + Duration::from_millis(other.into()) / 10,
            );
        }
        assert!(guilt.wait(visitor(1), now).is_some());
        assert_eq!(guilt.len(), MAX_GUESSERS);
    }

    #[test]
    fn nobody_gets_free_guesses_by_being_forgotten() {
        let now = Instant::now();
        let mut guilt = Guilt::new(FREE);
        // Everybody who can be remembered has used up the free ones.
        for guesser in 0..MAX_GUESSERS as u32 {
            for _ in 0..FREE {
                guilt.add(visitor(guesser), now);
            }
        }
        // The next ones have none, even in turns.
        for _ in 0..20 {
            for newcomer in [10_000, 10_001] {
                guilt.add(visitor(newcomer), now);
                assert!(guilt.wait(visitor(newcomer), now).is_some());
            }
        }
        assert_eq!(guilt.wrong(visitor(10_001), now), 20);
        // Somebody who was wrong once waits briefly, who wasn't wrong not at all.
        guilt.add(visitor(20_000), now);
        let wait = guilt.wait(visitor(20_000), now);
        assert_eq!(wait, Some(Duration::from_secs(2)));
        assert_eq!(guilt.wait(visitor(30_000), now), None);
        assert_eq!(guilt.len(), MAX_GUESSERS);
    }
}
