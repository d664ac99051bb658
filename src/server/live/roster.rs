//! Visitors who were seen, and those who are blocked.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use super::{
    caller::{Marks, Person},
    view::{VisitorId, VisitorView},
};
use crate::passphrase;

/// More visitors are not remembered: of those with nothing on its way, the half that was seen longest ago
/// is forgotten.
const MAX_VISITORS: usize = 512;

/// More visitors are not listed.
const MAX_LISTED: usize = 256;

/// Who has asked for nothing in this time has left.
const IS_HERE: Duration = Duration::from_secs(60);

/// Words in a visitor's name.
const WORDS: usize = 2;

/// The visitors of one share.
#[derive(Debug, Default)]
pub struct Roster {
    seen: HashMap<VisitorId, Seen>,
    /// Visitors that were seen and forgotten.
    forgotten: u64,
    blocked: Blocked,
}

#[derive(Debug)]
struct Seen {
    marks: Marks,
    person: Person,
    /// In milliseconds since 1970.
    since: u64,
    last: (Instant, u64),
    /// Parts of transfers on their way.
    running: usize,
}

/// Who may not come in any more.
#[derive(Debug, Default)]
struct Blocked {
    /// What each block holds for.
    by_visitor: HashMap<VisitorId, Block>,
    programs: HashSet<VisitorId>,
    networks: HashSet<u64>,
}

/// What a block holds for, beside the visitor.
#[derive(Debug)]
struct Block {
    /// Where the visitor was then.
    at: Option<u64>,
    /// In milliseconds since 1970.
    when: u64,
    program: Option<VisitorId>,
    network: Option<u64>,
}

impl Blocked {
    fn has(&self, marks: &Marks) -> bool {
        let has_network = |network| self.networks.contains(&network);
        self.by_visitor.contains_key(&marks.visitor)
            || self.programs.contains(&marks.program)
            || marks.network.is_some_and(has_network)
    }

    fn add(&mut self, visitor: VisitorId, block: Block) {
        self.by_visitor.insert(visitor, block);
        self.gather();
    }

    fn remove(&mut self, visitor: VisitorId) {
        self.by_visitor.remove(&visitor);
        self.gather();
    }

    fn gather(&mut self) {
        let blocks = || self.by_visitor.values();
        self.programs = blocks().filter_map(|block| block.program).collect();
        self.networks = blocks().filter_map(|block| block.network).collect();
    }
}

/// The name of a visitor.
pub fn name(visitor: VisitorId) -> String {
    passphrase::words(visitor.0, WORDS)
}

impl Roster {
    /// A visitor asks for something. Returns whether that changes much of what is shown.
    pub fn saw(
        &mut self,
        marks: Marks,
        person: impl FnOnce() -> Person,
        now: (Instant, u64),
    ) -> bool {
        if let Some(seen) = self.seen.get_mut(&marks.visitor) {
            let was_away = now.0.saturating_duration_since(seen.last.0) >= IS_HERE;
            seen.last = now;
            // The same session may move to another address.
            seen.marks = marks;
            return was_away;
        }
        self.make_room();
        self.seen.insert(
            marks.visitor,
            Seen {
                marks,
                person: person(),
                since: now.1,
                last: now,
                running: 0,
            },
        );
        true
    }

    /// A part of a transfer begins. The visitor was seen.
    pub fn begins(&mut self, visitor: VisitorId) {
        if let Some(seen) = self.seen.get_mut(&visitor) {
            seen.running += 1;
        }
    }

    /// A part of a transfer is over. Who has left is forgotten unless somebody watches.
    pub fn ends(&mut self, visitor: VisitorId, is_watched: bool) {
        let Some(seen) = self.seen.get_mut(&visitor) else {
            return;
        };
        seen.running = seen.running.saturating_sub(1);
        if seen.running == 0 && !is_watched && !self.blocked.has(&seen.marks) {
            self.seen.remove(&visitor);
        }
    }

    /// Nobody watches any more.
    pub fn forget(&mut self) {
        let blocked = &self.blocked;
        self.seen
            .retain(|_, seen| seen.running > 0 || blocked.has(&seen.marks));
        self.seen.shrink_to_fit();
        self.forgotten = 0;
    }

