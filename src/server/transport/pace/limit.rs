//! The limit of a share.

use std::{
    num::NonZeroU64,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
    time::Instant,
};

use super::queue::{Queue, Ticket, Turn, Wish};

/// How fast a share may send. Clones belong to the same share. Without a limit, it costs a look at one
/// flag.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_limited: AtomicBool,
    /// `None` without a limit.
    queue: Mutex<Option<Queue>>,
    /// The last ticket of the queues before.
    last_ticket: AtomicU64,
}

impl Pace {
    /// Sets the limit, in bytes in a second. It holds at once, also for what is being sent.
    pub fn set(&self, limit: Option<NonZeroU64>) {
        let now = Instant::now();
        let mut queue = self.queue();
        self.0.is_limited.store(limit.is_some(), Ordering::Release);
        match (&mut *queue, limit) {
            (Some(queue), Some(rate)) => queue.set_rate(rate, now),
            (None, Some(rate)) => {
                let last = self.0.last_ticket.load(Ordering::Relaxed);
                *queue = Some(Queue::new(rate, last, now));
            }
            (_, None) => {
                if let Some(queue) = queue.take() {
                    self.0
                        .last_ticket
                        .store(queue.last_ticket(), Ordering::Relaxed);
                    queue.wake_all();
                }
            }
        }
    }

    /// Whether there is a limit.
    pub fn is_limited(&self) -> bool {
        self.0.is_limited.load(Ordering::Acquire)
    }

    /// Asks for a turn, for the first time or with the ticket from before.
    pub(super) fn ask(&self, ticket: Option<Ticket>, wish: Wish, waker: &Waker) -> Turn {
        match &mut *self.queue() {
            Some(queue) => queue.ask(ticket, wish, waker, Instant::now()),
            None => Turn::Granted(wish.wanted),
        }
    }

    pub(super) fn leave(&self, ticket: Ticket) {
        if let Some(queue) = &mut *self.queue() {
            queue.leave(ticket);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Option<Queue>> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_from_before_the_limit_was_off_is_nobody_elses() {
        let pace = Pace::default();
        let slow = NonZeroU64::new(1000);
        pace.set(slow);
        let wish = Wish {
            account: None,
            sent: 0,
            wanted: 1_000_000,
        };
        let waker = Waker::noop();
        let wait = || loop {
            if let Turn::Wait(ticket, _) = pace.ask(None, wish, waker) {
                return ticket;
            }
        };
        let old = wait();
        pace.set(None);
        pace.set(slow);
        let new = wait();
        pace.leave(old);
        let again = pace.ask(Some(new), wish, waker);
        assert!(
            matches!(again, Turn::Wait(ticket, _) if ticket == new),
            "{again:?}"
        );
    }
}
