//! Which connection ends when somebody waits for a place: the one that has asked for nothing for the
//! longest, so that nobody keeps others out by being silent.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// What all connections of a share have in common.
#[derive(Debug, Default)]
pub struct Room {
    /// How many wait for a place.
    wanted: AtomicUsize,
    /// How many connections are idle.
    idle: AtomicUsize,
    /// Tells idle connections to end, one at a time, in the order in which they became idle.
    told: Arc<Notify>,
}

impl Room {
    /// Has an idle connection end, if there is one, for somebody who waits as long as what this
    /// gives is kept.
    pub fn want(self: &Arc<Room>) -> Wanted {
        self.wanted.fetch_add(1, Ordering::SeqCst);
        if self.idle.load(Ordering::SeqCst) > 0 {
            self.told.notify_one();
        }
        Wanted(Arc::clone(self))
    }

    /// Whether anybody waits for a place.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) > 0
    }
}

/// Somebody who waits.
#[derive(Debug)]
pub struct Wanted(Arc<Room>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.wanted.fetch_sub(1, Ordering::SeqCst);
    }
}

/// An idle connection's place in the order.
#[derive(Debug)]
pub struct Idle {
    room: Arc<Room>,
    told: Pin<Box<OwnedNotified>>,
}

impl Idle {
    /// The last place.
    pub fn new(room: &Arc<Room>) -> Idle {
        room.idle.fetch_add(1, Ordering::SeqCst);
        Idle {
            room: Arc::clone(room),
            told: Box::pin(Arc::clone(&room.told).notified_owned()),
        }
    }

    /// Completes when the connection is to end.
    pub fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.told.as_mut().poll(context).is_ready() {
            if self.room.is_wanted() {
                return Poll::Ready(());
            }
            // It was meant for somebody who waits no more.
            self.told = Box::pin(Arc::clone(&self.room.told).notified_owned());
        }
        Poll::Pending
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.room.idle.fetch_sub(1, Ordering::SeqCst);
    }
}
