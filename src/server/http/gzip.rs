//! Compresses pieces with gzip (RFC 1952).
//!
//! Each piece is compressed separately, and all of them together are one stream. That costs a few
//! bytes, but the compressor's 300 KB are needed only while a piece is made, not for as long as a
//! slow visitor takes to receive it.

use std::io;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// What is remembered between two pieces.
pub struct Gzip {
    sum: Crc,
    has_begun: bool,
    level: u32,
}

impl Gzip {
    /// With an effort from 1 to 9.
    pub fn new(level: u32) -> Self {
        Self {
            sum: Crc::new(),
            has_begun: false,
            level,
        }
    }

    /// Appends what makes up a piece.
    ///
    /// # Errors
    /// None that are known; the compressor might have some.
    pub fn add(&mut self, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.begin(out);
        self.sum.update(piece);
        if piece.is_empty() {
            return Ok(());
        }
        deflate(self.level, piece, out)
    }

    /// Appends the end.
    pub fn end(mut self, out: &mut Vec<u8>) {
        // RFC 1951: an empty last block.
        const LAST_BLOCK: [u8; 2] = [3, 0];
        self.begin(out);
        out.extend_from_slice(&LAST_BLOCK);
        out.extend_from_slice(&self.sum.sum().to_le_bytes());
        out.extend_from_slice(&self.sum.amount().to_le_bytes());
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        // Deflate, no name or time, unknown system.
        const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        if !self.has_begun {
            self.has_begun = true;
            out.extend_from_slice(&HEAD);
        }
    }
}

/// Appends a piece as blocks that end on a byte boundary and don't refer to earlier pieces.
fn deflate(level: u32, piece: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let mut deflater = Compress::new(Compression::new(level), false);
    out.reserve(piece.len() / 4 + 64);
    loop {
        // The number of bytes read so far, which is at most the length of the piece.
        let rest = &piece[deflater.total_in() as usize..];
        deflater.compress_vec(rest, out, FlushCompress::Sync)?;
        // If there is room left, everything has been written.
        if out.len() < out.capacity() {
            return Ok(());
        }
        out.reserve(out.len());
    }
}
