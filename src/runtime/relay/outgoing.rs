//! What goes to a visitor.

use std::{io, sync::Arc};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::seats::Seat;
use crate::server::{Activity, Lane, Pace, Visitor};

/// The end of a connection to which a visitor's bytes go.
pub struct Outgoing<W> {
    writes: W,
    has_begun: bool,
    seat: Arc<Seat>,
    activity: Activity,
    lane: Lane,
    /// Whose request is answered, if known.
    visitor: Option<Visitor>,
}

impl<W: AsyncWrite + Unpin> Outgoing<W> {
    pub fn new(writes: W, seat: Arc<Seat>, activity: Activity) -> Self {
        Self {
            writes,
            has_begun: false,
            seat,
            activity,
            lane: Lane::new(Pace::default()),
            visitor: None,
        }
    }

    /// Sends no faster than this share may.
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.lane = Lane::new(pace);
        self
    }

    /// What follows is for this visitor.
    pub fn is_for(&mut self, visitor: Option<Visitor>) {
        self.visitor = visitor;
        self.lane.begin();
    }

    /// A new answer follows.
    pub fn begin(&mut self) {
        self.has_begun = false;
    }

    /// Whether some of the answer was sent.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Sends all of these bytes.
    ///
    /// # Errors
    /// The connection has failed, or it took nothing for long and others need its place.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.has_begun = true;
        let mut rest = bytes;
        while !rest.is_empty() {
            // Whoever waits here takes everything.
            let turn = self.lane.turn(self.visitor, rest.len()).await;
            let (now, later) = rest.split_at(turn);
            tokio::select! {
                biased;
                sent = self.writes.write_all(now) => sent?,
                () = self.seat.cut_off() => return Err(io::ErrorKind::TimedOut.into()),
            }
            self.lane.spend(turn as u64);
            self.activity.add(turn as u64);
            rest = later;
        }
        Ok(())
    }

    /// Nothing else will be sent.
    pub async fn shutdown(&mut self) -> io::Result<()> {
        self.writes.shutdown().await
    }
}
