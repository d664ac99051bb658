//! Sends the pieces that a response left in its outbox.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Buf;
use tokio::{io::AsyncWrite, net::TcpStream};

use super::{
    outbox::{OutboxState, Piece},
    transfer::{TURN_BYTES, Transfer},
};

/// Sends until nothing is left or the turn is over, which is after `most` bytes at the latest, and adds
/// to `sent_bytes` what was sent.
///
/// # Errors
/// Those of the connection and the disk.
pub fn poll_send(
    context: &mut Context<'_>,
    stream: &mut TcpStream,
    transfer: &mut Transfer,
    state: &mut OutboxState,
    (most, sent_bytes): (u64, &mut u64),
) -> Poll<io::Result<()>> {
    if state.pieces.is_empty() {
        state.is_answer &= state.under_way > 0;
        return Poll::Ready(Ok(()));
    }
    let mut turn = TURN_BYTES.min(most);
    while let Some(piece) = state.pieces.front_mut() {
        let is_sent = match piece {
            Piece::Bytes(bytes) => {
                let part = bytes.len().min(usize::try_from(turn).unwrap_or(usize::MAX));
                let sent = ready!(Pin::new(&mut *stream).poll_write(context, &bytes[..part]))?;
                if sent == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                bytes.advance(sent);
                turn -= sent as u64;
                *sent_bytes += sent as u64;
                if let Some(shown) = &state.shown {
                    shown.sent(sent as u64);
                }
                bytes.is_empty()
            }
            Piece::File(file, range) => {
                let before = range.start;
                let sending = transfer.poll_send(context, stream, file, range, &mut turn);
                let sent = before..range.start;
                let is_sent = range.is_empty();
                *sent_bytes += sent.end - sent.start;
                if let Some(shown) = &state.shown {
                    shown.sent(sent.end - sent.start);
                }
                if let Some(download) = &mut state.download {
                    download.sent(sent);
                }
                ready!(sending)?;
                is_sent
            }
        };
        if is_sent {
            state.pieces.pop_front();
            *transfer = Transfer::default();
        }
        if turn == 0 && !state.pieces.is_empty() {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
    }
    if let Some(waiting) = state.waiting.take() {
        waiting.wake();
    }
    state.is_answer &= state.under_way > 0;
    Poll::Ready(Ok(()))
}
