//! The memory that decoding a picture takes, from its headers.
//!
//! Each estimate is an upper bound for what the decoder in use allocates, pixels included. It does
//! not cover the file itself. An estimate must never be below what is really taken: strangers may
//! have made the picture. A file that is damaged, or built in a way that no encoder uses, has none.
//!
//! ```text
//! jpeg      coefficients of progressive pictures, metadata
//! png       rows, transparency
//! gif       the canvas and the first frame
//! webp      canvas, frame, alpha channel
//! lossless  the Huffman codes of a lossless WebP
//! ```

pub mod gif;
pub mod jpeg;
mod lossless;
pub mod png;
pub mod webp;

use super::format::Format;

/// The bytes that decoding takes at most; `None` if the picture can't be decoded.
pub fn exact(data: &[u8]) -> Option<u64> {
    bytes(data, true)
}

/// About as many bytes, from the start of a file; `None` if that doesn't say.
pub fn hint(start: &[u8]) -> Option<u64> {
    bytes(start, false)
}

fn bytes(data: &[u8], complete: bool) -> Option<u64> {
    match Format::of(data)? {
        Format::Jpeg => jpeg::bytes(data),
        Format::Png => png::bytes(data),
        Format::Gif => gif::bytes(data),
        Format::WebP => webp::bytes(data, complete),
    }
}
