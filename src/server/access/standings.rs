//! Since when visitors have been waiting for their password to be checked, also between two tries.
//!
//! Not everybody can be remembered. Of too many, those go first who have no claim: who only repeated
//! a wrong password, who didn't come back for a while, and then who came last. However many others
//! come, those who have been waiting for long keep their places.

use std::{
    cmp::Reverse,
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::server::transport::Visitor;

/// More are not remembered.
pub const MAX_REMEMBERED: usize = 14_000;

/// So many stay if there are more, so that room is made rarely.
const KEPT: usize = MAX_REMEMBERED / 8 * 7;

/// If there are too many, those who have not come back for this time have left.
pub const LEFT_AFTER: Duration = Duration::from_secs(10);

/// Those who wait.
#[derive(Debug, Default)]
pub struct Standings(HashMap<Option<Visitor>, Place>);

/// Where somebody stands in the queue.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// It has repeated a password that was known to be wrong.
    pub has_repeated: bool,
    /// The first try.
    pub since: Instant,
    last_try: Instant,
}

impl Standings {
    /// Somebody wants a password to be checked.
    pub fn tries(&mut self, who: Option<Visitor>, now: Instant) -> Place {
        let place = self.place(who, now);
        place.last_try = now;
        let place = *place;
        self.make_room(now);
        place
    }

    /// Somebody has repeated a wrong password, which is no reason to be before others.
    pub fn repeats(&mut self, who: Option<Visitor>, now: Instant) {
        *self.place(who, now) = Place {
            has_repeated: true,
            since: now,
            last_try: now,
        };
        self.make_room(now);
    }

    /// Somebody's password is checked.
    pub fn remove(&mut self, who: Option<Visitor>) {
        self.0.remove(&who);
    }

    fn place(&mut self, who: Option<Visitor>, now: Instant) -> &mut Place {
        self.0.entry(who).or_insert(Place {
            has_repeated: false,
            since: now,
            last_try: now,
        })
    }

    fn make_room(&mut self, now: Instant) {
        if self.0.len() <= MAX_REMEMBERED {
            return;
        }
        let has_left = |place: &Place| now.saturating_duration_since(place.last_try) >= LEFT_AFTER;
        self.0
            .retain(|_, place| !place.has_repeated && !has_left(place));
        if self.0.len() > KEPT {
            let mut all: Vec<_> = self.0.iter().map(|(who, one)| (one.since, *who)).collect();
            let surplus = all.len() - KEPT;
            all.select_nth_unstable_by_key(surplus - 1, |(since, _)| Reverse(*since));
            for (_, who) in &all[..surplus] {
                self.0.remove(who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn visitor(number: u32) -> Option<Visitor> {
        Some(Visitor::new(Ipv4Addr::from_bits(number).into()))
    }

    #[test]
    fn those_who_come_back_keep_their_place_however_many_others_come() {
        let start = Instant::now();
        let mut standings = Standings::default();
        standings.tries(visitor(0), start);
        let mut others = 1..;
        for seconds in 1..60 {
            let now = start + SECOND * seconds;
            // Never the same.
            for other in others.by_ref().take(5_000) {
                standings.tries(visitor(other), now);
                assert!(standings.0.len() <= MAX_REMEMBERED);
            }
            if seconds % 5 == 0 {
                assert_eq!(standings.tries(visitor(0), now).since, start);
            }
        }
    }

    #[test]
    fn those_who_left_keep_nobody_from_getting_a_place() {
        let start = Instant::now();
        let mut standings = Standings::default();
        for other in 1..=20_000 {
            standings.tries(visitor(other), start);
        }
        let now = start + LEFT_AFTER;
        standings.tries(visitor(0), now);
        for other in 20_000..30_000 {
            standings.tries(visitor(other), now);
        }
        assert_eq!(standings.tries(visitor(0), now + SECOND).since, now);
    }

    #[test]
    fn a_repeated_wrong_password_takes_no_place() {
        let start = Instant::now();
        let mut standings = Standings::default();
        for other in 1..=MAX_REMEMBERED as u32 {
            standings.repeats(visitor(other), start);
        }
        for other in 20_000..30_000 {
            standings.tries(visitor(other), start);
        }
        standings.tries(visitor(0), start);
        assert!(standings.tries(visitor(1), start + SECOND).since > start);
        let place = standings.tries(visitor(0), start + SECOND);
        assert!(place.since == start && !place.has_repeated);
    }
}
