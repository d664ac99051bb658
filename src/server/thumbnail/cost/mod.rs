//! The memory that decoding a picture takes, estimated from its headers.
//!
//! Each estimate is an upper bound for what the decoder allocates, including the pixels but not the
//! file itself. It must never be too low, because strangers may have made the picture. There is no
//! estimate for a file that is damaged, or built in a way that no encoder uses.
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

use super::{format::Format, tiff};

/// The most bytes that decoding can take; `None` if the picture can't be decoded.
pub fn exact(data: &[u8]) -> Option<u64> {
    bytes(data, true)
}

/// An estimate of this from the start of a file; `None` if the start isn't enough.
pub fn hint(start: &[u8]) -> Option<u64> {
    bytes(start, false)
}

fn bytes(data: &[u8], complete: bool) -> Option<u64> {
    match Format::of(data)? {
        Format::Jpeg => jpeg::bytes(data),
        Format::Png => png::bytes(data),
        Format::Gif => gif::bytes(data),
        Format::WebP => webp::bytes(data, complete),
        Format::Tiff => tiff::bytes(data),
    }
}