    /// Blocks a visitor. If nobody else is known to be at the same address, or the visitor came from there
    /// after somebody was blocked, nobody from there comes in: another browser or session would be the
    /// same person. Returns whether the visitor is known.
    pub fn block(&mut self, visitor: VisitorId, now: u64) -> bool {
        let Some(seen) = self.seen.get(&visitor) else {
            return false;
        };
        let marks = seen.marks;
        let shares_program = self.seen.values().any(|other| {
            other.marks.program == marks.program
                && other.marks.visitor != visitor
                && other.marks.visitor != marks.program
                && !self.blocked.has(&other.marks)
        });
        // Most likely somebody who was blocked before and came back with another browser.
        let evades = self.blocked.by_visitor.values().any(|other| {
            other.at.is_some() && other.at == marks.network && seen.since >= other.when
        });
        let block = Block {
            at: marks.network,
            when: now,
            program: (!shares_program).then_some(marks.program),
            network: (marks.network).filter(|_| evades || self.neighbours(&marks) == 0),
        };
        self.blocked.add(visitor, block);
        true
    }

    /// Lets a visitor in again, and whoever was blocked with it.
    pub fn unblock(&mut self, visitor: VisitorId) {
        self.blocked.remove(visitor);
    }

    pub fn is_blocked(&self, marks: &Marks) -> bool {
        self.blocked.has(marks)
    }

    /// Whether a visitor who was seen is blocked.
    pub fn is_visitor_blocked(&self, visitor: VisitorId) -> bool {
        let seen = self.seen.get(&visitor);
        seen.is_some_and(|seen| self.blocked.has(&seen.marks))
    }

    /// Whether anybody is blocked.
    pub fn blocks_any(&self) -> bool {
        !self.blocked.by_visitor.is_empty()
    }

    /// How many others with the same address are not blocked.
    fn neighbours(&self, marks: &Marks) -> usize {
        let Some(network) = marks.network else {
            return 0;
        };
        let others = self.seen.values().filter(|other| {
            other.marks.network == Some(network)
                && other.marks.visitor != marks.visitor
                // The same browser before the password was entered.
                && other.marks.visitor != marks.program
                && !self.blocked.has(&other.marks)
        });
        others.count()
    }

    /// As the owner sees them: who has something on its way, who is blocked, and then the most recent first;
    /// and how many more there were.
    pub fn view(&self, now: Instant) -> (Vec<VisitorView>, u64) {
        let mut seen: Vec<&Seen> = self.seen.values().collect();
        let is_blocked = |seen: &Seen| self.blocked.has(&seen.marks);
        seen.sort_unstable_by_key(|seen| Reverse((seen.running > 0, is_blocked(seen), seen.last)));
        let more = seen.len().saturating_sub(MAX_LISTED);
        seen.truncate(MAX_LISTED);
        let mut at_network: HashMap<u64, usize> = HashMap::new();
        for other in self
            .seen
            .values()
            .filter(|seen| !self.blocked.has(&seen.marks))
        {
            if let Some(network) = other.marks.network {
                *at_network.entry(network).or_default() += 1;
            }
        }
        let views = seen.iter().map(|seen| {
            let is_blocked = self.blocked.has(&seen.marks);
            let is_here = seen.running > 0 || now.saturating_duration_since(seen.last.0) < IS_HERE;
            let all = seen
                .marks
                .network
                .and_then(|network| at_network.get(&network));
            VisitorView {
                id: seen.marks.visitor,
                name: name(seen.marks.visitor),
                country: seen.person.country.clone(),
                device: seen.person.agent.device.map(str::to_owned),
                browser: seen.person.agent.browser.as_deref().map(str::to_owned),
                agent: seen.person.agent.words(),
                address: seen.person.address.map(|address| address.to_string()),
                since: seen.since,
                last: seen.last.1,
                is_here: is_here && !is_blocked,
                is_blocked,
                neighbours: all.map_or(0, |all| all.saturating_sub(usize::from(!is_blocked))),
            }
        });
        (views.collect(), more as u64 + self.forgotten)
    }

