//! Answers with a file that is compressed on its way out, or that was compressed for somebody before.

use std::{
    fs::File,
    io,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::{HttpResponse, HttpResponseBuilder, body::BoxBody, http::header::CONTENT_ENCODING};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::server::{
    blocking::blocking,
    copies::{CopyKey, Recording},
    folder::FileStamp,
    http::{
        Request,
        compress::{Coding, Compressed, WHOLE_BYTES},
        encoder::{Effort, Encoder},
        encoding::Encoding,
    },
    transport::{ChunkSource, HeadBody, Piece, PiecesBody, StreamBody, read_at, read_now},
};

/// How much of a file is read and compressed at a time.
const CHUNK_BYTES: u64 = 96 * 1024;

/// Up to this length, a copy is sent in one write with the head of its response.
const SMALL_BYTES: u64 = 16 * 1024;

/// Up to this size, a file that is asked for again is compressed again, with all effort. That takes
/// up to three seconds and 40 MB.
const MOST_EFFORT_BYTES: u64 = 1024 * 1024;

/// A file to compress.
pub struct Plain<'a> {
    /// Distinguishes it from files in other folders.
    pub place: &'a [u8],
    pub file: File,
    pub stamp: FileStamp,
    /// The first bytes of it, as many as were read already.
    pub start: Bytes,
}

/// What distinguishes the copy of a file from all others; `None` if it isn't kept, because the file may change
/// without a trace.
fn key(place: &[u8], stamp: &FileStamp, encoding: Encoding) -> Option<CopyKey> {
    let version = stamp.version()?;
    let mut hash = Sha256::new();
    hash.update(version.to_be_bytes());
    hash.update(stamp.size.to_be_bytes());
    hash.update([encoding as u8]);
    hash.update(place);
    hash.finalize()[..16].try_into().ok()
}

/// Whether there is a copy of the file at this place.
pub fn is_kept(request: &Request<'_>, place: &[u8], stamp: &FileStamp, encoding: Encoding) -> bool {
    let key = key(place, stamp, encoding);
    key.is_some_and(|key| request.copies.get(&key).is_some())
}

/// Answers with a file.
///
/// # Errors
/// Those of reading the file.
pub async fn respond(
    plain: Plain<'_>,
    coding: Coding,
    mut response: HttpResponseBuilder,
    request: &Request<'_>,
) -> io::Result<HttpResponse> {
    let (size, encoding) = (plain.stamp.size, coding.encoding);
    response.insert_header((CONTENT_ENCODING, encoding.name()));
    let key = key(plain.place, &plain.stamp, encoding);
    if let Some(key) = key
        && let Some(copy) = request.copies.get(&key)
    {
        if !copy.is_smallest && !request.delivery.is_head {
            let Plain { file, stamp, .. } = plain;
            make_smaller(file, stamp, encoding, request.copies.begin(key));
        }
        return Ok(send(&copy.file, &copy.parts, response, request));
    }
    let recording = key.map(|key| request.copies.begin(key));
    if size > WHOLE_BYTES {
        let chunks = FileChunks::new(Arc::new(plain.file), size);
        let source = Recorded {
            file: Arc::clone(&chunks.file),
            inner: Compressed::file(chunks, Some(size), coding),
            recording,
            stamp: plain.stamp,
        };
        return Ok(StreamBody::new(source).respond(response, &request.delivery));
    }
    let Plain {
        file, stamp, start, ..
    } = plain;
    let is_read = start.len() as u64 == size;
    let file = Arc::new(file);
    let content = if is_read {
        start
    } else {
        let mut chunks = FileChunks::new(Arc::clone(&file), size);
        blocking(move || chunks.read(size)).await?
    };
    let body = coding
        .whole(content, move |body| {
            if let Some(mut recording) = recording {
                recording.add(body);
                keep(recording, &file, &stamp, size > MOST_EFFORT_BYTES);
            }
        })
        .await?;
    Ok(if request.delivery.is_head {
        response.body(HeadBody(body.len() as u64))
    } else {
        response.body(body)
    })
}

/// Sends parts of a file with something that is compressed.
pub fn send(
    file: &Arc<File>,
    parts: &[Range<u64>],
    mut response: HttpResponseBuilder,
    request: &Request<'_>,
) -> HttpResponse {
    let length = parts.iter().map(|part| part.end - part.start).sum();
    if request.delivery.is_head {
        return response.body(HeadBody(length));
    }
    if let [part] = parts
        && length <= SMALL_BYTES
    {
        // At most SMALL_BYTES.
        let mut body = vec![0; length as usize];
        if read_now(file, part.start, &mut body) {
            return response.body(body);
        }
    }
    let pieces = parts
        .iter()
        .map(|part| Piece::File(Arc::clone(file), part.clone()));
    let body = PiecesBody::new(request.delivery.outbox.clone(), pieces);
    response.no_chunking(length);
    response.body(BoxBody::new(body))
}

/// Keeps what was made of a file, unless the file has changed meanwhile.
fn keep(recording: Recording, file: &File, stamp: &FileStamp, is_smallest: bool) {
    if FileStamp::of_file(file).is_ok_and(|now| now == *stamp) {
        recording.keep(is_smallest);
    }
}

/// Makes a smaller copy while nobody waits for it, unless another one is being made.
fn make_smaller(file: File, stamp: FileStamp, encoding: Encoding, recording: Recording) {
    static IS_BUSY: AtomicBool = AtomicBool::new(false);
    if stamp.size > MOST_EFFORT_BYTES || IS_BUSY.swap(true, Ordering::Relaxed) {
        return;
    }
    let work = move || {
        // What can't be made smaller is kept as it is.
        let _ = smaller(file, &stamp, encoding, recording);
        IS_BUSY.store(false, Ordering::Relaxed);
    };
    let thread = std::thread::Builder::new().name("smaller".to_owned());
    if thread.spawn(work).is_err() {
        IS_BUSY.store(false, Ordering::Relaxed);
    }
}

fn smaller(
    file: File,
    stamp: &FileStamp,
    encoding: Encoding,
    mut recording: Recording,
) -> io::Result<()> {
    let file = Arc::new(file);
    let mut chunks = FileChunks::new(Arc::clone(&file), stamp.size);
    let mut encoder = Encoder::new(encoding, Effort::Most, Some(stamp.size))?;
    let mut out = Vec::new();
    while let Some(chunk) = chunks.next()? {
        if recording.is_unwanted() {
            return Ok(());
        }
        encoder.write(&chunk, &mut out)?;
    }
    encoder.end(&mut out)?;
    recording.add(&out);
    keep(recording, &file, stamp, true);
    Ok(())
}

/// Keeps what a source makes of a file.
struct Recorded<S> {
    inner: S,
    recording: Option<Recording>,
    file: Arc<File>,
    stamp: FileStamp,
}

impl<S: ChunkSource> ChunkSource for Recorded<S> {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let chunk = self.inner.next()?;
        match (&chunk, &mut self.recording) {
            (Some(chunk), Some(recording)) => recording.add(chunk),
            (None, recording) => {
                if let Some(recording) = recording.take() {
                    let is_smallest = self.stamp.size > MOST_EFFORT_BYTES;
                    keep(recording, &self.file, &self.stamp, is_smallest);
                }
            }
            (Some(_), None) => {}
        }
        Ok(chunk)
    }
}

/// The start of a file in chunks.
struct FileChunks {
    file: Arc<File>,
    offset: u64,
    size: u64,
}

impl FileChunks {
    /// The first `size` bytes of a file.
    fn new(file: Arc<File>, size: u64) -> Self {
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
