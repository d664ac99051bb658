//! HTTP bodies as they pass through the edge: streamed, never held in full.

use bytes::Bytes;
use futures_util::TryStreamExt;
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

const CHUNK_BYTES: usize = 64 << 10;

pub(crate) fn empty_body() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

pub(crate) fn text_body(text: String) -> Body {
    Full::from(text)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A body that streams everything `reader` yields.
pub(crate) fn reader_body(reader: impl AsyncRead + Send + 'static) -> Body {
    StreamBody::new(
        ReaderStream::with_capacity(reader, CHUNK_BYTES)
            .map_ok(Frame::data)
            .map_err(BodyError::from),
    )
    .boxed_unsync()
}
