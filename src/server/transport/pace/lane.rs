//! One connection, which waits until it may go on.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::time::{Sleep, sleep_until};

use super::{
    limit::Pace,
    queue::{Ticket, Turn, Wish},
};
use crate::server::transport::visitor::Visitor;

/// What one connection may send.
#[derive(Debug)]
pub struct Lane {
    pace: Pace,
    /// What of this answer was sent.
    sent: u64,
    /// What may be sent now.
    granted: u64,
    ticket: Option<Ticket>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Lane {
    /// A connection of a share with this limit.
    pub fn new(pace: Pace) -> Self {
        Self {
            pace,
            sent: 0,
            granted: 0,
            ticket: None,
            timer: None,
        }
    }

    /// Whether it has to ask before it sends.
    pub fn is_limited(&self) -> bool {
        self.pace.is_limited()
    }

    /// Another answer begins.
    pub fn begin(&mut self) {
        self.leave();
        self.sent = 0;
    }

    /// How many of these bytes may be sent to this visitor now, at least one. Without a limit, all of
    /// them.
    pub fn poll_turn(
        &mut self,
        context: &mut Context<'_>,
        visitor: Option<Visitor>,
        wanted: u64,
    ) -> Poll<u64> {
        if !self.is_limited() {
            self.leave();
            return Poll::Ready(wanted);
        }
        while self.granted == 0 {
            let wish = Wish {
                account: visitor,
                sent: self.sent,
                wanted,
            };
            match self.pace.ask(self.ticket, wish, context.waker()) {
                Turn::Granted(bytes) => {
                    self.ticket = None;
                    self.granted = bytes;
                }
                Turn::Wait(ticket, until) => {
                    self.ticket = Some(ticket);
                    // Without a time, it is woken when it is its turn, or has to look at the clock.
                    let Some(until) = until else {
                        return Poll::Pending;
                    };
                    let until = until.into();
                    let timer = self
                        .timer
                        .get_or_insert_with(|| Box::pin(sleep_until(until)));
                    if timer.deadline() != until {
                        timer.as_mut().reset(until);
                    }
                    if timer.as_mut().poll(context).is_pending() {
                        return Poll::Pending;
                    }
                    self.timer = None;
                }
            }
        }
        Poll::Ready(self.granted.min(wanted))
    }

    /// Waits until some of these bytes may be sent, and returns how many.
    pub async fn turn(&mut self, visitor: Option<Visitor>, wanted: usize) -> usize {
        let turn = poll_fn(|context| self.poll_turn(context, visitor, wanted as u64)).await;
        // No more than was wanted.
        turn as usize
    }

    /// So many bytes were sent.
    pub fn spend(&mut self, bytes: u64) {
        self.granted = self.granted.saturating_sub(bytes);
        self.sent = self.sent.saturating_add(bytes);
    }

    /// Waits no more.
    pub fn leave(&mut self) {
        self.granted = 0;
        if let Some(ticket) = self.ticket.take() {
            self.pace.leave(ticket);
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.leave();
    }
}
