//! The memory that image-webp takes (RFC 9649, section 2).

use super::lossless;

/// The size that the Huffman codes are assumed to have until they have been read.
const CODES_GUESS: u64 = 16 * 1024 * 1024;

/// Half bytes per pixel of a lossy frame: its colours have a quarter of the pixels.
const LOSSY_HALVES: u64 = 3;

/// Bytes per pixel of a lossless frame: four channels, and less than one for its tables.
const LOSSLESS: u64 = 5;

/// A chunk of a RIFF file. Its content is cut off where the file ends.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    kind: [u8; 4],
    content: &'a [u8],
    /// Whether all of it is there.
    is_whole: bool,
    next: usize,
}

/// The chunks of a file that the decoder looks at. It uses the first one of each kind.
#[derive(Default)]
struct Chunks<'a> {
    lossy: Option<Chunk<'a>>,
    lossless: Option<Chunk<'a>>,
    alpha: Option<Chunk<'a>>,
    frame: Option<Chunk<'a>>,
    exif: Option<Chunk<'a>>,
    profile: Option<Chunk<'a>>,
}

/// The most bytes that decoding can take, or an estimate if the data isn't `complete`.
pub fn bytes(webp: &[u8], complete: bool) -> Option<u64> {
    let first = chunk(webp, 12)?;
    // The decoder copies the compressed data of a lossy frame.
    let copies = 4 * first.content.len() as u64;
    match &first.kind {
        b"VP8 " => {
            let (width, height) = lossy_size(first.content)?;
            Some(3 * width * height + lossy(width, height) + copies)
        }
        b"VP8L" => {
            let (width, height) = lossless::size(first.content)?;
            let codes = codes(lossless::code_bytes(first.content), complete)?;
            Some(width * height * (4 + LOSSLESS) + codes)
        }
        b"VP8X" => extended(webp, first.content, complete),
        _ => None,
    }
}

/// The EXIF data of a picture.
pub fn exif(webp: &[u8]) -> Option<&[u8]> {
    let first = chunk(webp, 12)?;
    if first.kind != *b"VP8X" {
        return None;
    }
    let exif = chunks(webp, first.next).exif?;
    exif.is_whole.then_some(exif.content)
}

/// The colour profile of a picture.
pub fn profile(webp: &[u8]) -> Option<&[u8]> {
    let first = chunk(webp, 12)?;
    if first.kind != *b"VP8X" {
        return None;
    }
    let profile = chunks(webp, first.next).profile?;
    profile.is_whole.then_some(profile.content)
}

/// Whether a picture moves.
pub fn is_animated(webp: &[u8]) -> bool {
    let flags = chunk(webp, 12).filter(|first| first.kind == *b"VP8X");
    flags.is_some_and(|first| first.content.first().is_some_and(|flags| flags & 2 != 0))
}

/// The bytes for a picture with an alpha channel, metadata, or an animation.
fn extended(webp: &[u8], header: &[u8], complete: bool) -> Option<u64> {
    let flags = *header.first()?;
    let (has_alpha, is_animated) = (flags & 0x10 != 0, flags & 2 != 0);
    let (width, height) = (le24(header, 4)? + 1, le24(header, 7)? + 1);
    let pixels = width * height;
    let copies = 4 * webp.len() as u64;
    let chunks = chunks(webp, 30);
    if is_animated {
        let Some(frame) = chunks.frame else {
            return guess(12 * pixels, complete);
        };
        let codes = frame_codes(frame.content, pixels, complete)?;
        // The canvas, a copy of it, and a frame with its alpha channel.
        return Some(12 * pixels + lossy(width, height) + copies + codes);
    }
    if chunks.frame.is_some() {
        return None;
    }
    if let Some(lossless) = chunks.lossless {
        let codes = codes(lossless::code_bytes(lossless.content), complete)?;
        return Some(pixels * (4 + LOSSLESS) + codes);
    }
    let Some(frame) = chunks.lossy else {
        return guess((4 + LOSSLESS) * pixels, complete);
    };
    // The decoder trusts the frame before it compares the sizes.
    if lossy_size(frame.content)? != (width, height) {
        return None;
    }
    let lossy = lossy(width, height) + copies;
    if !has_alpha {
        return Some(3 * pixels + lossy);
    }
    let Some(alpha) = chunks.alpha else {
        return guess(12 * pixels, complete);
    };
    // Four channels, one of which is kept.
    let codes = alpha_codes(alpha.content, width, height, complete)?;
    Some(4 * pixels + lossy + (LOSSLESS + 1) * pixels + codes)
}

/// The bytes of the Huffman codes of a frame of an animation. `None` if it is larger than the
/// canvas.
fn frame_codes(frame: &[u8], canvas: u64, complete: bool) -> Option<u64> {
    let (width, height) = (le24(frame, 6)? + 1, le24(frame, 9)? + 1);
    if width * height > canvas {
        return None;
    }
    let mut part = chunk(frame, 16)?;
    let mut codes_bytes = 0;
    if part.kind == *b"VP8L" {
        return codes(lossless::code_bytes(part.content), complete);
    }
    if part.kind == *b"ALPH" {
        codes_bytes = alpha_codes(part.content, width, height, complete)?;
        match chunk(frame, part.next) {
            // The decoder doesn't look at the kind.
            Some(next) => part = next,
            None => return guess(codes_bytes, complete),
        }
    }
    (lossy_size(part.content)? == (width, height)).then_some(codes_bytes)
}