    fn make_room(&mut self) {
        if self.seen.len() < MAX_VISITORS {
            return;
        }
        let blocked = &self.blocked;
        let stays = |seen: &Seen| seen.running > 0 || blocked.has(&seen.marks);
        let idle = self.seen.values().filter(|seen| !stays(seen));
        let mut times: Vec<Instant> = idle.map(|seen| seen.last.0).collect();
        if times.is_empty() {
            return;
        }
        let middle = times.len() / 2;
        let (_, middle, _) = times.select_nth_unstable(middle);
        let middle = *middle;
        let before = self.seen.len();
        self.seen
            .retain(|_, seen| stays(seen) || seen.last.0 > middle);
        self.forgotten += (before - self.seen.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(visitor: u64, network: u64) -> Marks {
        Marks {
            visitor: VisitorId(visitor),
            program: VisitorId(visitor),
            network: Some(network),
        }
    }

    fn nobody() -> Person {
        Person {
            country: None,
            agent: super::super::agent::Agent::default(),
            address: None,
        }
    }

    fn roster(visitors: impl IntoIterator<Item = Marks>) -> Roster {
        let mut roster = Roster::default();
        let now = Instant::now();
        for marks in visitors {
            roster.saw(marks, nobody, (now, 0));
        }
        roster
    }

    #[test]
    fn a_visitor_alone_at_an_address_is_blocked_with_it() {
        let mut roster = roster([marks(1, 10), marks(2, 20)]);
        assert!(roster.block(VisitorId(1), 1));
        assert!(roster.is_blocked(&marks(9, 10)), "another browser");
        assert!(roster.is_blocked(&marks(1, 11)), "another address");
        assert!(!roster.is_blocked(&marks(2, 20)));
        roster.unblock(VisitorId(1));
        assert!(!roster.is_blocked(&marks(1, 10)) && !roster.blocks_any());
        assert!(!roster.block(VisitorId(99), 1));
    }

    #[test]
    fn a_visitor_among_others_is_blocked_alone_until_they_are() {
        let mut roster = roster([marks(1, 10), marks(2, 10)]);
        let (views, _) = roster.view(Instant::now());
        assert!(views.iter().all(|view| view.neighbours == 1));
        roster.block(VisitorId(1), 1);
        assert!(!roster.is_blocked(&marks(2, 10)) && !roster.is_blocked(&marks(3, 10)));
        roster.block(VisitorId(2), 1);
        assert!(roster.is_blocked(&marks(3, 10)));
    }

    #[test]
    fn who_comes_back_with_another_browser_is_blocked_with_the_address() {
        let mut roster = roster([marks(1, 10), marks(2, 10)]);
        roster.block(VisitorId(1), 50);
        assert!(!roster.is_blocked(&marks(2, 10)));
        roster.saw(marks(3, 10), nobody, (Instant::now(), 60));
        roster.block(VisitorId(3), 70);
        assert!(roster.is_blocked(&marks(4, 10)) && roster.is_blocked(&marks(2, 10)));
    }

    #[test]
    fn who_shares_a_browser_is_not_blocked_with_another() {
        let entered = |visitor| Marks {
            program: VisitorId(9),
            ..marks(visitor, 10)
        };
        let mut roster = roster([entered(1), entered(2)]);
        roster.block(VisitorId(1), 1);
        assert!(roster.is_blocked(&entered(1)) && !roster.is_blocked(&entered(2)));
        roster.block(VisitorId(2), 1);
        assert!(roster.is_blocked(&entered(3)));
        roster.unblock(VisitorId(1));
        assert!(
            roster.is_blocked(&entered(2)),
            "each block is one of its own"
        );
    }

    #[test]
    fn who_has_entered_the_password_is_blocked_without_the_session() {
        let entered = Marks {
            program: VisitorId(2),
            ..marks(1, 10)
        };
        let mut roster = roster([marks(2, 10), entered]);
        roster.block(VisitorId(1), 1);
        assert!(roster.is_blocked(&marks(2, 11)));
        assert!(roster.is_blocked(&marks(3, 10)), "nobody else is there");
    }

    #[test]
    fn a_crowd_takes_bounded_memory_and_hides_neither_transfers_nor_blocks() {
        let mut roster = roster([marks(1, 1), marks(2, 2)]);
        roster.begins(VisitorId(1));
        roster.block(VisitorId(2), 1);
        let start = Instant::now();
        for visitor in 3..10_003 {
            let now = start + Duration::from_millis(visitor);
            roster.saw(marks(visitor, visitor), nobody, (now, visitor));
        }
        assert!(roster.seen.len() <= MAX_VISITORS, "{}", roster.seen.len());
        let (views, more) = roster.view(start);
        assert_eq!(views.len(), MAX_LISTED);
        assert_eq!(views[0].id, VisitorId(1), "something is on its way");
        assert_eq!(views[1].id, VisitorId(2), "it is blocked");
        assert_eq!(views[2].id, VisitorId(10_002), "the last one");
        assert_eq!(views.len() as u64 + more, 10_002);
        assert!(roster.is_visitor_blocked(VisitorId(2)));
        roster.forget();
        assert_eq!(roster.seen.len(), 2);
        roster.ends(VisitorId(1), false);
        assert_eq!(roster.seen.len(), 1);
    }

    #[test]
    fn who_has_asked_for_nothing_for_a_minute_has_left() {
        let roster = roster([marks(1, 1)]);
        let is_here = |now| roster.view(now).0[0].is_here;
        assert!(is_here(Instant::now()) && !is_here(Instant::now() + IS_HERE));
    }

    #[test]
    fn names_are_two_words_that_stay() {
        assert_eq!(name(VisitorId(5)), name(VisitorId(5)));
        assert_ne!(name(VisitorId(5)), name(VisitorId(6)));
        assert_eq!(name(VisitorId(u64::MAX >> 11)).split(' ').count(), WORDS);
    }
}
