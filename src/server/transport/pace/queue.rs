//! Who may send next, and how much: what is sent together is no faster than the limit, and every
//! visitor gets the same, however many connections they have. Knows no clock.
//!
//! Each visitor has an account of what they were sent. Who was sent the least is next. One visitor's
//! answers take turns; those that have just begun come first for a while, so that a page doesn't wait
//! for a download. A visitor who had nothing to wait for counts as somewhat behind the others: their first
//! bytes come at once, and after that they have as much as the others, not more.

use std::{
    collections::BTreeMap,
    num::NonZeroU64,
    task::Waker,
    time::{Duration, Instant},
};

use super::super::visitor::Visitor;

/// Whose request is answered; those whose address is unknown count as one.
pub type Account = Option<Visitor>;

/// How often somebody else may be next, in a second. Less often costs less.
const TURNS: u64 = 20;
/// The least and the most that is sent in one turn.
const TURN_BYTES: (u64, u64) = (4 * 1024, 1024 * 1024);

/// What may be sent at once after a pause, as a part of a second.
const BURSTS: u64 = 4;
const BURST_BYTES: (u64, u64) = (32 * 1024, 1024 * 1024);

/// An answer of which no more was sent has just begun.
const BEGINNING: u64 = 32 * 1024;

/// So many turns later, an answer that has begun long ago is as urgent as one that begins.
const PATIENCE: u64 = 256;

/// Accounts that are kept although nobody waits, before they are looked through.
const MAX_IDLE: usize = 64;

/// The answers of one share that wait until they may go on.
#[derive(Debug)]
pub struct Queue {
    /// Bytes in a second.
    rate: NonZeroU64,
    /// When everything that was granted will have been sent.
    free_at: Instant,
    /// What a visitor who was never waiting for long was sent.
    served: u64,
    accounts: BTreeMap<Account, u64>,
    waiting: Vec<Waiting>,
    last_ticket: u64,
}

#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    account: Account,
    /// What of this answer was sent before.
    sent: u64,
    wanted: u64,
    granted: Option<u64>,
    waker: Waker,
}

impl Waiting {
    /// The lower, the more urgent.
    fn urgency(&self) -> u64 {
        let patience = if self.sent < BEGINNING { 0 } else { PATIENCE };
        self.ticket.0 + patience
    }
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

/// An answer that wants to go on.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    pub account: Account,
    /// What of this answer was sent before.
    pub sent: u64,
    /// The bytes that could be sent now.
    pub wanted: u64,
}

/// Whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It may send so many bytes.
    Granted(u64),
    /// It has to wait. Whoever is next has to ask again at that time; the others are woken.
    Wait(Ticket, Option<Instant>),
}

impl Queue {
    /// Nobody waits yet. Tickets have higher numbers than the last one of an earlier queue, which
    /// somebody may still have.
    pub fn new(rate: NonZeroU64, last_ticket: u64, now: Instant) -> Self {
        Self {
            rate,
            free_at: now,
            served: 0,
            accounts: BTreeMap::new(),
            waiting: Vec::new(),
            last_ticket,
        }
    }

    pub fn last_ticket(&self) -> u64 {
        self.last_ticket
    }

    /// Changes the limit for everything from now on.
    pub fn set_rate(&mut self, rate: NonZeroU64, now: Instant) {
        self.rate = rate;
        // What was granted at the old rate is on its way.
        self.free_at = self.free_at.min(now);
        self.wake_next();
    }

    /// Asks for a turn, for the first time or with the ticket from before.
    pub fn ask(&mut self, ticket: Option<Ticket>, wish: Wish, waker: &Waker, now: Instant) -> Turn {
        let ticket = ticket.unwrap_or_else(|| self.wait(wish, waker));
        self.grant(ticket, now);
        let Some(at) = self.position(ticket) else {
            // It was let go meanwhile.
            return self.ask(None, wish, waker, now);
        };
        if let Some(granted) = self.waiting[at].granted {
            self.waiting.remove(at);
            self.wake_next();
            return Turn::Granted(granted);
        }
        if !self.waiting[at].waker.will_wake(waker) {
            self.waiting[at].waker = waker.clone();
        }
        let is_next = self.next() == Some(at);
        Turn::Wait(ticket, is_next.then_some(self.free_at))
    }

    /// Whoever had this ticket doesn't wait any more.
    pub fn leave(&mut self, ticket: Ticket) {
        if let Some(at) = self.position(ticket) {
            self.waiting.remove(at);
            self.wake_next();
        }
    }

    /// Nobody has to wait any more.
    pub fn wake_all(&self) {
        for waiting in &self.waiting {
            waiting.waker.wake_by_ref();
        }
    }

    fn wait(&mut self, wish: Wish, waker: &Waker) -> Ticket {
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        let behind = self.served.saturating_sub(self.burst());
        let account = self.accounts.entry(wish.account).or_insert(behind);
        *account = (*account).max(behind);
        self.waiting.push(Waiting {
            ticket,
            account: wish.account,
            sent: wish.sent,
            wanted: wish.wanted.max(1),
            granted: None,
            waker: waker.clone(),
        });
        ticket
    }

