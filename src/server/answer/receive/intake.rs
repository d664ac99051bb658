//! From the body of a request to an upload.

use bytes::Bytes;

use super::refusal::Refusal;
use crate::server::{
    receive::{PartWriter, ReceiveError},
    transport::{BodyError, Outbox},
};

/// Writes all of a body. While one chunk is written, the connection receives the next one.
///
/// # Errors
/// Why it ended early. What was written before stays in the writer.
pub async fn write_all(outbox: &Outbox, writer: &mut PartWriter) -> Result<(), Interrupted> {
    loop {
        let chunk = tokio::select! {
            biased;
            () = writer.taken_over() => return Err(Interrupted::Writing(ReceiveError::Busy)),
            chunk = outbox.next_chunk() => chunk.map_err(Interrupted::Sending)?,
        };
        if chunk.is_empty() {
            return Ok(());
        }
        writer.write(chunk).await.map_err(Interrupted::Writing)?;
    }
}

/// Why a body was not written to its end.
#[derive(Debug)]
pub enum Interrupted {
    /// The visitor didn't send it.
    Sending(BodyError),
    /// It is not taken.
    Writing(ReceiveError),
}

impl From<Interrupted> for Refusal {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Sending(error) => error.into(),
            Interrupted::Writing(error) => error.into(),
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
