//! Which connection ends when somebody waits for a place: the one that has asked for nothing for the
//! longest, so that nobody keeps others out by being silent.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::sync::{Notify, futures::OwnedNotified};

/// What all connections of a share have in common.
#[derive(Debug, Default)]
pub struct IdleEviction {
    /// How many wait for a place.
    wanted: AtomicUsize,
    /// How many connections are idle.
    idle: AtomicUsize,
    /// Tells idle connections to end, one at a time, in the order in which they became idle.
    told: Arc<Notify>,
}

impl IdleEviction {
    /// Has an idle connection end, if there is one, for somebody who waits as long as what this
    /// gives is kept.
    pub fn want(self: &Arc<Self>) -> Waiter {
        self.wanted.fetch_add(1, Ordering::SeqCst);
        if self.idle.load(Ordering::SeqCst) > 0 {
            self.told.notify_one();
        }
        Waiter(Arc::clone(self))
    }

    /// Whether anybody waits for a place.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) > 0
    }
}

/// Somebody who waits.
#[derive(Debug)]
pub struct Waiter(Arc<IdleEviction>);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.wanted.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An idle connection's place in the order.
#[derive(Debug)]
pub struct IdleConnection {
    eviction: Arc<IdleEviction>,
    told: Pin<Box<OwnedNotified>>,
}

impl IdleConnection {
    /// The last place.
    pub fn new(eviction: &Arc<IdleEviction>) -> Self {
        eviction.idle.fetch_add(1, Ordering::SeqCst);
        Self {
            eviction: Arc::clone(eviction),
            told: Box::pin(Arc::clone(&eviction.told).notified_owned()),
        }
    }

    /// Completes when the connection is to end.
    pub fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.told.as_mut().poll(context).is_ready() {
            if self.eviction.is_wanted() {
                return Poll::Ready(());
            }
            // It was meant for somebody who waits no more.
            self.told = Box::pin(Arc::clone(&self.eviction.told).notified_owned());
        }
        Poll::Pending
    }
}

impl Drop for IdleConnection {
    fn drop(&mut self) {
        self.eviction.idle.fetch_sub(1, Ordering::SeqCst);
    }
}