    /// Gives everybody a turn who may go on by now. The one with this ticket is looking.
    fn grant(&mut self, looking: Ticket, now: Instant) {
        self.free_at = self.free_at.max(before(now, self.time_for(self.burst())));
        while self.free_at <= now
            && let Some(next) = self.next()
        {
            let turn = clamp(self.rate.get() / TURNS, TURN_BYTES);
            let waiting = &mut self.waiting[next];
            let granted = waiting.wanted.min(turn);
            waiting.granted = Some(granted);
            if waiting.ticket != looking {
                waiting.waker.wake_by_ref();
            }
            let account = self.accounts.entry(waiting.account).or_default();
            self.served = self.served.max(*account);
            *account += granted;
            self.free_at += self.time_for(granted);
        }
        self.forget_idle();
    }

    /// Who is next of those that have no turn yet.
    fn next(&self) -> Option<usize> {
        let account = |of: &Account| self.accounts.get(of).copied().unwrap_or(0);
        let waiting = self.waiting.iter().enumerate();
        let waiting = waiting.filter(|(_, waiting)| waiting.granted.is_none());
        let next = waiting.min_by_key(|(_, it)| (account(&it.account), it.urgency()));
        next.map(|(at, _)| at)
    }

    /// Whoever is next has to look at the clock.
    fn wake_next(&self) {
        if let Some(next) = self.next() {
            self.waiting[next].waker.wake_by_ref();
        }
    }

    fn position(&self, ticket: Ticket) -> Option<usize> {
        self.waiting.iter().position(|it| it.ticket == ticket)
    }

    /// Forgets accounts that say no more than a new one would.
    fn forget_idle(&mut self) {
        if self.accounts.len() > self.waiting.len() + MAX_IDLE {
            let behind = self.served.saturating_sub(self.burst());
            let waiting = &self.waiting;
            self.accounts.retain(|account, sent| {
                *sent > behind || waiting.iter().any(|it| it.account == *account)
            });
        }
    }

    fn burst(&self) -> u64 {
        clamp(self.rate.get() / BURSTS, BURST_BYTES)
    }

    fn time_for(&self, bytes: u64) -> Duration {
        Duration::from_secs_f64(bytes as f64 / self.rate.get() as f64)
    }
}

fn clamp(bytes: u64, (least, most): (u64, u64)) -> u64 {
    bytes.clamp(least, most)
}

