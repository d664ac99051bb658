//! Compressing text on the way out: the Content-Encoding header.
//!
//! Each chunk is compressed separately, and all of them together are one gzip stream. That costs a
//! few bytes, but the compressor's 300 KB are needed only while a chunk is made, not for as long as a
//! slow visitor takes to receive it.

use std::{fs::File, io};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, VARY},
};
use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

use super::{media_type::MediaType, request::Request};
use crate::server::transport::{ChunkSource, StreamBody, read_at};

/// Smaller responses consist mostly of headers.
const SHORT_BYTES: u64 = 1024;

/// For larger files, resuming matters more than size.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// How much of a file is read and compressed at a time.
const CHUNK_BYTES: u64 = 96 * 1024;

/// Whether a file of this type and size is compressed for clients that accept it.
pub fn is_worth_it(media_type: &MediaType, size: u64) -> bool {
    media_type.is_text() && size > SHORT_BYTES && size <= MAX_BYTES
}

/// Whether a client accepts gzip (RFC 9110, section 12.5.3).
pub fn is_accepted(headers: &HeaderMap) -> bool {
    let mut any = None;
    for line in headers.get_all(ACCEPT_ENCODING) {
        let Ok(line) = line.to_str() else { continue };
        for element in line.split(',') {
            let mut parts = element.split(';').map(str::trim);
            let coding = parts.next().unwrap_or_default();
            let is_refused = parts.any(|weight| {
                let value = weight.strip_prefix("q=").or(weight.strip_prefix("Q="));
                value.is_some_and(|value| value.parse::<f32>() == Ok(0.0))
            });
            if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
                return !is_refused;
            }
            if coding == "*" {
                any = Some(!is_refused);
            }
        }
    }
    any.unwrap_or(false)
}

/// The start of a file in chunks.
pub struct FileChunks {
    file: File,
    offset: u64,
    size: u64,
}

impl FileChunks {
    /// The first `size` bytes of a file.
    pub fn new(file: File, size: u64) -> Self {
        let offset = 0;
        Self { file, offset, size }
    }
}

impl ChunkSource for FileChunks {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        // At most CHUNK_BYTES.
        let length = (self.size - self.offset).min(CHUNK_BYTES) as usize;
        let mut chunk = vec![0; length];
        let read = read_at(&self.file, self.offset, &mut chunk)?;
        if read < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset += read as u64;
        Ok((read > 0).then(|| chunk.into()))
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
    if !request.delivery.is_http10 && is_accepted(request.headers) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        return StreamBody::new(Gzip::new(source)).respond(response, &request.delivery);
    }
    let body = match length {
        Some(length) => StreamBody::sized(source, length),
        None => StreamBody::new(source),
    };
    body.respond(response, &request.delivery)
}

/// Compresses another source chunk by chunk. Clients can decompress each chunk when it arrives.
pub struct Gzip<S> {
    inner: S,
    sum: Crc,
    state: GzipState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GzipState {
    Start,
    Middle,
    End,
}

impl<S: ChunkSource> Gzip<S> {
    /// Compresses the chunks of `inner`.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            sum: Crc::new(),
            state: GzipState::Start,
        }
    }
}

impl<S: ChunkSource> ChunkSource for Gzip<S> {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        // RFC 1952: deflate, no name or time, unknown system.
        const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        // RFC 1951: an empty last block.
        const LAST_BLOCK: [u8; 2] = [3, 0];
        let mut out = match self.state {
            GzipState::Start => HEAD.to_vec(),
            GzipState::Middle => Vec::new(),
            GzipState::End => return Ok(None),
        };
        if let Some(piece) = self.inner.next()? {
            self.state = GzipState::Middle;
            self.sum.update(&piece);
            deflate(&piece, &mut out)?;
        } else {
            self.state = GzipState::End;
            out.extend_from_slice(&LAST_BLOCK);
            out.extend_from_slice(&self.sum.sum().to_le_bytes());
            out.extend_from_slice(&self.sum.amount().to_le_bytes());
        }
        Ok(Some(out.into()))
    }
}

/// Appends a chunk as blocks that end on a byte boundary and don't refer to earlier chunks.
fn deflate(piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    // Above level 4 of 9, more effort isn't worth it for text that is generated on the fly.
    let mut deflater = Compress::new(Compression::new(4), false);
    out.reserve(piece.len() / 4 + 64);
    loop {
        // The number of bytes read so far, which is at most the length of the chunk.
        let rest = &piece[deflater.total_in() as usize..];
        deflater.compress_vec(rest, out, FlushCompress::Sync)?;
        // If there is room left, everything has been written.
        if out.len() < out.capacity() {
            out.shrink_to_fit();
            return Ok(());
        }
        out.reserve(out.len());
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    /// Yields the given chunks.
    struct Given(std::vec::IntoIter<Vec<u8>>);

    impl ChunkSource for Given {
        fn next(&mut self) -> io::Result<Option<Bytes>> {
            Ok(self.0.next().map(Bytes::from))
        }
    }

    fn unzipped(pieces: Vec<Vec<u8>>) -> (Vec<u8>, usize) {
        let mut gzip = Gzip::new(Given(pieces.into_iter()));
        let mut zipped = Vec::new();
        while let Some(piece) = gzip.next().unwrap() {
            assert!(!piece.is_empty());
            zipped.extend_from_slice(&piece);
        }
        let mut plain = Vec::new();
        // Like browsers, this decodes only one member, and checks the checksum.
        let mut decoder = flate2::bufread::GzDecoder::new(&zipped[..]);
        io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
        assert!(decoder.into_inner().is_empty(), "nothing follows");
        (plain, zipped.len())
    }

    #[test]
    fn text_gets_much_smaller() {
        let text = b"some words that repeat, ".repeat(4_000);
        let (plain, zipped) = unzipped(vec![text.clone(), text.clone()]);
        assert!(plain == [&text[..], &text[..]].concat());
        assert!(zipped < text.len() / 50, "{zipped}");
        assert_eq!(unzipped(Vec::new()).0, b"");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

        #[test]
        fn decompressing_gives_back_the_text(
            seeds in proptest::collection::vec((1_usize..120_000, proptest::num::u8::ANY), 0..4),
        ) {
            // Noise, which gets longer when compressed, and runs.
            let piece = |&(length, seed): &(usize, u8)| {
                let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
                let byte = |i: usize| if seed & 1 == 0 { noise(i) } else { seed };
                (1..=length).map(byte).collect::<Vec<u8>>()
            };
            let pieces: Vec<_> = seeds.iter().map(piece).collect();
            let plain = pieces.concat();
            proptest::prop_assert!(unzipped(pieces).0 == plain);
        }
    }

    #[test]
    fn gzip_is_used_only_if_it_is_accepted() {
        for (line, expected) in [
            ("gzip", true),
            ("GZIP", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("identity, *;q=0.1", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(line));
            assert_eq!(is_accepted(&headers), expected, "{line}");
        }
        assert!(!is_accepted(&HeaderMap::new()));
    }
}
