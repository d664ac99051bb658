//! How many hashes are computed at a time.
//!
//! A hash takes 19 MiB on purpose. Two at a time, in all shares together, keep guessing from
//! becoming an attack on this computer's memory.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Hashes that are computed at a time.
const HASHES: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(HASHES);

/// Waits for the turn to compute one hash, which lasts until this is dropped.
pub async fn turn() -> Option<SemaphorePermit<'static>> {
    // The semaphore is never closed, so there is always a turn.
    TURNS.acquire().await.ok()
}

/// Like [`turn`], on a thread that may wait.
pub fn blocking_turn() -> Option<SemaphorePermit<'static>> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut waiting = pin!(turn());
    loop {
        match waiting.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(turn) => return turn,
            Poll::Pending => thread::park(),
        }
    }
}
