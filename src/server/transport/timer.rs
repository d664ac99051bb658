//! How long something may take to arrive.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::time::{Sleep, sleep_until};

/// How long the head of a request may take to arrive.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be open without a request.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long it takes a connection that is only told that there are too many. It soon makes way for others
/// that are told the same.
pub const TURNED_AWAY_TIMEOUT: Duration = Duration::from_secs(2);

/// A timer of a connection.
#[derive(Debug)]
pub struct Timer {
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// For what may take this long.
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            timer: None,
        }
    }

    /// Ready if it has taken too long since then.
    pub fn poll(&mut self, context: &mut Context<'_>, since: Instant) -> Poll<()> {
        let deadline = (since + self.timeout).into();
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        // The timer keeps running and is set again when it fires, so that most requests don't need to
        // set one.
        while timer.as_mut().poll(context).is_ready() {
            if timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
