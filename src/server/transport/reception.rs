//! Receives the body of a request for its handler.

use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::BufMut;
use tokio::{
    io::{AsyncReadExt, AsyncWrite},
    net::TcpStream,
};

use super::{
    hand_over::HandOver,
    outbox::OutboxState,
    request_body::{BodyError, RequestBody},
};

/// Asks for a body (RFC 9110, section 15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What is left to be sent before a body comes.
#[derive(Debug, Default)]
pub struct Reception {
    unsent: &'static [u8],
}

/// What came in one turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received {
    pub bytes: u64,
    /// The handler waits for more.
    pub is_waited_for: bool,
    /// The visitor sends nothing more.
    pub has_ended: bool,
}

impl Reception {
    /// Receives as much as has arrived and the body has room for. The body is cut if nothing more
    /// comes because the visitor `has_ended` the connection.
    pub fn receive(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut TcpStream,
        hand_over: &mut HandOver,
        state: &mut OutboxState,
        has_ended: bool,
    ) -> Received {
        let mut received = Received {
            has_ended,
            ..Received::default()
        };
        let Some(body) = &mut state.body else {
            return received;
        };
        let was_over = body.is_over();
        loop {
            if hand_over.holds_any() {
                body.add(hand_over.held());
            }
            if !body.has_room() {
                break;
            }
            if received.has_ended {
                body.fail(BodyError::Cut);
                break;
            }
            if body.take_awaits_continue() {
                self.unsent = CONTINUE;
            }
            // If it can't be sent now, it is sent as soon as it can. Reading shows any error, too.
            let _ = self.poll_send(context, stream);
            match poll_read(context, stream, hand_over, body) {
                Poll::Pending => {
                    received.is_waited_for = true;
                    break;
                }
                Poll::Ready(Ok(read @ 1..)) => received.bytes += read as u64,
                Poll::Ready(Ok(0) | Err(_)) => received.has_ended = true,
            }
        }
        if body.is_over() && !was_over {
            // Its handler may have had its turn already.
            context.waker().wake_by_ref();
        }
        received
    }

    /// Sends what has to come before the answer.
    ///
    /// # Errors
    /// Those of the connection.
    pub fn poll_finish(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut TcpStream,
    ) -> Poll<io::Result<()>> {
        if self.unsent.len() == CONTINUE.len() {
            // Nobody needs it any more.
            self.unsent = &[];
        }
        self.poll_send(context, stream)
    }

    fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut TcpStream,
    ) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            match ready!(Pin::new(&mut *stream).poll_write(context, self.unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                sent => self.unsent = &self.unsent[sent..],
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Reads what has arrived of a body that has room for it.
fn poll_read(
    context: &mut Context<'_>,
    stream: &mut TcpStream,
    hand_over: &mut HandOver,
    body: &mut RequestBody,
) -> Poll<io::Result<usize>> {
    let chunk_bytes = body.chunk_bytes();
    let Some((buffer, room)) = body.room() else {
        let (buffer, room) = hand_over.room_for_chunks(chunk_bytes);
        return pin!(stream.read_buf(&mut buffer.limit(room))).poll(context);
    };
    let read = ready!(pin!(stream.read_buf(&mut buffer.limit(room))).poll(context))?;
    body.was_read(read);
    Poll::Ready(Ok(read))
}
