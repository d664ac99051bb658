//! Compressing on the way out: the Content-Encoding header.

use std::io;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CONTENT_ENCODING, VARY},
};
use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    encoder::{Effort, Encoder},
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
    effort: Effort,
    /// Held while it is sent, by a response that remembers what it has sent.
    _seat: Option<SemaphorePermit<'static>>,
}

impl Coding {
    /// How a response to this request is compressed; `None` if it isn't. Those that are there as a `whole`
    /// already, or can be, need no seat.
    pub fn of(request: &Request<'_>, is_whole: impl Fn(Encoding) -> bool) -> Option<Self> {
        if request.delivery.is_http10 {
            return None;
        }
        let accepted = Accepted::of(request.headers);
        let mut best = accepted.best().peekable();
        best.peek()?;
        let needs_no_seat =
            |encoding| encoding == Encoding::Gzip || request.delivery.is_head || is_whole(encoding);
        for encoding in best {
            let seat = match needs_no_seat(encoding) {
                true => None,
                false => match FREE_SEATS.try_acquire() {
                    Ok(seat) => Some(seat),
                    Err(_) => continue,
                },
            };
            return Some(Self::usual(encoding, seat));
        }
        let is_allowed = accepted.allows(Encoding::Gzip);
        is_allowed.then(|| Self::usual(Encoding::Gzip, None))
    }

    fn usual(encoding: Encoding, seat: Option<SemaphorePermit<'static>>) -> Self {
        Self {
            encoding,
            effort: Effort::Usual,
            _seat: seat,
        }
    }

    /// How an archive is compressed; `None` if too many are being sent. Archives may be long and slow, so
    /// they have seats of their own.
    pub fn of_archive(request: &Request<'_>) -> Option<Self> {
        static FREE_SEATS: Semaphore = Semaphore::const_new(SEATS);
        let seat = match request.delivery.is_head {
            true => None,
            false => Some(FREE_SEATS.try_acquire().ok()?),
        };
        Some(Self {
            encoding: Encoding::Zstd,
            effort: Effort::Little,
            _seat: seat,
        })
    }

    /// Compresses the whole content of a response, and lets `keep` do something with the result, which may
    /// wait for the disk.
    ///
    /// # Errors
    /// If there is no memory.
    pub async fn whole(
        self,
        content: Bytes,
        keep: impl FnOnce(&[u8]) + Send + 'static,
    ) -> io::Result<Bytes> {
        // The semaphore is never closed.
        let turn = TURNS.acquire().await.map_err(io::Error::other)?;
        blocking(move || {
            let encoder = Encoder::new(self.encoding, self.effort, Some(content.len() as u64))?;
            let mut out = Vec::with_capacity(content.len() / 4 + 256);
            encoder.end_with(&content, &mut out)?;
            drop(turn);
            out.shrink_to_fit();
            keep(&out);
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
    if let Some(coding) = Coding::of(request, |_| false) {
        response.insert_header((CONTENT_ENCODING, coding.encoding.name()));
        let body = StreamBody::new(Compressed::page(source, coding));
        return body.respond(response, &request.delivery);
    }
    let body = match length {
        Some(length) => StreamBody::sized(source, length),
        None => StreamBody::new(source),
    };
    body.respond(response, &request.delivery)
}

/// Compresses another source chunk by chunk.
pub struct Compressed<S> {
    inner: S,
    /// Its seat is free again after the end.
    coding: Option<Coding>,
    encoder: Option<Encoder>,
    /// In bytes, if known.
    length: Option<u64>,
    /// Whether clients can decompress each chunk when it arrives.
    is_shown_at_once: bool,
}

impl<S: ChunkSource> Compressed<S> {
    /// Compresses a page, whose visitor sees each chunk of `inner` at once.
    pub fn page(inner: S, coding: Coding) -> Self {
        Self {
            is_shown_at_once: true,
            ..Self::file(inner, None, coding)
        }
    }

    /// Compresses a file, of this length if that is known.
    pub fn file(inner: S, length: Option<u64>, coding: Coding) -> Self {
        Self {
            inner,
            coding: Some(coding),
            encoder: None,
            length,
            is_shown_at_once: false,
        }
    }
}

impl<S: ChunkSource> ChunkSource for Compressed<S> {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(coding) = &self.coding else {
            return Ok(None);
        };
        let mut encoder = match self.encoder.take() {
            Some(encoder) => encoder,
            None => Encoder::new(coding.encoding, coding.effort, self.length)?,
        };
        let mut out = Vec::new();
        match self.inner.next()? {
            Some(piece) => {
                if self.is_shown_at_once && !piece.is_empty() {
                    encoder.add(&piece, &mut out)?;
                } else {
                    encoder.write(&piece, &mut out)?;
                }
                self.encoder = Some(encoder);
            }
            None => {
                encoder.end(&mut out)?;
                self.coding = None;
            }
        }
        out.shrink_to_fit();
        Ok(Some(out.into()))
    }

    fn turns(&self) -> Option<&std::sync::Arc<Semaphore>> {
        self.inner.turns()
    }
}
