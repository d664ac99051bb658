//! What goes to a visitor.

use std::{io, sync::Arc};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::seats::Seat;
use crate::server::Activity;

/// The end of a connection to which a visitor's bytes go.
pub struct Outgoing<W> {
    writes: W,
    has_begun: bool,
    seat: Arc<Seat>,
    activity: Activity,
}

impl<W: AsyncWrite + Unpin> Outgoing<W> {
    pub fn new(writes: W, seat: Arc<Seat>, activity: Activity) -> Self {
        Self {
            writes,
            has_begun: false,
            seat,
            activity,
        }
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
        tokio::select! {
            biased;
            sent = self.writes.write_all(bytes) => sent?,
            () = self.seat.cut_off() => return Err(io::ErrorKind::TimedOut.into()),
        }
        self.activity.add(bytes.len() as u64);
        Ok(())
    }

    /// Nothing else will be sent.
    pub async fn shutdown(&mut self) -> io::Result<()> {
        self.writes.shutdown().await
    }
}