/// That much earlier, as far as the clock goes back.
fn before(now: Instant, time: Duration) -> Instant {
    now.checked_sub(time).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    /// Visitors that download without a pause, each over some connections.
    struct Rush {
        queue: Queue,
        now: Instant,
        connections: Vec<Connection>,
    }

    struct Connection {
        account: Account,
        ticket: Option<Ticket>,
        sent: u64,
        /// How much it wants in all.
        wanted: u64,
    }

    fn visitor(number: u8) -> Account {
        Some(Visitor::new([192, 0, 2, number].into()))
    }

    fn rate(bytes: u64) -> NonZeroU64 {
        NonZeroU64::new(bytes).unwrap()
    }

    impl Rush {
        fn new(bytes: u64, visitors: &[(u8, usize)]) -> Self {
            let now = Instant::now();
            let each = |&(number, count): &(u8, usize)| {
                std::iter::repeat_n(number, count).map(|number| connection(number, u64::MAX))
            };
            Self {
                queue: Queue::new(rate(bytes), 0, now),
                now,
                connections: visitors.iter().flat_map(each).collect(),
            }
        }

        /// Lets this time pass in steps of a millisecond.
        fn run(&mut self, time: Duration) {
            let end = self.now + time;
            while self.now < end {
                self.step();
                self.now += Duration::from_millis(1);
            }
        }

        fn step(&mut self) {
            for connection in &mut self.connections {
                // It asks again as long as it gets something.
                while connection.sent < connection.wanted {
                    let wish = Wish {
                        account: connection.account,
                        sent: connection.sent,
                        wanted: connection.wanted - connection.sent,
                    };
                    let turn = (self.queue).ask(connection.ticket, wish, Waker::noop(), self.now);
                    match turn {
                        Turn::Granted(bytes) => {
                            connection.ticket = None;
                            connection.sent += bytes;
                        }
                        Turn::Wait(ticket, _) => {
                            connection.ticket = Some(ticket);
                            break;
                        }
                    }
                }
            }
        }

        fn sent_to(&self, number: u8) -> u64 {
            let to = |it: &&Connection| it.account == visitor(number);
            self.connections.iter().filter(to).map(|it| it.sent).sum()
        }
    }

    fn connection(number: u8, wanted: u64) -> Connection {
        Connection {
            account: visitor(number),
            ticket: None,
            sent: 0,
            wanted,
        }
    }

    fn assert_about(bytes: u64, expected: u64) {
        let tolerated = expected / 20 + BURST_BYTES.0;
        let difference = bytes.abs_diff(expected);
        assert!(difference <= tolerated, "{bytes} instead of {expected}");
    }

    #[test]
    fn all_together_get_the_limit() {
        for limit in [10_000, 300_000, 2 * MB, 500 * MB] {
            let mut rush = Rush::new(limit, &[(1, 1), (2, 3)]);
            rush.run(Duration::from_secs(20));
            let sent = rush.sent_to(1) + rush.sent_to(2);
            let burst = rush.queue.burst();
            assert!(sent <= limit * 20 + burst + TURN_BYTES.1, "{sent}");
            assert_about(sent, limit * 20);
        }
    }

    #[test]
    fn many_connections_are_no_advantage() {
        let mut rush = Rush::new(2 * MB, &[(1, 1), (2, 20), (3, 2)]);
        rush.run(Duration::from_secs(10));
        for number in [1, 2, 3] {
            assert_about(rush.sent_to(number), 20 * MB / 3);
        }
    }

    #[test]
    fn a_visitors_older_download_goes_on_beside_a_newer_one() {
        let mut rush = Rush::new(MB, &[(1, 1)]);
        rush.run(Duration::from_secs(10));
        let before = rush.sent_to(1);
        rush.connections.push(connection(1, u64::MAX));
        rush.run(Duration::from_secs(10));
        assert_about(rush.connections[0].sent - before, 5 * MB);
        // Also beside many short answers.
        let before = rush.connections[0].sent;
        for _ in 0..200 {
            rush.connections.push(connection(1, 60_000));
            rush.run(Duration::from_millis(100));
        }
        assert!(rush.connections[0].sent > before + 2 * MB);
    }

    #[test]
    fn what_one_visitor_does_not_take_the_others_get() {
        let mut rush = Rush::new(2 * MB, &[(1, 1), (2, 1)]);
        rush.connections[0].wanted = MB;
        rush.run(Duration::from_secs(10));
        assert_eq!(rush.sent_to(1), MB);
        assert_about(rush.sent_to(2), 19 * MB);
    }

    #[test]
    fn a_page_does_not_wait_for_downloads() {
        let mut rush = Rush::new(MB, &[(1, 20), (2, 20), (3, 20)]);
        rush.run(Duration::from_secs(5));
        // One of somebody new, and one of somebody who is downloading.
        for number in [9, 1] {
            rush.connections.push(connection(number, 30_000));
            rush.run(Duration::from_millis(400));
            let page = rush.connections.pop().unwrap();
            assert_eq!(page.sent, page.wanted, "{number}");
        }
    }

    #[test]
    fn pauses_are_no_advantage_for_long() {
        let mut rush = Rush::new(MB, &[(1, 1)]);
        for _ in 0..50 {
            rush.connections.push(connection(2, 200_000));
            rush.run(Duration::from_millis(200));
            if rush.connections[1].ticket.is_none() {
                rush.run(Duration::from_millis(20));
            }
        }
        let (steady, pausing) = (rush.sent_to(1), rush.sent_to(2));
        assert!(steady + rush.queue.burst() >= pausing, "{steady} {pausing}");
    }

    #[test]
    fn a_change_holds_at_once() {
        let mut rush = Rush::new(10_000, &[(1, 2)]);
        rush.run(Duration::from_secs(2));
        let before = rush.sent_to(1);
        rush.queue.set_rate(rate(5 * MB), rush.now);
        rush.run(Duration::from_secs(2));
        assert_about(rush.sent_to(1) - before, 10 * MB);
        let before = rush.sent_to(1);
        rush.queue.set_rate(rate(10_000), rush.now);
        rush.run(Duration::from_secs(10));
        assert!(rush.sent_to(1) - before <= 100_000 + BURST_BYTES.0 + TURN_BYTES.1);
    }

    #[test]
    fn whoever_leaves_keeps_nobody_waiting() {
        let mut rush = Rush::new(MB, &[(1, 3), (2, 1)]);
        rush.run(Duration::from_secs(1));
        for connection in rush.connections.drain(..3) {
            rush.queue.leave(connection.ticket.unwrap());
        }
        let before = rush.sent_to(2);
        rush.run(Duration::from_secs(2));
        assert_about(rush.sent_to(2) - before, 2 * MB);
        rush.connections.clear();
        rush.queue.waiting.clear();
        // Nothing is kept of the many who come once.
        for number in 0..=100 {
            rush.connections.push(connection(number, 1000));
        }
        rush.run(Duration::from_millis(200));
        rush.connections = vec![connection(1, MB)];
        rush.run(Duration::from_secs(2));
        assert!(rush.queue.accounts.len() <= MAX_IDLE + 1);
    }

    #[test]
    fn only_who_is_next_looks_at_the_clock() {
        let mut rush = Rush::new(10_000, &[(1, 1), (2, 1)]);
        rush.run(Duration::from_secs(1));
        let mut times = Vec::new();
        for connection in &rush.connections {
            let wish = Wish {
                account: connection.account,
                sent: connection.sent,
                wanted: 100,
            };
            let turn = (rush.queue).ask(connection.ticket, wish, Waker::noop(), rush.now);
            if let Turn::Wait(_, at) = turn {
                times.push(at.is_some());
            }
        }
        assert_eq!(times.iter().filter(|at| **at).count(), 1, "{times:?}");
    }
}
