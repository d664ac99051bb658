//! A body whose chunks are made one by one: at once where all that it takes is in memory, else by a
//! thread that may wait for the disk, one chunk ahead.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::outbox::UnderWay;
use crate::server::answer::Asked;

/// Something that makes a body chunk by chunk.
pub trait Source: Send + 'static {
    /// The next chunk, not empty; `None` at the end. May wait for the disk.
    ///
    /// # Errors
    /// What keeps it from going on. The connection then ends, so that nobody takes the part that
    /// was sent for the whole.
    fn next(&mut self) -> io::Result<Option<Bytes>>;

    /// As [`Source::next`], but never waits, and takes no longer than sending does. `WouldBlock` if
    /// that can't be had; then nothing has happened.
    ///
    /// # Errors
    /// As there.
    fn next_now(&mut self) -> io::Result<Option<Bytes>> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// After the disk had to be waited for, so much is made by a thread that may wait before the quick
/// way is tried again.
const COLD_BYTES: usize = 4 * 1024 * 1024;

/// How much a visitor who takes it as fast as it is made gets before others have their turn.
const TURN_BYTES: usize = 1024 * 1024;

/// What a chunk counts at least: a short one may have been as much work.
const MIN_COST_BYTES: usize = 64 * 1024;

type Step = (Box<dyn Source>, io::Result<Option<Bytes>>);

/// A body made by a [`Source`].
pub struct Produced {
    idle: Option<Box<dyn Source>>,
    working: Option<JoinHandle<Step>>,
    /// Bytes before the quick way is tried again.
    cold: usize,
    /// Bytes that were made in this turn.
    turn: usize,
    /// Bytes, where that is known.
    length: Option<u64>,
    under_way: Option<UnderWay>,
}

impl Produced {
    /// A body of unknown length.
    pub fn new(source: impl Source) -> Produced {
        Produced {
            idle: Some(Box::new(source)),
            working: None,
            cold: 0,
            turn: 0,
            length: None,
            under_way: None,
        }
    }

    /// A body of exactly `length` bytes.
    pub fn sized(source: impl Source, length: u64) -> Produced {
        let length = Some(length);
        Produced {
            length,
            ..Produced::new(source)
        }
    }

    /// Puts it into a response; to HEAD its headers alone.
    pub fn respond(mut self, mut response: HttpResponseBuilder, asked: &Asked<'_>) -> HttpResponse {
        let is_endless = self.length.is_none();
        self.under_way = Some(asked.outbox.under_way());
        if asked.is_old && is_endless {
            // The end of the connection is the end of the body.
            response.no_chunking(0).force_close();
        }
        let mut response = match (asked.is_head, self.length) {
            (false, _) => response.body(BoxBody::new(self)),
            (true, Some(length)) => response.body(HeadBody(length)),
            (true, None) => response.body(BoxBody::new(HeadStream)),
        };
        if asked.is_old && is_endless {
            response.headers_mut().remove(CONTENT_LENGTH);
        }
        response
    }

    fn poll_idle(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut source: Box<dyn Source>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        if self.turn >= TURN_BYTES {
            self.turn = 0;
            self.idle = Some(source);
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match source.next_now() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.cold = COLD_BYTES;
                self.working = Some(work(source));
                self.poll_next(context)
            }
            chunk => {
                if let Ok(Some(chunk)) = &chunk {
                    self.turn += chunk.len().max(MIN_COST_BYTES);
                    self.idle = Some(source);
                }
                Poll::Ready(chunk.transpose())
            }
        }
    }
}

impl MessageBody for Produced {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.length.map_or(BodySize::Stream, BodySize::Sized)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        if let Some(source) = self.idle.take() {
            return self.poll_idle(context, source);
        }
        let Some(working) = &mut self.working else {
            return Poll::Ready(None);
        };
        let (source, chunk) = match ready!(pin!(working).poll(context)) {
            Ok(step) => step,
            Err(error) => {
                self.working = None;
                return Poll::Ready(Some(Err(io::Error::other(error))));
            }
        };
        self.working = None;
        if let Ok(Some(chunk)) = &chunk {
            self.cold = self.cold.saturating_sub(chunk.len());
            if self.cold > 0 {
                self.working = Some(work(source));
            } else {
                self.idle = Some(source);
            }
        }
        Poll::Ready(chunk.transpose())
    }
}

fn work(mut source: Box<dyn Source>) -> JoinHandle<Step> {
    spawn_blocking(move || {
        let chunk = source.next();
        (source, chunk)
    })
}

/// What HEAD gets in place of a body: its length.
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

/// What HEAD gets in place of a body of unknown length.
struct HeadStream;

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
