//! Answers with a file that is compressed on its way out.

use std::{fs::File, io};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::CONTENT_ENCODING,
};
use bytes::Bytes;

use crate::server::{
    blocking::blocking,
    http::{
        Request,
        compress::{Coding, Compressed, WHOLE_BYTES},
    },
    transport::{ChunkSource, HeadBody, StreamBody, read_at},
};

/// How much of a file is read and compressed at a time.
const CHUNK_BYTES: u64 = 96 * 1024;

/// Answers with a file of this size, which begins with `start`.
///
/// # Errors
/// Those of reading the file.
pub async fn respond(
    file: File,
    start: Bytes,
    size: u64,
    coding: Coding,
    mut response: HttpResponseBuilder,
    request: &Request<'_>,
) -> io::Result<HttpResponse> {
    response.insert_header((CONTENT_ENCODING, coding.encoding.name()));
    if size > WHOLE_BYTES {
        let source = Compressed::new(FileChunks::new(file, size), coding, Some(size));
        return Ok(StreamBody::new(source).respond(response, &request.delivery));
    }
    let content = if start.len() as u64 == size {
        start
    } else {
        blocking(move || FileChunks::new(file, size).read(size)).await?
    };
    let body = coding.whole(content).await?;
    if request.delivery.is_head {
        return Ok(response.body(HeadBody(body.len() as u64)));
    }
    Ok(response.body(body))
}

/// The start of a file in chunks.
struct FileChunks {
    file: File,
    offset: u64,
    size: u64,
}

impl FileChunks {
    /// The first `size` bytes of a file.
    fn new(file: File, size: u64) -> Self {
        let offset = 0;
        Self { file, offset, size }
    }

    fn read(&mut self, length: u64) -> io::Result<Bytes> {
        // At most WHOLE_BYTES.
        let mut chunk = vec![0; length as usize];
        let read = read_at(&self.file, self.offset, &mut chunk)?;
        if read < chunk.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset += length;
        Ok(chunk.into())
    }
}

impl ChunkSource for FileChunks {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let length = (self.size - self.offset).min(CHUNK_BYTES);
        let chunk = self.read(length)?;
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}
