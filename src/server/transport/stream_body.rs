//! A body whose chunks are made one by one: immediately if everything needed is in memory,
//! otherwise by a thread that may wait for the disk, one chunk ahead. Long work is done in small
//! steps, taking turns with work for other visitors.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::{BodySize, BoxBody, MessageBody},
    http::header::CONTENT_LENGTH,
};
use bytes::Bytes;
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore},
    task::{JoinHandle, spawn_blocking},
};

use super::{delivery::Delivery, outbox::UnderWay};

/// Something that makes a body chunk by chunk.
pub trait ChunkSource: Send + 'static {
    /// The next chunk; `None` at the end. May wait for the disk. The chunk is empty only if long
    /// work comes first, and this call or the next one does a part of it.
    ///
    /// # Errors
    /// Anything that keeps it from continuing. The connection then ends, so that nobody takes the
    /// part that was sent for the whole.
    fn next(&mut self) -> io::Result<Option<Bytes>>;

    /// Like [`ChunkSource::next`], but never waits, and takes no longer than sending does.
    /// `WouldBlock` if this is impossible; nothing has changed then.
    ///
    /// # Errors
    /// Those of [`ChunkSource::next`].
    fn next_now(&mut self) -> io::Result<Option<Bytes>> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// What to wait for before the next chunk, if that takes long work.
    fn turns(&self) -> Option<&Arc<Semaphore>> {
        None
    }
}

/// After waiting for the disk, a thread that may wait makes this much before the fast way is tried
/// again.
const COLD_BYTES: usize = 4 * 1024 * 1024;

/// How much a visitor with a fast connection gets before it is the turn of others.
const TURN_BYTES: usize = 1024 * 1024;

/// The least that a chunk counts towards a turn: a short one may have been as much work.
const MIN_COST_BYTES: usize = 64 * 1024;

type Step = (Box<dyn ChunkSource>, io::Result<Option<Bytes>>);

type Turn = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>>>>;

/// A body made by a [`ChunkSource`].
pub struct StreamBody {
    state: StreamState,
    /// Bytes until the fast way is tried again.
    cold: usize,
    /// Bytes made in this turn.
    turn: usize,
    /// In bytes, if known.
    length: Option<u64>,
    under_way: Option<UnderWay>,
}

enum StreamState {
    Idle(Box<dyn ChunkSource>),
    /// Waiting for a turn to do long work.
    Waiting(Box<dyn ChunkSource>, Turn),
    Working(JoinHandle<Step>),
    Over,
}

impl StreamBody {
    /// A body of unknown length.
    pub fn new(source: impl ChunkSource) -> Self {
        Self {
            state: StreamState::Idle(Box::new(source)),
            cold: 0,
            turn: 0,
            length: None,
            under_way: None,
        }
    }

    /// A body of exactly `length` bytes.
    pub fn sized(source: impl ChunkSource, length: u64) -> Self {
        let length = Some(length);
        Self {
            length,
            ..Self::new(source)
        }
    }

    /// Puts it into a response; for HEAD, only its headers.
    pub fn respond(
        mut self,
        mut response: HttpResponseBuilder,
        delivery: &Delivery,
    ) -> HttpResponse {
        let is_endless = self.length.is_none();
        self.under_way = Some(delivery.outbox.under_way());
        if delivery.is_http10 && is_endless {
            // The end of the connection is the end of the body.
            response.no_chunking(0).force_close();
        }
        let mut response = match (delivery.is_head, self.length) {
            (false, _) => response.body(BoxBody::new(self)),
            (true, Some(length)) => response.body(HeadBody(length)),
            (true, None) => response.body(BoxBody::new(HeadStream)),
        };
        if delivery.is_http10 && is_endless {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        response
    }

    /// Makes a chunk immediately and returns it, if possible. Otherwise a thread continues.
    fn make_now(&mut self, mut source: Box<dyn ChunkSource>) -> Option<io::Result<Option<Bytes>>> {
        match source.next_now() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.cold = COLD_BYTES;
                self.state = work(source);
                None
            }
            chunk => {
                if let Ok(Some(chunk)) = &chunk {
                    self.turn += chunk.len().max(MIN_COST_BYTES);
                    self.state = StreamState::Idle(source);
                }
                Some(chunk)
            }
        }
    }

    /// Continues after a thread has made a chunk.
    fn take(&mut self, source: Box<dyn ChunkSource>, chunk: &Bytes) {
        self.cold = self.cold.saturating_sub(chunk.len());
        self.state = if self.cold > 0 || chunk.is_empty() {
            work(source)
        } else {
            StreamState::Idle(source)
        };
    }

    fn has_left(&self) -> bool {
        self.under_way.as_ref().is_some_and(UnderWay::has_left)
    }
}

impl MessageBody for StreamBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        loop {
            match std::mem::replace(&mut self.state, StreamState::Over) {
                StreamState::Idle(source) => {
                    if self.turn >= TURN_BYTES {
                        self.turn = 0;
                        self.state = StreamState::Idle(source);
                        context.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    if let Some(chunk) = self.make_now(source) {
                        return Poll::Ready(chunk.transpose());
                    }
                }
                // Nobody would receive the result of so much work.
                StreamState::Waiting(..) if self.has_left() => {
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
                }
                StreamState::Waiting(source, mut turn) => match turn.as_mut().poll(context) {
                    // The semaphore is never closed, so this is a turn.
                    Poll::Ready(turn) => {
                        self.state = StreamState::Working(spawn(source, turn.ok()))
                    }
                    Poll::Pending => {
                        self.state = StreamState::Waiting(source, turn);
                        return Poll::Pending;
                    }
                },
                StreamState::Working(mut working) => match Pin::new(&mut working).poll(context) {
                    Poll::Pending => {
                        self.state = StreamState::Working(working);
                        return Poll::Pending;
                    }
                    Poll::Ready(Err(error)) => {
                        return Poll::Ready(Some(Err(io::Error::other(error))));
                    }
                    Poll::Ready(Ok((source, chunk))) => {
                        if let Ok(Some(chunk)) = &chunk {
                            self.take(source, chunk);
                            if chunk.is_empty() {
                                continue;
                            }
                        }
                        return Poll::Ready(chunk.transpose());
                    }
                },
                StreamState::Over => return Poll::Ready(None),
            }
        }
    }
}

/// Lets a thread make the next chunk, when it is its turn if that is long work.
fn work(source: Box<dyn ChunkSource>) -> StreamState {
    match source.turns() {
        Some(turns) => {
            let turn = Arc::clone(turns).acquire_owned();
            StreamState::Waiting(source, Box::pin(turn))
        }
        None => StreamState::Working(spawn(source, None)),
    }
}

fn spawn(mut source: Box<dyn ChunkSource>, turn: Option<OwnedSemaphorePermit>) -> JoinHandle<Step> {
    spawn_blocking(move || {
        let chunk = source.next();
        drop(turn);
        (source, chunk)
    })
}

/// What HEAD gets instead of a body: its length.
#[derive(Clone, Copy, Debug)]
pub struct HeadBody(pub u64);

impl MessageBody for HeadBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}

/// What HEAD gets instead of a body of unknown length.
#[derive(Clone, Copy, Debug)]
pub struct HeadStream;

impl MessageBody for HeadStream {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
