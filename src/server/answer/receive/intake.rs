//! From the body of a request to an upload.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;

use super::{refusal::Refusal, sent::Sent};
use crate::server::{
    receive::{PartWriter, ReceiveError},
    transport::{BodyError, Outbox},
};

/// How long bytes wait in memory for more to come, so that they are written together.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes all of a body. While one chunk is written, the connection receives the next one.
///
/// # Errors
/// Why it ended early. What was written before stays in the writer.
pub async fn write_all(sent: &Sent<'_>, writer: &mut PartWriter) -> Result<(), Interrupted> {
    let shown = sent.show(writer).map_err(Interrupted::Ended)?;
    loop {
        let chunk = next(sent.outbox().next_chunk(), writer).await;
        let chunk = chunk.map_err(Interrupted::Writing)?;
        let chunk = chunk.map_err(Interrupted::Sending)?;
        if chunk.is_empty() {
            return Ok(());
        }
        if let Some(shown) = &shown {
            shown.add(chunk.len() as u64);
        }
        writer.write(chunk).await.map_err(Interrupted::Writing)?;
    }
}

/// Waits for what comes next for a writer. If that takes a while, what came before is written
/// meanwhile.
///
/// # Errors
/// Why no more is taken.
pub async fn next<T>(
    next: impl Future<Output = T>,
    writer: &mut PartWriter,
) -> Result<T, ReceiveError> {
    let mut next = pin!(next);
    let mut pause = PAUSE;
    loop {
        tokio::select! {
            biased;
            () = writer.taken_over() => return Err(ReceiveError::Busy),
            next = timeout(pause, &mut next) => if let Ok(next) = next {
                return Ok(next);
            },
        }
        writer.write_gathered().await?;
        pause = Duration::MAX;
    }
}

/// Why a body was not written to its end.
#[derive(Debug)]
pub enum Interrupted {
    /// The visitor didn't send it.
    Sending(BodyError),
    /// It is not taken.
    Writing(ReceiveError),
    /// The owner has ended it.
    Ended(Refusal),
}

impl From<Interrupted> for Refusal {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Sending(error) => error.into(),
            Interrupted::Writing(error) => error.into(),
            Interrupted::Ended(refusal) => refusal,
        }
    }
}

/// Reads on to the end of a body that says nothing more, so that the connection can stay open.
///
/// # Errors
/// If it doesn't come, or is longer than anybody needs.
pub async fn skip_rest(outbox: &Outbox) -> Result<(), Refusal> {
    let mut left = 64 * 1024_usize;
    loop {
        let chunk: Bytes = outbox.next_chunk().await?;
        if chunk.is_empty() {
            return Ok(());
        }
        left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| Refusal::invalid("Something follows the end of the form."))?;
    }
}
