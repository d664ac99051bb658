//! Compressing on the way out: the Content-Encoding header.

use std::io;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CONTENT_ENCODING, VARY},
};
use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    encoder::Encoder,
    encoding::{Accepted, Encoding},
    media_type::MediaType,
    request::Request,
};
use crate::server::{
    blocking::blocking,
    transport::{ChunkSource, StreamBody},
};

/// Smaller responses consist mostly of headers.
const SHORT_BYTES: u64 = 256;

/// For larger files, resuming matters more than size.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Up to this length, the whole is compressed before its first byte is sent. That takes a few
/// milliseconds, and nothing but the result is kept while a visitor takes it.
pub const WHOLE_BYTES: u64 = 256 * 1024;

/// How many responses in the whole process may remember what they have sent, so that they get
/// smaller. Each takes up to 4 MB for as long as its visitor takes to receive it. Others are
/// compressed with gzip, piece by piece.
const SEATS: usize = 8;

static FREE_SEATS: Semaphore = Semaphore::const_new(SEATS);

/// How many wholes are compressed at the same time.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Whether a file of this type and size is compressed for clients that accept it.
pub fn is_worth_it(media_type: &MediaType, size: u64) -> bool {
    media_type.is_compressible() && size > SHORT_BYTES && size <= MAX_BYTES
}

/// How a response is compressed.
#[derive(Debug)]
pub struct Coding {
    pub encoding: Encoding,
    /// Held while it is sent, by a response that remembers what it has sent.
    seat: Option<SemaphorePermit<'static>>,
}

impl Coding {
    /// How a response to this request is compressed; `None` if it isn't. `length` is what it has before, if
    /// that is known.
    pub fn of(request: &Request<'_>, length: Option<u64>) -> Option<Self> {
        if request.delivery.is_http10 {
            return None;
        }
        let accepted = Accepted::of(request.headers);
        let mut best = accepted.best().peekable();
        best.peek()?;
        let is_whole = length.is_some_and(|length| length <= WHOLE_BYTES);
        let needs_no_seat = |encoding| {
            is_whole || request.delivery.is_head || encoding == Encoding::Gzip
        };
        for encoding in best {
            let seat = match needs_no_seat(encoding) {
                true => None,
                false => match FREE_SEATS.try_acquire() {
                    Ok(seat) => Some(seat),
                    Err(_) => continue,
                },
            };
            return Some(Self { encoding, seat });
        }
        accepted.allows(Encoding::Gzip).then_some(Self {
            encoding: Encoding::Gzip,
            seat: None,
        })
    }

    /// Compresses the whole content of a response.
    ///
    /// # Errors
    /// If there is no memory.
    pub async fn whole(self, content: Bytes) -> io::Result<Bytes> {
        // The semaphore is never closed.
        let turn = TURNS.acquire().await.map_err(io::Error::other)?;
        blocking(move || {
            let _turn = turn;
            let encoder = Encoder::new(self.encoding, Some(content.len() as u64))?;
            let mut out = Vec::with_capacity(content.len() / 4 + 256);
            encoder.end_with(&content, &mut out)?;
            out.shrink_to_fit();
            Ok(out.into())
        })
        .await
    }
}

/// Makes a source the body of a response, compressed for clients that accept it. `length` is the total
/// length of the source, if known.
pub fn respond(
    source: impl ChunkSource,
    length: Option<u64>,
    mut response: HttpResponseBuilder,
    request: &Request<'_>,
) -> HttpResponse {
    response.append_header((VARY, "Accept-Encoding"));
    if let Some(coding) = Coding::of(request, None) {
        response.insert_header((CONTENT_ENCODING, coding.encoding.name()));
        let body = StreamBody::new(Compressed::new(source, coding, None));
        return body.respond(response, &request.delivery);
    }
    let body = match length {
        Some(length) => StreamBody::sized(source, length),
        None => StreamBody::new(source),
    };
    body.respond(response, &request.delivery)
}

/// Compresses another source chunk by chunk. Clients can decompress each chunk when it arrives.
pub struct Compressed<S> {
    inner: S,
    length: Option<u64>,
    state: State,
}

enum State {
    Start(Coding),
    Middle(Encoder, Coding),
    End,
}

impl<S: ChunkSource> Compressed<S> {
    /// Compresses the chunks of `inner`, which have this length together, if that is known.
    pub fn new(inner: S, coding: Coding, length: Option<u64>) -> Self {
        let state = State::Start(coding);
        Self {
            inner,
            length,
            state,
        }
    }
}

impl<S: ChunkSource> ChunkSource for Compressed<S> {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let (mut encoder, coding) = match std::mem::replace(&mut self.state, State::End) {
            State::Start(coding) => (Encoder::new(coding.encoding, self.length)?, coding),
            State::Middle(encoder, coding) => (encoder, coding),
            State::End => return Ok(None),
        };
        let mut out = Vec::new();
        match self.inner.next()? {
            Some(piece) => {
                if !piece.is_empty() {
                    encoder.add(&piece, &mut out)?;
                }
                self.state = State::Middle(encoder, coding);
            }
            None => encoder.end(&mut out)?,
        }
        out.shrink_to_fit();
        Ok(Some(out.into()))
    }

    fn turns(&self) -> Option<&std::sync::Arc<Semaphore>> {
        self.inner.turns()
    }
}
