//! Compressing text on the way out: the Content-Encoding header.

use std::fs::File;
use std::io::{self, Write};

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::media_type::MediaType;
use super::transport::{Source, read_at};

/// Below, the headers would be most of it.
const MIN_BYTES: u64 = 1024;

/// Above, being able to resume is worth more than being smaller.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

const CHUNK_BYTES: usize = 64 * 1024;

/// Whether a file of this type and size is compressed for those who accept it.
pub fn is_worth_it(media_type: &MediaType, size: u64) -> bool {
    media_type.is_text() && (MIN_BYTES..=MAX_BYTES).contains(&size)
}

/// Whether a visitor accepts gzip (RFC 9110, section 12.5.3).
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

/// A file, compressed as it is read.
pub struct Gzip {
    file: File,
    offset: u64,
    size: u64,
    /// `None` at the end.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl Gzip {
    /// Compresses the first `size` bytes of a file.
    pub fn new(file: File, size: u64) -> Gzip {
        // Level 4 of 9 is where more effort stops to pay for text that is made on the fly.
        let encoder = GzEncoder::new(Vec::with_capacity(CHUNK_BYTES), Compression::new(4));
        Gzip {
            file,
            offset: 0,
            size,
            encoder: Some(encoder),
        }
    }
}

impl Source for Gzip {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(mut encoder) = self.encoder.take() else {
            return Ok(None);
        };
        let mut chunk = vec![0; CHUNK_BYTES];
        while self.offset < self.size {
            // At most CHUNK_BYTES.
            let length = (self.size - self.offset).min(CHUNK_BYTES as u64) as usize;
            let read = read_at(&self.file, self.offset, &mut chunk[..length])?;
            if read < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            encoder.write_all(&chunk[..read])?;
            self.offset += read as u64;
            if encoder.get_ref().len() >= CHUNK_BYTES {
                let compressed = std::mem::take(encoder.get_mut());
                self.encoder = Some(encoder);
                return Ok(Some(compressed.into()));
            }
        }
        let compressed = encoder.finish()?;
        Ok((!compressed.is_empty()).then(|| compressed.into()))
    }
}

/// What another source makes, compressed piece by piece: each can be read as soon as it is there.
pub struct Pieces<S> {
    inner: S,
    /// `None` at the end.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl<S: Source> Pieces<S> {
    /// Compresses the pieces of `inner`.
    pub fn new(inner: S) -> Pieces<S> {
        let encoder = GzEncoder::new(Vec::new(), Compression::new(4));
        Pieces {
            inner,
            encoder: Some(encoder),
        }
    }
}

impl<S: Source> Source for Pieces<S> {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let Some(mut encoder) = self.encoder.take() else {
            return Ok(None);
        };
        let Some(piece) = self.inner.next()? else {
            return Ok(Some(encoder.finish()?.into()));
        };
        encoder.write_all(&piece)?;
        encoder.flush()?;
        let compressed = std::mem::take(encoder.get_mut());
        self.encoder = Some(encoder);
        Ok(Some(compressed.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn gzip_is_used_only_where_it_is_accepted() {
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