/// The bytes of the Huffman codes of an alpha channel.
fn alpha_codes(alpha: &[u8], width: u64, height: u64, complete: bool) -> Option<u64> {
    if alpha.first()? & 3 == 0 {
        return Some(0);
    }
    let size = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
    codes(lossless::alpha_code_bytes(&alpha[1..], size), complete)
}

/// The bytes of a lossy frame, in macroblocks of 16 by 16 pixels.
fn lossy(width: u64, height: u64) -> u64 {
    width.next_multiple_of(16) * height.next_multiple_of(16) * LOSSY_HALVES / 2
}

fn codes(exact: Option<u64>, complete: bool) -> Option<u64> {
    if complete {
        exact
    } else {
        Some(exact.unwrap_or(CODES_GUESS))
    }
}

fn guess(bytes: u64, complete: bool) -> Option<u64> {
    (!complete).then_some(bytes + CODES_GUESS)
}

/// The size of a lossy frame (RFC 6386, section 9.1).
fn lossy_size(frame: &[u8]) -> Option<(u64, u64)> {
    let side = |at: usize| {
        let bytes = frame.get(at..at + 2)?;
        Some(u64::from(u16::from_le_bytes([bytes[0], bytes[1]]) & 0x3fff))
    };
    Some((side(6)?, side(8)?))
}

fn chunks(webp: &[u8], mut at: usize) -> Chunks<'_> {
    let mut chunks = Chunks::default();
    while let Some(chunk) = chunk(webp, at) {
        at = chunk.next;
        let first = match &chunk.kind {
            b"VP8 " => &mut chunks.lossy,
            b"VP8L" => &mut chunks.lossless,
            b"ALPH" => &mut chunks.alpha,
            b"ANMF" => &mut chunks.frame,
            b"EXIF" => &mut chunks.exif,
            b"ICCP" => &mut chunks.profile,
            _ => continue,
        };
        first.get_or_insert(chunk);
    }
    chunks
}

fn chunk(riff: &[u8], at: usize) -> Option<Chunk<'_>> {
    let kind = riff.get(at..at.checked_add(4)?)?.try_into().ok()?;
    let length = u32::from_le_bytes(riff.get(at + 4..at + 8)?.try_into().ok()?) as usize;
    let end = (at + 8).checked_add(length)?;
    Some(Chunk {
        kind,
        content: riff.get(at + 8..end.min(riff.len()))?,
        is_whole: end <= riff.len(),
        next: end.checked_add(length & 1)?,
    })
}

fn le24(data: &[u8], at: usize) -> Option<u64> {
    let bytes = data.get(at..at + 3)?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]).into())
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, codecs::webp::WebPEncoder};

    use super::*;

    fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut webp = b"RIFF\0\0\0\0WEBP".to_vec();
        for (kind, content) in chunks {
            webp.extend(*kind);
            webp.extend((content.len() as u32).to_le_bytes());
            webp.extend(*content);
            webp.extend(vec![0; content.len() & 1]);
        }
        webp
    }

    fn frame(width: u16, height: u16) -> Vec<u8> {
        let mut frame = vec![0, 0, 0, 0x9d, 0x01, 0x2a];
        frame.extend(width.to_le_bytes());
        frame.extend(height.to_le_bytes());
        frame
    }

    /// Header of a picture of 100 by 200 pixels.
    fn header(flags: u8) -> [u8; 10] {
        [flags, 0, 0, 0, 99, 0, 0, 199, 0, 0]
    }

    #[test]
    fn a_lossless_picture_counts_with_its_codes() {
        let mut webp = Vec::new();
        WebPEncoder::new_lossless(&mut webp)
            .encode(&vec![9; 100 * 200 * 4], 100, 200, ExtendedColorType::Rgba8)
            .unwrap();
        let pixels = 100 * 200 * 9;
        let exact = bytes(&webp, true).unwrap();
        assert!((pixels..pixels + 100_000).contains(&exact), "{exact}");
        assert_eq!(bytes(&webp[..26], true), None);
        assert_eq!(bytes(&webp[..26], false), Some(pixels + CODES_GUESS));
    }

    #[test]
    fn a_frame_must_be_as_large_as_it_says() {
        let whole = frame(100, 200);
        let large = frame(16383, 16383);
        let plain = bytes(&riff(&[(b"VP8X", &header(0)), (b"VP8 ", &whole)]), true).unwrap();
        assert!((100 * 200 * 9 / 2..200_000).contains(&plain));
        assert_eq!(
            bytes(&riff(&[(b"VP8X", &header(0)), (b"VP8 ", &large)]), true),
            None
        );
        let animated = |frame: &[u8], kind| {
            let mut anmf = b"\0\0\0\0\0\0\x63\0\0\xc7\0\0\0\0\0\0".to_vec();
            anmf.extend(&riff(&[(b"ALPH", b"\0\0"), (kind, frame)])[12..]);
            bytes(&riff(&[(b"VP8X", &header(2)), (b"ANMF", &anmf)]), true)
        };
        assert!(animated(&whole, b"VP8 ").unwrap() > 100 * 200 * 12);
        assert_eq!(animated(&large, b"VP8 "), None);
        assert_eq!(animated(&large, b"ODD "), None);
    }

    #[test]
    fn exif_data_is_found_if_it_is_all_there() {
        let webp = riff(&[(b"VP8X", &header(8)), (b"EXIF", b"abc")]);
        assert_eq!(exif(&webp), Some(&b"abc"[..]));
        assert_eq!(exif(&webp[..webp.len() - 2]), None);
    }
}
